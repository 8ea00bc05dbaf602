import type { BrowserContext, Page } from 'playwright-core';
import type { Api } from './administrator.ts';

/** The link of the newest notice to this address, once it is there and was not seen before. */
export async function noticeLink(api: Api, address: string, seen: readonly string[] = []): Promise<string> {
  const found = await api.mailTo(address, ({ text }) => {
    const link = linkIn(text);
    return link !== null && !seen.includes(link);
  });
  return linkIn(found.text) ?? '';
}

/** The portal address in a notice's text. */
export function linkIn(text: string): string | null {
  return /https?:\/\/[^\s/]+\/m\/[\w-]+/.exec(text)?.[0] ?? null;
}

/** The newest sign-in code for this address that was mailed after `since`. */
export async function newestCode(api: Api, address: string, since: number): Promise<string> {
  const found = await api.mailTo(
    address,
    ({ text, receivedAt }) => codeIn(text) !== null && Date.parse(receivedAt) >= since,
  );
  return codeIn(found.text) ?? '';
}

export function codeIn(text: string): string | null {
  return linkIn(text) === null ? (/^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? null) : null;
}

/** Opens a notice's link and signs in with the mailed code; ends on the message. */
export async function openFromNotice(
  context: BrowserContext,
  api: Api,
  address: string,
  link: string,
  options: { readonly remember?: boolean } = {},
): Promise<Page> {
  const page = await context.newPage();
  await page.goto(link);
  const since = Date.now();
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Six-digit code').fill(await newestCode(api, address, since));
  if (options.remember === true) await page.getByLabel(/Remember this device/).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'Reply' }).waitFor();
  return page;
}
