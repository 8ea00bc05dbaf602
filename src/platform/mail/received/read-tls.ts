import type { HopTls } from './types.ts';

/** A line's note about TLS: facts; or that nothing was encrypted although there was a handshake. */
export interface TlsNote {
  readonly tls: HopTls;
  readonly nullCipher: boolean;
}

const CIPHER = '([A-Za-z0-9][A-Za-z0-9_+.-]{2,70})';
const VERSION = String.raw`((?:TLS|SSL)[vV_-]?\d(?:[._]\d)?(?:\/SSLv3)?)`;

interface Found {
  readonly version?: string | undefined;
  readonly cipher?: string | undefined;
  readonly bits?: string | undefined;
}

/**
 * The notations of the programs that write Received lines. All patterns are anchored on a literal and bounded, so that
 * each runs in time proportional to the piece it is given.
 */
const NOTATIONS: readonly ((text: string) => Found | null)[] = [
  // Sendmail, Gmail, Exchange, Proofpoint, Mimecast, Haraka, OpenSMTPD: version=TLS1_2, cipher=X bits=256
  (text) => {
    const version = /\bversion[= ](\S{1,30}?)(?=[\s,;)]|$)/i.exec(text)?.[1];
    const cipher = /\bcipher=\(?([^\s,;()]{1,80})/i.exec(text)?.[1];
    const bits = /\bbits=(\d{1,4})/i.exec(text)?.[1];
    return cipher === undefined && (version === undefined || !/^(?:TLS|SSL)/i.test(version))
      ? null
      : { version, cipher, bits };
  },
  // Postfix, Stalwart: using TLSv1.3 with cipher X (256/256 bits)
  (text) =>
    pick(
      new RegExp(
        String.raw`\busing ${VERSION}(?: with cipher ${CIPHER})?(?: \((\d{1,4})(?:\/\d{1,4})? bits)?`,
        'i',
      ),
      text,
    ),
  // Exim: X=TLS1.3:CIPHER:256; (TLS1.2) tls CIPHER; OpenSMTPD: TLSv1.3:CIPHER:256:NO
  (text) => pick(new RegExp(String.raw`\b${VERSION}:${CIPHER}(?::(\d{1,4}))?`, 'i'), text),
  (text) => pick(new RegExp(`^${VERSION}$`, 'i'), text),
  // Courier, wmail: TLS: TLS1.3,128bits,CIPHER
  (text) => {
    const found = new RegExp(String.raw`\b(?:TLS|SSL): ?${VERSION}, ?(\d{1,4})bits, ?${CIPHER}`, 'i').exec(
      text,
    );
    return found === null ? null : { version: found[1], bits: found[2], cipher: found[3] };
  },
  // Cisco ESA: ESMTP/TLS/CIPHER
  (text) => {
    const cipher = new RegExp(String.raw`^[A-Z0-9]{4,12}\/(?:TLS|SSL)\/${CIPHER}`, 'i').exec(text)?.[1];
    return cipher === undefined ? null : { cipher };
  },
  // qmail with TLS, MessageLabs: (CIPHER encrypted) SMTP; with encrypted SMTP
  (text) => {
    const found = new RegExp(String.raw`(?:^|\s)(?:${CIPHER} )?encrypted(?: (?:E?SMTP)|\)?$)`, 'i').exec(
      text,
    );
    return found === null ? null : { cipher: found[1] };
  },
  // Exchange before 2013: with Microsoft SMTP Server (TLS) id 14.3
  (text) => (/^(?:TLS|SSL)$/i.test(text) ? {} : null),
  // McAfee (MX Logic): over TLS secured channel; Mimecast: with STARTTLS
  (text) => (/\bover (?:a )?(?:TLS|SSL)\b|\bwith STARTTLS\b/i.test(text) ? {} : null),
];

function pick(pattern: RegExp, text: string): Found | null {
  const found = pattern.exec(text);
  return found === null ? null : { version: found[1], cipher: found[2], bits: found[3] };
}

