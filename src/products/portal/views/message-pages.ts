import type { OrganisationId } from '#core/ids';
import type { ReadAttachment } from '#platform/mail';
import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { ApartOrganisation } from '../find-places.ts';
import type { ListedMessage, MessagePage } from '../list-messages.ts';
import type { Opened } from '../open-message.ts';
import type { Care, Place } from '../place.ts';
import { previewOf } from '../preview.ts';
import type { CopySummary } from '../summary.ts';
import { type Fragment, type Html, html } from './html.ts';
import { moment, momentText, type PageFrame, page, sizeText } from './layout.ts';
import { textBody } from './text-body.ts';
import { earlierEntries, laterEntries, senderText } from './thread-entries.ts';
import { passkeyInvitationBox } from './ways-page.ts';

export function subjectText(locale: Locale, summary: CopySummary): string {
  return summary.subject.trim() === '' ? say(locale, 'portal.list.no-subject') : summary.subject;
}

export interface ListForms {
  /** Everything that is shown; the filter offers its organisations where there are several. */
  readonly places: readonly Place[];
  /** The one organisation that is shown; null for all. */
  readonly only: OrganisationId | null;
  readonly apart: readonly ApartOrganisation[];
  readonly apartToken: string;
  /** True on any page but the first. */
  readonly older: boolean;
  /** Passwords of PDFs wait for this person. */
  readonly pdfPasswords: boolean;
}

/** All messages of one person, and those of others that they care for. */
export function listPage(frame: PageFrame, messages: MessagePage, forms: ListForms): string {
  const { locale } = frame;
  const organisations = organisationsIn(forms.places);
  const several = organisations.length > 1;
  const table = html`<table class="messages">
<thead><tr>
<th scope="col">${say(locale, 'portal.list.state')}</th>
<th scope="col">${say(locale, 'portal.list.from')}</th>
<th scope="col">${say(locale, 'portal.list.subject')}</th>
<th scope="col">${say(locale, 'portal.list.date')}</th>
<th scope="col">${say(locale, 'portal.list.expires')}</th>
</tr></thead>
<tbody>
${messages.messages.map((message) => row(locale, message, several))}
</tbody>
</table>`;
  const empty = html`<p>${say(locale, 'portal.list.empty')}</p><p class="aside">${say(locale, 'portal.list.empty-explain')}</p>`;
  const here = forms.only === null ? '' : `&from=${forms.only}`;
  const pages = html`<p class="pages">
${forms.older && html`<a href="/messages${here.replace('&', '?')}">${say(locale, 'portal.list.newest')}</a>`}
${messages.next !== null && html`<a href="/messages?before=${messages.next}${here}" rel="next">${say(locale, 'portal.list.older')}</a>`}
</p>`;
  const write = html`<p class="actions"><a class="button second" href="/write">${say(locale, 'portal.write.title')}</a>
<a class="button second" href="/search">${say(locale, 'portal.search.title')}</a>
${forms.pdfPasswords && html`<a class="button second" href="/pdf-passwords">${say(locale, 'portal.pdf-passwords.title')}</a>`}</p>`;
  const filter = several && organisationFilter(locale, organisations, forms.only);
  const body = html`${write}${filter}${messages.messages.length === 0 ? empty : table}${pages}${apartOrganisations(locale, forms)}`;
  return page(frame, { title: say(locale, 'portal.list.title'), body, shape: 'list' });
}

function organisationsIn(places: readonly Place[]): { id: OrganisationId; name: string }[] {
  return [...new Map(places.map(({ organisation, profile }) => [organisation, profile.name]))].map(
    ([id, name]) => ({ id, name }),
  );
}

/** Links, so that it works without a script and each choice has an address to come back to. */
function organisationFilter(
  locale: Locale,
  organisations: readonly { readonly id: OrganisationId; readonly name: string }[],
  only: OrganisationId | null,
): Html {
  const link = (href: string, name: string, here: boolean): Html =>
    html`<li><a href="${href}"${here && html` aria-current="true"`}>${name}</a></li>`;
  return html`<nav class="filter" aria-label="${say(locale, 'portal.list.organisations')}"><ul>
${link('/messages', say(locale, 'portal.list.all-organisations'), only === null)}
${organisations.map(({ id, name }) => link(`/messages?from=${id}`, name, only === id))}
</ul></nav>`;
}

