import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import { MOST_FILE_OCTETS, MOST_FILES, MOST_TEXT, type ReplyProblem } from '../send-reply.ts';
import { type Html, html } from './html.ts';
import { described, type FieldError, fieldError, type PageFrame, page } from './layout.ts';

const MEGABYTES = MOST_FILE_OCTETS / (1024 * 1024);

export interface ReplyForm {
  readonly item: string;
  readonly token: string;
  readonly to: string;
  readonly subject: string;
  /** What was typed before, when the form comes back. */
  readonly text: string;
  readonly problem: ReplyProblem | 'stale' | null;
  /** True when files had been chosen that the browser does not send again by itself. */
  readonly hadFiles: boolean;
}

/** Writing an answer. */
export function replyPage(frame: PageFrame, form: ReplyForm): string {
  const { locale } = frame;
  const errors = replyErrors(locale, form);
  const here = `/messages/${form.item}`;
  const body = html`<dl class="facts">
<div><dt>${say(locale, 'portal.reply.to')}</dt><dd>${form.to}</dd></div>
<div><dt>${say(locale, 'portal.reply.subject')}</dt><dd>${form.subject}</dd></div>
</dl>
<form method="post" action="${here}/reply" enctype="multipart/form-data" novalidate data-once data-most-octets="${MOST_FILE_OCTETS}" data-most-files="${MOST_FILES}" data-too-large="${say(locale, 'portal.reply.too-large', { size: MEGABYTES })}" data-too-many="${say(locale, 'portal.reply.too-many-files', { files: MOST_FILES })}">
<input type="hidden" name="token" value="${form.token}">
<div class="field">
<label for="text">${say(locale, 'portal.reply.text')}</label>
${fieldError(errors, 'text')}
<textarea id="text" name="text" rows="10" maxlength="${MOST_TEXT}"${described(errors, 'text')}>
${form.text}</textarea>
</div>
${filesField(locale, errors)}
<p class="actions"><button class="main">${say(locale, 'portal.reply.send')}</button>
<a class="button second" href="${here}">${say(locale, 'portal.reply.cancel')}</a></p>
</form>`;
  return page(frame, { title: say(locale, 'portal.reply.title'), body, errors, shape: 'reading' });
}

/** Where attachments are chosen. */
export function filesField(locale: Locale, errors: readonly FieldError[]): Html {
  return html`<div class="field">
<label for="files">${say(locale, 'portal.reply.files')}</label>
<p class="hint" id="files-hint">${say(locale, 'portal.reply.files-hint', { files: MOST_FILES, size: MEGABYTES })}</p>
${fieldError(errors, 'files')}
<input id="files" name="files" type="file" multiple${described(errors, 'files', 'files-hint')}>
</div>`;
}

/** Problems of a draft in words, each with its field. */
export function replyErrors(locale: Locale, form: Pick<ReplyForm, 'problem' | 'hadFiles'>): FieldError[] {
  const errors: FieldError[] = [];
  switch (form.problem) {
    case null:
      break;
    case 'empty':
      errors.push({ field: 'text', text: say(locale, 'portal.reply.empty') });
      break;
    case 'too-long':
      errors.push({ field: 'text', text: say(locale, 'portal.reply.too-long', { most: MOST_TEXT }) });
      break;
    case 'too-many-files':
      errors.push({
        field: 'files',
        text: say(locale, 'portal.reply.too-many-files', { files: MOST_FILES }),
      });
      return errors;
    case 'too-large':
      errors.push({ field: 'files', text: say(locale, 'portal.reply.too-large', { size: MEGABYTES }) });
      return errors;
    case 'too-often':
      errors.push({ field: null, text: say(locale, 'portal.reply.too-often') });
      break;
    case 'refused':
      errors.push({ field: null, text: say(locale, 'portal.reply.refused') });
      break;
    case 'not-possible':
      errors.push({ field: null, text: say(locale, 'portal.reply.not-possible') });
      break;
    case 'stale':
      errors.push({ field: null, text: say(locale, 'portal.form.stale') });
      break;
  }
  if (form.hadFiles) errors.push({ field: 'files', text: say(locale, 'portal.reply.files-again') });
  return errors;
}

/** The answer is on its way. */
export function replySentPage(frame: PageFrame, item: string): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.reply.sent-explain')}</p>
<p class="actions"><a class="button main" href="/messages/${item}">${say(locale, 'portal.reply.back')}</a>
<a class="button second" href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.reply.sent-title'), body });
}