/** Reads a note about TLS from the comments of a line and from its words outside of them. */
export function readTls(comments: readonly string[], words: readonly string[]): TlsNote | null {
  const pieces = [...comments, ...words, words.join(' ')].map((text) => text.slice(0, 2_000));
  const found = pieces.flatMap((piece) => NOTATIONS.flatMap((read) => read(piece) ?? []));
  // Exim since 4.94 tells the version in a comment and the cipher outside: (TLS1.3) tls TLS_AES_256_GCM_SHA384
  const loose = /(?:^|\s)tls ([A-Za-z0-9_-]{8,70})/i.exec(words.join(' ').slice(0, 2_000))?.[1];
  if (loose !== undefined) found.push({ cipher: loose });
  if (found.length === 0) return null;
  const cipherText = first(found, ({ cipher }) => cipher);
  if (cipherText !== undefined && /^\(?NONE\b/i.test(cipherText)) return null;
  const bitsText = first(found, ({ bits }) => bits);
  const bits = bitsText === undefined ? null : Number(bitsText);
  return {
    tls: {
      version: versionOf(first(found, ({ version }) => version)),
      cipher: cipherText === undefined || /^(?:OTHER|unknown|TLS|SSL)$/i.test(cipherText) ? null : cipherText,
      // Exim with GnuTLS once wrote octets: nobody used 16-bit keys.
      bits: bits === null || bits < 40 ? null : bits,
      clientCertificate: clientCertificate(comments),
    },
    nullCipher: cipherText !== undefined && /(?:^|[-_])e?NULL(?:[-_]|$)/i.test(cipherText),
  };
}

function first(found: readonly Found[], take: (one: Found) => string | undefined): string | undefined {
  for (const one of found) {
    const value = take(one);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `TLSv1/SSLv3` is what OpenSSL once called every version: it tells none. */
function versionOf(text: string | undefined): string | null {
  if (text === undefined || text.includes('/')) return null;
  // SmarterMail: TLS\Tls12
  const joined = /\\Tls(1)([0-3])$/.exec(text);
  if (joined !== null) return joined[2] === '0' ? 'TLSv1' : `TLSv1.${joined[2]}`;
  const [, kind, major, minor] = /^(TLS|SSL)[vV_-]?(\d)(?:[._](\d))?$/i.exec(text) ?? [];
  if (kind === undefined || major === undefined) return null;
  const base = kind.toUpperCase() === 'TLS' ? 'TLSv' : 'SSLv';
  return minor === undefined || minor === '0' ? `${base}${major}` : `${base}${major}.${minor}`;
}

/** Sendmail's `verify=` (op.me, macro verify), Postfix's words. */
function clientCertificate(comments: readonly string[]): HopTls['clientCertificate'] {
  for (const text of comments) {
    const verify = /\bverify=([A-Z]{2,12})\b/i.exec(text.slice(0, 2_000))?.[1]?.toUpperCase();
    if (verify === 'NOT') return 'not-asked';
    if (verify === 'NO') return 'not-presented';
    if (verify === 'OK') return 'verified';
    if (verify !== undefined) return 'not-verified';
    if (/^No client certificate requested/i.test(text)) return 'not-asked';
    if (/^Client (?:did not present|certificate not present)/i.test(text)) return 'not-presented';
    if (/^Client CN /i.test(text)) return /\(verified OK\)/i.test(text) ? 'verified' : 'not-verified';
  }
  return null;
}

/** Versions that RFC 8996 and RFC 7568 withdrew, and ciphers that are broken or meant to be weak. */
export function isWeak({ version, cipher }: HopTls): boolean {
  if (version !== null && !['TLSv1.2', 'TLSv1.3'].includes(version)) return true;
  return (
    cipher !== null &&
    /(?:^|[-_])(?:RC4|RC2|ARCFOUR|DES|EXP|EXPORT\d*|MD5)(?:[-_]|$)|3DES|DES-CBC3/i.test(cipher)
  );
}
