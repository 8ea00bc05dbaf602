import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { ShownPdfPassword } from '../pdf-passwords.ts';
import { type Html, html } from './html.ts';
import { moment, type PageFrame, page } from './layout.ts';

const subjectOf = (locale: Locale, { subject }: ShownPdfPassword): string =>
  subject.trim() === '' ? say(locale, 'portal.list.no-subject') : subject;

/** All PDFs whose password can be read here. */
export function pdfPasswordsPage(
  frame: PageFrame,
  passwords: readonly ShownPdfPassword[],
  timeZone: string,
): string {
  const { locale } = frame;
  const table = html`<table class="messages">
<thead><tr>
<th scope="col">${say(locale, 'portal.list.from')}</th>
<th scope="col">${say(locale, 'portal.list.subject')}</th>
<th scope="col">${say(locale, 'portal.pdf-passwords.sent')}</th>
<th scope="col">${say(locale, 'portal.list.expires')}</th>
</tr></thead>
<tbody>
${passwords.map((one) => row(locale, one, timeZone))}
</tbody>
</table>`;
  const empty = html`<p>${say(locale, 'portal.pdf-passwords.empty')}</p>`;
  const body = html`<p>${say(locale, 'portal.pdf-passwords.explain')}</p>
${passwords.length === 0 ? empty : table}
<p><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.pdf-passwords.title'), body, shape: 'list' });
}

function row(locale: Locale, one: ShownPdfPassword, timeZone: string): Html {
  return html`<tr>
<td data-label="${say(locale, 'portal.list.from')}">${one.sender}</td>
<th scope="row" data-label="${say(locale, 'portal.list.subject')}"><a href="/pdf-passwords/${one.id}">${subjectOf(locale, one)}</a></th>
<td data-label="${say(locale, 'portal.pdf-passwords.sent')}">${moment(locale, one.sentAt, timeZone, 'short-minute')}</td>
<td data-label="${say(locale, 'portal.list.expires')}">${moment(locale, one.expiresAt, timeZone, 'short-day')}</td>
</tr>`;
}

/** One password, large enough to be typed into another program. */
export function pdfPasswordPage(
  frame: PageFrame,
  opened: { readonly about: ShownPdfPassword; readonly password: string },
  timeZone: string,
): string {
  const { locale } = frame;
  const { about, password } = opened;
  const body = html`<p>${say(locale, 'portal.pdf-passwords.opens')}</p>
<p class="password"><strong>${password}</strong></p>
<p class="hint">${say(locale, 'portal.pdf-passwords.typing')}</p>
<dl class="facts">
<div><dt>${say(locale, 'portal.message.from')}</dt><dd>${about.sender}</dd></div>
<div><dt>${say(locale, 'portal.list.subject')}</dt><dd>${subjectOf(locale, about)}</dd></div>
<div><dt>${say(locale, 'portal.pdf-passwords.sent')}</dt><dd>${moment(locale, about.sentAt, timeZone, 'minute')}</dd></div>
<div><dt>${say(locale, 'portal.message.expires')}</dt><dd>${moment(locale, about.expiresAt, timeZone, 'day')}</dd></div>
</dl>
<p class="screen"><a href="/pdf-passwords">${say(locale, 'portal.pdf-passwords.back')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.pdf-passwords.one-title'), body });
}
