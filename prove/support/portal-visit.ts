import { WebClient } from './web-client.ts';

/** What a visitor needs of the world: the mail that comes to an address. */
export type VisitorsMail = (subject: RegExp, least: number) => Promise<{ readonly text: string }>;

/** The path of the link in a notice. */
export function linkPathIn(text: string): string {
  const path = /https?:\/\/[^/\s]+(\/m\/[\w-]+)/.exec(text)?.[1];
  if (path === undefined) throw new Error('the notice has no link');
  return path;
}

/** The six digits in the mail of a code. */
export function codeIn(text: string): string {
  const code = /^\s*(\d{3} ?\d{3})\s*$/m.exec(text)?.[1] ?? /\b(\d{6})\b/.exec(text)?.[1];
  if (code === undefined) throw new Error('the mail has no code');
  return code.replace(' ', '');
}

/** Signs in by the link of a notice and the code that is mailed, as a recipient does; ends on the message's page. */
export async function signInByLink(
  portalUrl: string,
  mail: VisitorsMail,
  options: {
    readonly remember?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
    readonly codesBefore?: number;
    /** Where the visitor calls from. */
    readonly localAddress?: string | undefined;
  } = {},
): Promise<WebClient> {
  const browser = new WebClient(portalUrl, options.headers ?? {}, options.localAddress);
  const notice = await mail(/secure message/i, 1);
  await browser.open(linkPathIn(notice.text));
  await browser.press(/^\/m\//, {}, 'code');
  const code = codeIn((await mail(/sign-in code/i, (options.codesBefore ?? 0) + 1)).text);
  const answer = await browser.press('/code', { code, ...(options.remember ? { remember: 'yes' } : {}) });
  if (answer.status !== 200 || !browser.path.startsWith('/messages/'))
    throw new Error(`signing in by link ended with ${answer.status} at ${browser.path}`);
  return browser;
}
