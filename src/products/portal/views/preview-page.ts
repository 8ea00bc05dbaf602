import type { ReadAttachment } from '#platform/mail';
import { say } from '../catalogue.ts';
import type { Preview } from '../preview.ts';
import { html } from './html.ts';
import { type PageFrame, page, sizeText } from './layout.ts';

/** One attachment, shown in a frame without rights, with the way to save it beside it. */
export function previewPage(
  frame: PageFrame,
  item: string,
  file: Pick<ReadAttachment, 'index' | 'name' | 'size'>,
  preview: Preview,
): string {
  const { locale } = frame;
  const here = `/messages/${item}/attachments/${file.index}`;
  const body = html`<iframe class="sent ${preview.kind === 'image' ? 'tall' : 'middling'}" src="${here}/content" title="${file.name}" sandbox="" referrerpolicy="no-referrer"></iframe>
<p class="actions"><a class="button main" href="${here}" download>${say(locale, 'portal.message.download', { name: file.name })}</a>
<a class="button second" href="/messages/${item}">${say(locale, 'portal.reply.back')}</a></p>
<p class="hint">${sizeText(locale, file.size)}</p>`;
  return page(frame, { title: file.name, body, shape: 'reading' });
}
