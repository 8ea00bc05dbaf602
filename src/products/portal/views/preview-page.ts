import type { ReadAttachment } from '#platform/mail';
import type { PdfPages } from '#platform/pdf';
import { say } from '../catalogue.ts';
import { PAGES_AT_ONCE, type Preview } from '../preview.ts';
import { type Fragment, html } from './html.ts';
import { type PageFrame, page, sizeText } from './layout.ts';

type File = Pick<ReadAttachment, 'index' | 'name' | 'size'>;

/** One attachment, shown in a frame without rights, with the way to save it beside it. */
export function previewPage(
  frame: PageFrame,
  item: string,
  file: File,
  preview: Exclude<Preview, { kind: 'pdf' }>,
): string {
  const here = addressOf(item, file);
  const shape = preview.kind === 'image' ? 'tall' : 'middling';
  return around(frame, item, file, framed(file, `${here}/content`, shape));
}

const WHY_NOT = {
  busy: 'portal.preview.busy',
  locked: 'portal.preview.locked',
  unreadable: 'portal.preview.unreadable',
} as const;

/** Some pages of a PDF, with the way to those before and after; or why none are shown. */
export function pdfPreviewPage(
  frame: PageFrame,
  item: string,
  file: File,
  counted: PdfPages,
  from: number,
): string {
  const { locale } = frame;
  const here = addressOf(item, file);
  if (counted.kind !== 'pages')
    return around(
      frame,
      item,
      file,
      html`<p>${say(locale, WHY_NOT[counted.kind])}</p>
${counted.kind === 'busy' && html`<p class="actions"><a class="button second" href="${here}/preview?from=${from}">${say(locale, 'portal.preview.again')}</a></p>`}`,
    );
  const { total } = counted;
  const to = Math.min(total, from + PAGES_AT_ONCE - 1);
  const which = say(locale, 'portal.preview.pages', { from: `${from}`, to: `${to}`, total: `${total}` });
  const link = (first: number, words: string) =>
    html`<a class="button second" href="${here}/preview?from=${first}">${words}</a>`;
  const turn =
    total > PAGES_AT_ONCE &&
    html`<p class="hint">${which}</p>
<nav class="actions" aria-label="${which}">
${from > 1 && link(Math.max(1, from - PAGES_AT_ONCE), say(locale, 'portal.preview.earlier'))}
${to < total && link(to + 1, say(locale, 'portal.preview.later'))}</nav>`;
  return around(
    frame,
    item,
    file,
    html`${framed(file, `${here}/content?from=${from}`, 'tall')}
${turn}`,
  );
}

const addressOf = (item: string, file: File): string => `/messages/${item}/attachments/${file.index}`;

const framed = (file: File, source: string, shape: string): Fragment =>
  html`<iframe class="sent ${shape}" src="${source}" title="${file.name}" sandbox="" referrerpolicy="no-referrer"></iframe>`;

function around(frame: PageFrame, item: string, file: File, shown: Fragment): string {
  const { locale } = frame;
  const body = html`${shown}
<p class="actions"><a class="button main" href="${addressOf(item, file)}" download>${say(locale, 'portal.message.download', { name: file.name })}</a>
<a class="button second" href="/messages/${item}">${say(locale, 'portal.reply.back')}</a></p>
<p class="hint">${sizeText(locale, file.size)}</p>`;
  return page(frame, { title: file.name, body, shape: 'reading' });
}