function row(locale: Locale, message: ListedMessage, several: boolean): Html {
  const { summary, state, written, place } = message;
  const { timeZone, name: organisation } = place.profile;
  const ended = say(locale, 'portal.list.ended-subject');
  const known = written?.subject ?? (summary === null ? ended : subjectText(locale, summary));
  const subject = message.guarded === true && known !== ended ? say(locale, 'portal.prove.guarded') : known;
  const from = summary === null ? '–' : (summary.senderName ?? senderText(summary));
  const sender = written === null ? from : say(locale, 'portal.list.to', { name: written.to });
  const href = written === null ? `/messages/${message.item}` : `/written/${message.item}`;
  return html`<tr class="${state}">
<td data-label="${say(locale, 'portal.list.state')}"><span class="state ${state}">${say(locale, `portal.state.${state}`)}</span></td>
<td data-label="${say(locale, 'portal.list.from')}">${sender}${several && html`<span class="hint organisation">${organisation}</span>`}</td>
<th scope="row" data-label="${say(locale, 'portal.list.subject')}"><a href="${href}">${subject}</a>${threadCount(locale, message)}${forWhom(locale, place.care)}</th>
<td data-label="${say(locale, written === null ? 'portal.list.date' : 'portal.write.written')}">${moment(locale, summary === null ? message.placedAt : new Date(summary.sentAt), timeZone, 'short-minute')}</td>
<td data-label="${say(locale, 'portal.list.expires')}">${moment(locale, message.expiresAt, timeZone, 'short-day')}</td>
</tr>`;
}

/** Whose message it is, where it is not the reader's own. */
export function forWhom(locale: Locale, care: Care | null): Fragment {
  return care !== null && html`<span class="hint for-whom">${forWhomText(locale, care)}</span>`;
}

export function forWhomText(locale: Locale, { label, address }: Care): string {
  const name = address === null ? label : `${label} <${address}>`;
  return say(locale, 'portal.care.for', { name });
}

/** How many messages a conversation has, and how many of them are new; nothing for a message alone. */
function threadCount(locale: Locale, { messages, unread }: ListedMessage): Fragment {
  if (messages < 2) return null;
  const count = say(locale, 'portal.list.count', { n: messages });
  const fresh =
    unread > 0 && unread < messages ? `, ${say(locale, 'portal.list.count-new', { n: unread })}` : '';
  return html` <span class="hint">(${count}${fresh})</span>`;
}

function apartOrganisations(locale: Locale, forms: ListForms): Fragment {
  if (forms.apart.length === 0) return null;
  return html`<section class="apart" aria-labelledby="others"><h2 id="others">${say(locale, 'portal.list.others')}</h2>
<p>${say(locale, 'portal.list.others-explain')}</p>
<form method="post" action="/organisation">
<input type="hidden" name="token" value="${forms.apartToken}">
${forms.apart.map((other) => html`<p><button class="second" name="person" value="${other.person}">${say(locale, 'portal.list.switch', { name: other.name })}</button></p>`)}
</form></section>`;
}

type OpenMessage = Extract<Opened, { kind: 'open' }>;

