import { formsOf, PageBrowser } from './page-browser.ts';
import type { Placed, PortalStage } from './portal.ts';

let count = 0;

/** A recipient who signs in with the link of a notice and the code, each from a network of their own. */
export async function signInBy(stage: PortalStage, placed: Placed): Promise<PageBrowser> {
  count += 1;
  const reader = new PageBrowser(stage.server, { address: `10.3.${count}.1` });
  await reader.get(`/m/${placed.linkToken}`);
  await reader.press(/^\/m\//, {}, 'code');
  const body = stage.notices.at(-1)?.body;
  await reader.press('/code', { code: body?.kind === 'sign-in-code' ? body.code : '' });
  return reader;
}

/** The token of the form that goes to `action` on the page shown. */
export function tokenOf(reader: PageBrowser, action: string): string {
  return formsOf(reader.page).find((form) => form.action === action)?.fields.token ?? '';
}
