import type { Address } from '#core/address';
import { parseAddress } from '#platform/mail';

/** Where a domain wants its reports. */
export type ReportEndpoint =
  | { readonly kind: 'mail'; readonly to: Address }
  | { readonly kind: 'web'; readonly url: string };

/** Endpoints of one record that are looked at; nobody needs more, and a zone must not make us walk for hours. */
const MOST_ENDPOINTS = 4;
const LONGEST_URI = 1_000;
/** RFC 8460 §3: `name=value`, names of 32 characters at most; values without `=`, `;` and white space. */
const EXTENSION = /^[a-z0-9][a-z0-9_.-]{0,31}[ \t]*=[ \t]*[\x21-\x3a\x3c\x3e-\x7e]+$/i;

/**
 * Reads what stands at `_smtp._tls.DOMAIN` (RFC 8460 §3): endpoints in the domain's order. Empty: the domain wants no
 * reports, which is also what none, several or malformed records mean. URIs that nobody here can use are left out: other
 * schemes, mail addresses with header fields or beyond ASCII, web addresses with credentials.
 */
export function readReportingRecord(texts: readonly string[]): readonly ReportEndpoint[] {
  const [text, ...others] = texts.filter((one) => /^v=TLSRPTv1[ \t]*;/.test(one));
  if (text === undefined || others.length > 0) return [];
  const [, rua, ...extensions] = text.split(';').map((field) => field.trim());
  if (extensions.at(-1) === '') extensions.pop();
  if (!extensions.every((field) => EXTENSION.test(field))) return [];
  const list = /^rua[ \t]*=[ \t]*(\S.*)$/.exec(rua ?? '')?.[1];
  const uris = (list ?? '').split(',', MOST_ENDPOINTS).map((uri) => uri.trim());
  return uris.flatMap((uri) => endpointOf(uri) ?? []);
}

function endpointOf(uri: string): ReportEndpoint | null {
  // §3: "," "!" and ";" stand encoded; white space, quotes and what is not ASCII are no part of any URI (RFC 3986 §2).
  if (uri.length > LONGEST_URI || !/^[\x21-\x7e]+$/.test(uri) || /[!"<>\\^`{|}]/.test(uri)) return null;
  if (/^mailto:/i.test(uri)) return mailEndpoint(uri.slice('mailto:'.length));
  if (!/^https:\/\//i.test(uri) || !URL.canParse(uri)) return null;
  const { username, password, hash, href } = new URL(uri);
  return username === '' && password === '' && hash === '' ? { kind: 'web', url: href } : null;
}

/** RFC 6068 §2, one address and no header fields: a zone must not choose what stands in our mail. */
function mailEndpoint(encoded: string): ReportEndpoint | null {
  if (/[?#]/.test(encoded) || /%(?![0-9a-f]{2})/i.test(encoded)) return null;
  const octets = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const to = /^[\x21-\x7e]+$/.test(octets) ? parseAddress(octets) : null;
  return to === null ? null : { kind: 'mail', to };
}
