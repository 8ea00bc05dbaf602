import type { ReadAttachment } from '#platform/mail';

/**
 * What the frame of a formatted message may do: show. No script, no form, no plug-in, nothing fetched from anywhere;
 * pictures only as `data:` from the message itself. `sandbox` takes the origin away, so that the document cannot reach
 * the portal; links open in a window of their own, at a person's press.
 */
export const FRAME_POLICY = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp']);
/** Inline pictures of one message that are put into the document. */
const MOST_PICTURE_OCTETS = 16 * 1024 * 1024;

/**
 * Elements that reach out in ways the policy does not govern: names looked up and connections opened ahead of time,
 * refresh, another base. Renaming them cannot make another element out of anything, as removing could.
 */
const REACHING_OUT = /<(?=(?:link|meta|base)\b)/gi;

const PREFIX =
  '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><base target="_blank">' +
  '<meta name="viewport" content="width=device-width"><style>html{color-scheme:light;background:#fff;color:#14201f;' +
  'font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}body{margin:12px}img{max-width:100%;height:auto}</style>';

/** The document shown in the frame. Its safety rests on FRAME_POLICY; what is done here comes on top. */
export function frameDocument(html: string, attachments: readonly ReadAttachment[]): string {
  return PREFIX + withPictures(html.replace(REACHING_OUT, '<x-'), attachments);
}

/** Puts the message's own pictures where its text names them by `cid:` (RFC 2392). */
function withPictures(html: string, attachments: readonly ReadAttachment[]): string {
  const pictures = new Map<string, ReadAttachment>();
  let octets = 0;
  for (const attachment of attachments) {
    if (attachment.contentId === null || !PICTURES.has(attachment.type)) continue;
    octets += attachment.size;
    if (octets > MOST_PICTURE_OCTETS) break;
    pictures.set(attachment.contentId, attachment);
  }
  if (pictures.size === 0) return html;
  return html.replace(/\bcid:([^\s"'<>)&]+)/gi, (whole, id: string) => {
    const picture = pictures.get(decodeId(id));
    return picture === undefined ? whole : `data:${picture.type};base64,${picture.open().toString('base64')}`;
  });
}

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // a stray percent sign: taken as it stands
  }
}
