import type { ReadAttachment } from '#platform/mail';
import type { RenderedPage } from '#platform/pdf';
import { escapeHtml } from './views/html.ts';

/** What may be shown without being saved. Told by the octets alone: what the sender calls a file is not believed. */
export type Preview =
  | { readonly kind: 'image'; readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' }
  | { readonly kind: 'text' }
  | { readonly kind: 'pdf' };

/** Larger ones are for saving: a frame holds a picture as `data:`, and text on one page. */
const MOST_IMAGE_OCTETS = 16 * 1024 * 1024;
const MOST_TEXT_OCTETS = 1024 * 1024;

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const JPEG = Buffer.from('ffd8ff', 'hex');

/** How a file can be shown; null where it is only to be saved: pages, drawings with scripts, programs, anything unknown. */
export function previewOf(octets: Buffer): Preview | null {
  const type = imageType(octets);
  if (type !== null) return octets.length <= MOST_IMAGE_OCTETS ? { kind: 'image', type } : null;
  if (octets.subarray(0, 5).toString('latin1') === '%PDF-') return { kind: 'pdf' };
  return isPlainText(octets) ? { kind: 'text' } : null;
}

function imageType(octets: Buffer): Extract<Preview, { kind: 'image' }>['type'] | null {
  if (octets.subarray(0, 8).equals(PNG)) return 'image/png';
  if (octets.subarray(0, 3).equals(JPEG)) return 'image/jpeg';
  const start = octets.subarray(0, 12).toString('latin1');
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif';
  return start.startsWith('RIFF') && start.endsWith('WEBP') && start.length === 12 ? 'image/webp' : null;
}

/** UTF-8 without controls, and no markup: HTML, XML and SVG begin with `<`. */
function isPlainText(octets: Buffer): boolean {
  if (octets.length === 0 || octets.length > MOST_TEXT_OCTETS) return false;
  const text = decodeText(octets);
  return text !== null && !/[^\P{Cc}\t\n\r\f]/u.test(text) && !/^\s*</.test(text);
}

function decodeText(octets: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return null; // not UTF-8: it is for saving
  }
}

/** The frame's own rules, whoever opens it: no script, nothing from elsewhere, an origin of its own. */
export const PREVIEW_POLICY = [
  'sandbox',
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Pages of a PDF that one frame shows: some megabytes at most. */
export const PAGES_AT_ONCE = 5;

const STYLE =
  'html{background:#fff;color:#14201f;color-scheme:light;font:16px/1.5 system-ui,sans-serif}body{margin:12px}' +
  'img{display:block;max-width:100%;height:auto;margin:0 auto}pre{margin:0;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}' +
  'figure{margin:0 0 12px;border-bottom:1px solid #c9d3d2}figure div{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}';

/** The document in the frame: a picture as `data:` under the type that its octets have, or text as text. */
export function previewDocument(
  attachment: Pick<ReadAttachment, 'name'>,
  octets: Buffer,
  preview: Exclude<Preview, { kind: 'pdf' }>,
): string {
  const name = escapeHtml(attachment.name);
  return frameDocument(
    name,
    preview.kind === 'image'
      ? picture(name, preview.type, octets)
      : `<pre>${escapeHtml(octets.toString('utf8').replace(/^\uFEFF/, ''))}</pre>`,
  );
}

/** Pages of a PDF as pictures, each with its words for those who do not see it. `title` says which page of how many. */
export function pdfDocument(
  attachment: Pick<ReadAttachment, 'name'>,
  pages: readonly RenderedPage[],
  title: (page: number) => string,
): string {
  const shown = pages.map(
    ({ number, png, text }) =>
      `<figure>${picture(escapeHtml(title(number)), 'image/png', Buffer.from(png))}<div>${escapeHtml(text)}</div></figure>`,
  );
  return frameDocument(escapeHtml(attachment.name), shown.join(''));
}

/** In the place of pages that cannot be made now. */
export function busyDocument(attachment: Pick<ReadAttachment, 'name'>, words: string): string {
  return frameDocument(escapeHtml(attachment.name), `<p>${escapeHtml(words)}</p>`);
}

const picture = (alt: string, type: string, octets: Buffer): string =>
  `<img alt="${alt}" src="data:${type};base64,${octets.toString('base64')}">`;

function frameDocument(title: string, shown: string): string {
  return `<!doctype html><html lang="und"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style>${shown}`;
}
