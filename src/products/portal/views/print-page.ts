import { say } from '../catalogue.ts';
import type { Opened } from '../open-message.ts';
import type { Care } from '../place.ts';
import { html } from './html.ts';
import { moment, type PageFrame, page, sizeText } from './layout.ts';
import { forWhomText, subjectText } from './message-pages.ts';
import { textBody } from './text-body.ts';
import { entryList, senderText } from './thread-entries.ts';

/** Everything of a message that goes onto paper: the plain text, names of attachments, and the conversation unfolded. */
export function printPage(
  frame: PageFrame,
  opened: Extract<Opened, { kind: 'open' }>,
  options: { readonly timeZone: string; readonly care: Care | null; readonly at: Date },
): string {
  const { locale } = frame;
  const { summary, message, conversation } = opened;
  const { timeZone, care } = options;
  const files = message.attachments.filter((file) => !(file.inline && message.html !== null));
  const around = [...conversation.earlier, ...conversation.later];
  const body = html`<p class="screen hint">${say(locale, 'portal.print.explain')}</p>
<p class="actions"><button type="button" class="main" data-print hidden>${say(locale, 'portal.message.print')}</button>
<a class="button second" href="/messages/${opened.item}">${say(locale, 'portal.reply.back')}</a></p>
<dl class="facts">
${care !== null && html`<div><dt>${say(locale, 'portal.care.whose')}</dt><dd>${forWhomText(locale, care)}</dd></div>`}
<div><dt>${say(locale, 'portal.message.from')}</dt><dd>${senderText(summary)}</dd></div>
<div><dt>${say(locale, 'portal.message.received')}</dt><dd>${moment(locale, new Date(summary.sentAt), timeZone, 'minute')}</dd></div>
<div><dt>${say(locale, 'portal.print.at')}</dt><dd>${moment(locale, options.at, timeZone, 'minute')}</dd></div>
</dl>
<section aria-label="${say(locale, 'portal.message.body')}" class="body">
${message.text.trim() === '' ? html`<p class="aside">${say(locale, 'portal.message.empty')}</p>` : textBody(message.text)}
</section>
${
  files.length > 0 &&
  html`<section aria-labelledby="attachments"><h2 id="attachments">${say(locale, 'portal.message.attachments')}</h2>
<ul>${files.map((file) => html`<li>${file.name} <span class="hint">${sizeText(locale, file.size)}</span></li>`)}</ul></section>`
}
${
  around.length > 0 &&
  html`<section aria-labelledby="around"><h2 id="around">${say(locale, 'portal.print.conversation')}</h2>
${entryList(locale, around, timeZone)}</section>`
}`;
  return page(frame, { title: subjectText(locale, summary), body, shape: 'reading' });
}
