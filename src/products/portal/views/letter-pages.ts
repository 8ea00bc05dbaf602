import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import { MOST_FILE_OCTETS, MOST_FILES, MOST_TEXT } from '../send-reply.ts';
import { type Correspondent, type LetterProblem, MOST_SUBJECT, type OpenLetter } from '../write-letter.ts';
import { type Fragment, type Html, html } from './html.ts';
import { described, type FieldError, fieldError, moment, type PageFrame, page } from './layout.ts';
import { filesField, replyErrors } from './reply-pages.ts';
import { textBody } from './text-body.ts';
import { laterEntries, replyState } from './thread-entries.ts';

export interface WriteForm {
  readonly token: string;
  readonly people: readonly Correspondent[];
  /** What was chosen and typed before, when the form comes back. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly problem: LetterProblem | 'stale' | null;
  /** True when files had been chosen that the browser does not send again by itself. */
  readonly hadFiles: boolean;
}

/** Writing a new message. */
export function writePage(frame: PageFrame, form: WriteForm): string {
  const { locale } = frame;
  const errors = letterErrors(locale, form);
  const body = html`<form method="post" action="/write" enctype="multipart/form-data" novalidate data-once data-most-octets="${MOST_FILE_OCTETS}" data-most-files="${MOST_FILES}" data-too-large="${say(locale, 'portal.reply.too-large', { size: MOST_FILE_OCTETS / (1024 * 1024) })}" data-too-many="${say(locale, 'portal.reply.too-many-files', { files: MOST_FILES })}">
<input type="hidden" name="token" value="${form.token}">
${recipientField(locale, form, errors)}
<div class="field">
<label for="subject">${say(locale, 'portal.reply.subject')}</label>
${fieldError(errors, 'subject')}
<input id="subject" name="subject" type="text" maxlength="${MOST_SUBJECT}" autocomplete="off" value="${form.subject}"${described(errors, 'subject')}>
</div>
<div class="field">
<label for="text">${say(locale, 'portal.write.text')}</label>
${fieldError(errors, 'text')}
<textarea id="text" name="text" rows="10" maxlength="${MOST_TEXT}"${described(errors, 'text')}>
${form.text}</textarea>
</div>
${filesField(locale, errors)}
<p class="actions"><button class="main">${say(locale, 'portal.write.send')}</button>
<a class="button second" href="/messages">${say(locale, 'portal.reply.cancel')}</a></p>
</form>
<p class="hint">${say(locale, 'portal.write.urgent')}</p>`;
  return page(frame, { title: say(locale, 'portal.write.title'), body, errors, shape: 'reading' });
}

/** One person to write to is said, several are chosen from. */
function recipientField(locale: Locale, form: WriteForm, errors: readonly FieldError[]): Fragment {
  const [only, ...others] = form.people;
  const label = say(locale, 'portal.reply.to');
  if (only !== undefined && others.length === 0)
    return html`<dl class="facts"><div><dt>${label}</dt><dd>${nameOf(only)}</dd></div></dl>
<input type="hidden" name="to" value="${only.item}">`;
  return html`<div class="field">
<label for="to">${label}</label>
${fieldError(errors, 'to')}
<select id="to" name="to"${described(errors, 'to')}>
<option value="">${say(locale, 'portal.write.choose')}</option>
${form.people.map((one) => html`<option value="${one.item}"${one.item === form.to && html` selected`}>${nameOf(one)}${several(form) && ` · ${one.place.profile.name}`}</option>`)}
</select>
</div>`;
}

/** Whether people of several organisations stand in the list: then each says which. */
function several({ people }: WriteForm): boolean {
  return new Set(people.map(({ place }) => place.organisation)).size > 1;
}

function nameOf({ name, address }: Correspondent): string {
  const text = `${address.local}@${address.domain}`;
  return name === null ? text : `${name} <${text}>`;
}

function letterErrors(locale: Locale, form: WriteForm): FieldError[] {
  const again: FieldError[] = form.hadFiles
    ? [{ field: 'files', text: say(locale, 'portal.reply.files-again') }]
    : [];
  switch (form.problem) {
    case 'nobody':
      return [
        { field: form.people.length > 1 ? 'to' : null, text: say(locale, 'portal.write.nobody') },
        ...again,
      ];
    case 'no-subject':
      return [{ field: 'subject', text: say(locale, 'portal.write.no-subject') }, ...again];
    case 'subject-too-long': {
      const text = say(locale, 'portal.write.subject-too-long', { most: MOST_SUBJECT });
      return [{ field: 'subject', text }, ...again];
    }
    default:
      return replyErrors(locale, { problem: form.problem, hadFiles: form.hadFiles });
  }
}

/** Nobody has written yet, or all that was written has expired. */
export function nobodyToWritePage(frame: PageFrame): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.write.empty')}</p>
<p><a class="button second" href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.write.title'), body });
}

/** What somebody wrote, and what was answered. */
export function letterPage(frame: PageFrame, { letter, conversation }: OpenLetter, timeZone: string): string {
  const { locale } = frame;
  const body: Html = html`<dl class="facts">
<div><dt>${say(locale, 'portal.reply.to')}</dt><dd>${letter.letter?.to ?? ''}</dd></div>
<div><dt>${say(locale, 'portal.write.written')}</dt><dd>${moment(locale, letter.at, timeZone, 'minute')} · ${replyState(locale, letter)}</dd></div>
</dl>
<section aria-label="${say(locale, 'portal.message.body')}" class="body">
${textBody(letter.text)}
${letter.files.length > 0 && html`<p class="hint">${say(locale, 'portal.message.reply-files', { names: letter.files.join(', ') })}</p>`}
</section>
${letter.state === 'sent' && html`<p class="hint">${say(locale, 'portal.reply.sent-explain')}</p>`}
${laterEntries(locale, conversation.later, timeZone)}
<p class="screen"><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: letter.letter?.subject ?? '', body, shape: 'reading' });
}
