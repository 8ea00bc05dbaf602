import { type Fragment, type Html, html } from './html.ts';

const WEB_ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]}]+$/;

/** Plain text as it was written, with its web addresses as links that say nothing of where they were followed. */
export function textBody(text: string): Html {
  const parts: Fragment[] = [];
  let at = 0;
  for (const match of text.matchAll(WEB_ADDRESS)) {
    const address = match[0].replace(TRAILING, '');
    parts.push(text.slice(at, match.index));
    parts.push(html`<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${address}</a>`);
    at = match.index + address.length;
  }
  parts.push(text.slice(at));
  return html`<div class="text">${parts}</div>`;
}
