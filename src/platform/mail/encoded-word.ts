/** Text with a charset that may be unknown or lie: never throws. UTF-8 where the label is useless and the bytes fit. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  const label = charset.trim().toLowerCase();
  try {
    return new TextDecoder(label === 'us-ascii' || label === '' ? 'utf-8' : label).decode(bytes);
  } catch {
    // An unknown label: windows-1252 gives every octet a character.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

// encoded-word of RFC 2047 §2, with the language tag of RFC 2231 §5. The bound keeps matching linear.
const WORD = /=\?([\w.:-]{1,60})(?:\*[\w-]{0,40})?\?([bq])\?([^?\s]{0,998})\?=/gi;

function wordBytes(encoding: string, text: string): Buffer {
  if (encoding === 'b' || encoding === 'B') return Buffer.from(text, 'base64');
  const raw = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(raw, 'latin1');
}

interface Run {
  charset: string;
  bytes: Buffer[];
}

/**
 * Decodes RFC 2047 encoded words in unfolded text. Adjacent words of one charset are joined before decoding, because
 * senders split characters between them; white space between adjacent words disappears (§6.2).
 */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  let out = '';
  let at = 0;
  let run: Run | null = null;
  const flush = (): void => {
    if (run !== null) out += decodeCharset(Buffer.concat(run.bytes), run.charset);
    run = null;
  };
  for (const match of text.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', payload = ''] = match;
    const between = text.slice(at, match.index);
    if (run === null || /[^ \t]/.test(between)) {
      flush();
      out += between;
    }
    const current: Run | null = run;
    const bytes = wordBytes(encoding, payload);
    if (current !== null && current.charset === charset.toLowerCase()) current.bytes.push(bytes);
    else {
      flush();
      run = { charset: charset.toLowerCase(), bytes: [bytes] };
    }
    at = match.index + whole.length;
  }
  flush();
  return out + text.slice(at);
}

/** True where header text can stand as it is: printable ASCII without anything that looks like an encoded word. */
export function isPlainHeaderText(text: string): boolean {
  return /^[ -~]*$/.test(text) && !text.includes('=?');
}

const Q_SAFE = /[A-Za-z0-9!*+/-]/;
/** Octets of UTF-8 for one word: 45 octets are 60 base64 characters, 72 with `=?utf-8?B?…?=` (limit 75, RFC 2047 §2). */
const WORD_OCTETS = 45;

function encodeOne(text: string): string {
  const bytes = Buffer.from(text);
  let q = '';
  for (const octet of bytes) {
    const char = String.fromCharCode(octet);
    q +=
      char === ' ' ? '_' : Q_SAFE.test(char) ? char : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  const b = bytes.toString('base64');
  return q.length <= b.length ? `=?utf-8?Q?${q}?=` : `=?utf-8?B?${b}?=`;
}

/** RFC 2047 encoded words for any well-formed text, separated by spaces; each a whole number of characters. */
export function encodeWords(text: string): string {
  const words: string[] = [];
  let chunk = '';
  let octets = 0;
  for (const char of text.toWellFormed()) {
    const size = Buffer.byteLength(char);
    if (octets + size > WORD_OCTETS) {
      words.push(encodeOne(chunk));
      chunk = '';
      octets = 0;
    }
    chunk += char;
    octets += size;
  }
  if (chunk !== '') words.push(encodeOne(chunk));
  return words.join(' ');
}
