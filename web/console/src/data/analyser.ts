import { client, unwrap } from '../api.ts';

/** The API takes so many characters of a header. */
export const MOST_CHARACTERS = 262_144;

/** The header of a message, or what was pasted of one: the body has no business here and does not leave the browser. */
export function headerOf(text: string): string {
  const start = text.replace(/^\s+/, '');
  const end = /\r?\n[ \t]*\r?\n/.exec(start)?.index ?? start.length;
  return start.slice(0, Math.min(end, MOST_CHARACTERS));
}

export function analyseHeaders(text: string) {
  return unwrap(client.POST('/v1/analyser/headers', { body: { headers: headerOf(text) } }));
}

export function checkDomain(domain: string) {
  return unwrap(client.POST('/v1/analyser/domain', { body: { domain } }));
}
