const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const MAX_OCTETS = 150;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'message/rfc822': '.eml',
  'text/calendar': '.ics',
  'text/csv': '.csv',
  'text/html': '.html',
  'text/plain': '.txt',
};

/** Cuts the name to its bound at a character, keeping a short extension. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_OCTETS) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 16 ? name.slice(dot) : '';
  let kept = '';
  let octets = Buffer.byteLength(extension);
  for (const char of name.slice(0, name.length - extension.length)) {
    octets += Buffer.byteLength(char);
    if (octets > MAX_OCTETS) break;
    kept += char;
  }
  return kept + extension;
}

/**
 * A file name that is safe to offer for download: no path, control or direction character, no leading or trailing
 * dot, no name that systems reserve, at most 150 octets of UTF-8. `index` names it where nothing is left.
 */
export function safeFileName(given: string | null, type: string, index: number): string {
  const flat = (given ?? '')
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '')
    .replace(/[/\\:*?"<>|]+/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (flat === '') return `attachment-${index + 1}${EXTENSIONS[type] ?? '.bin'}`;
  return shorten(RESERVED.test(flat) ? `_${flat}` : flat);
}