/** One message. Formatted text stands in a frame without rights; the same in plain text is always one press away, and what is printed. */
export function messagePage(
  frame: PageFrame,
  opened: OpenMessage,
  options: {
    readonly timeZone: string;
    readonly asText: boolean;
    readonly care: Care | null;
    readonly mayReply: boolean;
    readonly faster?: boolean;
  },
): string {
  const { locale } = frame;
  const { summary, message } = opened;
  const here = `/messages/${opened.item}`;
  const { earlier, later } = opened.conversation;
  const { timeZone } = options;
  const body = html`${earlierEntries(locale, earlier, timeZone)}
<dl class="facts">
${options.care !== null && html`<div><dt>${say(locale, 'portal.care.whose')}</dt><dd>${forWhomText(locale, options.care)}</dd></div>`}
<div><dt>${say(locale, 'portal.message.from')}</dt><dd>${senderText(summary)}</dd></div>
<div><dt>${say(locale, 'portal.message.received')}</dt><dd>${moment(locale, new Date(summary.sentAt), options.timeZone, 'minute')}</dd></div>
<div><dt>${say(locale, 'portal.message.expires')}</dt><dd>${moment(locale, opened.expiresAt, options.timeZone, 'day')}</dd></div>
</dl>
<section aria-label="${say(locale, 'portal.message.body')}" class="body">
${message.html !== null && !options.asText ? formatted(locale, here, message.text) : plain(locale, here, message.text, message.html !== null)}
</section>
${attachments(locale, here, opened)}
<p class="actions">${options.mayReply && html`<a class="button main" href="${here}/reply">${say(locale, 'portal.message.reply')}</a>`}
<a class="button second" href="${here}/print">${say(locale, 'portal.message.print')}</a></p>
${laterEntries(locale, later, timeZone)}
${options.faster === true && passkeyInvitationBox(locale)}
<p class="screen"><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: subjectText(locale, summary), body, shape: 'reading' });
}

function formatted(locale: Locale, here: string, text: string): Html {
  return html`<iframe class="sent ${frameHeight(text)} screen" src="${here}/body" title="${say(locale, 'portal.message.body-frame')}" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"></iframe>
<p class="hint screen">${say(locale, 'portal.message.pictures')}</p>
<p class="screen"><a href="${here}?view=text">${say(locale, 'portal.message.as-text')}</a> · <a href="${here}/body" target="_blank" rel="noopener noreferrer">${say(locale, 'portal.message.own-page')}</a></p>
<div class="print-only">${textBody(text)}</div>`;
}

/** A frame without rights cannot tell its height, so its text's length guesses it; the reader may drag it larger. */
function frameHeight(text: string): string {
  if (text.length > 1500) return 'tall';
  return text.length > 400 ? 'middling' : 'short';
}

function plain(locale: Locale, here: string, text: string, hasFormatted: boolean): Html {
  return html`${text.trim() === '' ? html`<p class="aside">${say(locale, 'portal.message.empty')}</p>` : textBody(text)}
${hasFormatted && html`<p class="screen"><a href="${here}">${say(locale, 'portal.message.as-sent')}</a></p>`}`;
}

function attachments(locale: Locale, here: string, { message }: OpenMessage): Fragment {
  const shown = message.attachments.filter((attachment) => !(attachment.inline && message.html !== null));
  if (shown.length === 0) return null;
  return html`<section aria-labelledby="attachments"><h2 id="attachments">${say(locale, 'portal.message.attachments')}</h2>
<ul class="files">
${shown.map(
  (
    file,
  ) => html`<li>${viewLink(locale, here, file)}<a href="${here}/attachments/${file.index}" download>${say(locale, 'portal.message.download', { name: file.name })}</a>
<span class="hint">${sizeText(locale, file.size)}</span></li>`,
)}
</ul></section>`;
}

function viewLink(locale: Locale, here: string, file: ReadAttachment): Fragment {
  if (previewOf(file.open()) === null) return null;
  return html`<a href="${here}/attachments/${file.index}/preview">${say(locale, 'portal.message.view', { name: file.name })}</a>`;
}

/** Expired or taken back, in clear words. */
export function endedPage(
  frame: PageFrame,
  ended: { readonly state: 'expired' | 'retracted'; readonly expiresAt: Date },
  timeZone: string,
): string {
  const { locale } = frame;
  const date = momentText(locale, ended.expiresAt, timeZone, 'day');
  const [title, text] =
    ended.state === 'expired'
      ? [say(locale, 'portal.ended.expired-title'), say(locale, 'portal.ended.expired-explain', { date })]
      : [say(locale, 'portal.ended.retracted-title'), say(locale, 'portal.ended.retracted-explain')];
  const body = html`<p>${text}</p><p><a class="button second" href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title, body });
}
