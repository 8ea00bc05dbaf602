const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  trade: '™',
  euro: '€',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  deg: '°',
  aacute: 'á',
  eacute: 'é',
  iacute: 'í',
  oacute: 'ó',
  uacute: 'ú',
  ntilde: 'ñ',
  uuml: 'ü',
  auml: 'ä',
  ouml: 'ö',
  iexcl: '¡',
  iquest: '¿',
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));/gi, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
    return String.fromCodePoint(code);
  });
}

/** Elements whose content is not text to read. */
const SILENT = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg', 'math']);
const BLOCK = new Set(
  'address article aside blockquote div dl dt dd fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td th tfoot thead tr ul'.split(
    ' ',
  ),
);
const PARAGRAPH = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'table']);

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly end: number;
}

/** The tag at `<` of `at`, or null when it is text. Quoted attribute values may hold `>`. */
function tagAt(html: string, at: number): Tag | null {
  if (html.startsWith('<!--', at)) {
    const end = html.indexOf('-->', at + 4);
    return { name: '!', closing: false, end: end === -1 ? html.length : end + 3 };
  }
  const closing = html[at + 1] === '/';
  const first = at + (closing ? 2 : 1);
  if (!/[a-z!?]/i.test(html[first] ?? '')) return null;
  let end = first;
  let quote = '';
  for (; end < html.length; end += 1) {
    const char = html[end] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '>') break;
    else if ((char === '"' || char === "'") && html[end - 1] === '=') quote = char;
  }
  const name = /^[a-z][a-z0-9]{0,20}/i.exec(html.slice(first, first + 24))?.[0].toLowerCase() ?? '!';
  return { name, closing, end: Math.min(end + 1, html.length) };
}

/**
 * The readable text of HTML: no tags, scripts or styles, entities decoded, blocks on lines of their own. For plain
 * alternatives and excerpts; it is not a sanitiser. Linear in time; at most `limit` characters of HTML are read.
 */
export function plainTextOf(html: string, limit = 2_000_000): string {
  const source = html.length > limit ? html.slice(0, limit) : html;
  let out = '';
  let at = 0;
  const text = (piece: string): void => {
    out += decodeEntities(piece.replace(/[ \t\r\n\f]+/g, ' '));
  };
  while (at < source.length) {
    const open = source.indexOf('<', at);
    if (open === -1) break;
    text(source.slice(at, open));
    const tag = tagAt(source, open);
    if (tag === null) {
      out += '<';
      at = open + 1;
      continue;
    }
    at = tag.end;
    if (!tag.closing && SILENT.has(tag.name)) at = afterSilent(source, tag);
    else if (tag.name === 'br') out += '\n';
    else if (!tag.closing && tag.name === 'li') out += '\n- ';
    else if (PARAGRAPH.has(tag.name)) out += '\n\n';
    else if (BLOCK.has(tag.name)) out += '\n';
  }
  if (at < source.length) text(source.slice(at));
  return out
    .split('\n')
    .map((line) => line.replace(/[ \u00a0]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The index after the end tag of a silent element; the rest of the text when it is never closed. */
function afterSilent(source: string, tag: Tag): number {
  const close = new RegExp(`</${tag.name}[\\s/>]`, 'gi');
  close.lastIndex = tag.end;
  const found = close.exec(source);
  if (found === null) return tag.name === 'head' || tag.name === 'title' ? tag.end : source.length;
  const end = source.indexOf('>', found.index);
  return end === -1 ? source.length : end + 1;
}
