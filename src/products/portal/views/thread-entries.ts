import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { ThreadEntry, ThreadMessage } from '../conversation.ts';
import type { ShownReply } from '../reply-body.ts';
import type { CopySummary } from '../summary.ts';
import { type Fragment, type Html, html } from './html.ts';
import { moment } from './layout.ts';
import { textBody } from './text-body.ts';

/** `Name <address>`, or the address alone. */
export function senderText(summary: CopySummary): string {
  const address = `${summary.senderAddress.local}@${summary.senderAddress.domain}`;
  return summary.senderName === null ? address : `${summary.senderName} <${address}>`;
}

/** What came before, folded away: the message that was opened stays the one thing on its page. */
export function earlierEntries(locale: Locale, entries: readonly ThreadEntry[], timeZone: string): Fragment {
  if (entries.length === 0) return null;
  return html`<details class="earlier"><summary>${say(locale, 'portal.thread.earlier', { n: entries.length })}</summary>
${entryList(locale, entries, timeZone)}</details>`;
}

/** What followed. */
export function laterEntries(locale: Locale, entries: readonly ThreadEntry[], timeZone: string): Fragment {
  if (entries.length === 0) return null;
  const mine = entries.every(({ kind }) => kind === 'reply');
  return html`<section aria-labelledby="later"><h2 id="later">${say(locale, mine ? 'portal.message.replies' : 'portal.thread.later')}</h2>
${entryList(locale, entries, timeZone)}</section>`;
}

/** Entries, oldest first. */
export function entryList(locale: Locale, entries: readonly ThreadEntry[], timeZone: string): Html {
  return html`<ol class="replies">
${entries.map((entry) => (entry.kind === 'reply' ? replyEntry(locale, entry, timeZone) : messageEntry(locale, entry, timeZone)))}
</ol>`;
}

function replyEntry(locale: Locale, reply: ShownReply, timeZone: string): Html {
  return html`<li id="reply-${reply.id}"><p class="hint"><strong>${say(locale, reply.by === 'you' ? 'portal.thread.you' : 'portal.thread.caregiver')}</strong> · ${moment(locale, reply.at, timeZone, 'minute')} · ${replyState(locale, reply)}</p>
${textBody(reply.text)}
${reply.files.length > 0 && html`<p class="hint">${say(locale, 'portal.message.reply-files', { names: reply.files.join(', ') })}</p>`}</li>`;
}

function messageEntry(locale: Locale, entry: ThreadMessage, timeZone: string): Html {
  const { summary, state } = entry;
  const ended = say(locale, 'portal.list.ended-subject');
  const hidden = entry.guarded === true ? say(locale, 'portal.prove.guarded') : ended;
  const sender = summary === null ? hidden : (summary.senderName ?? senderText(summary));
  const at = summary === null ? entry.at : new Date(summary.sentAt);
  const link = html`<a href="/messages/${entry.item}">${say(locale, state === 'waiting' ? 'portal.thread.open-new' : 'portal.thread.open')}</a>`;
  return html`<li><p class="hint"><strong>${sender}</strong> · ${moment(locale, at, timeZone, 'minute')} · <span class="state ${state}">${say(locale, `portal.state.${state}`)}</span></p>
${entry.text !== null && textBody(entry.text)}
${entry.attachments > 0 && html`<p class="hint">${say(locale, 'portal.thread.attachments', { n: entry.attachments })}</p>`}
${summary !== null && html`<p class="screen">${link}</p>`}</li>`;
}

/** How far the sending of a reply or a letter has come. */
export function replyState(locale: Locale, reply: ShownReply): Html {
  switch (reply.state) {
    case 'sent':
      return html`<span class="state read">${say(locale, 'portal.message.reply-sent')}</span>`;
    case 'sending':
      return html`<span class="state waiting">${say(locale, 'portal.message.reply-sending')}</span>`;
    case 'unsure':
      return html`<span class="state expired">${say(locale, 'portal.message.reply-unsure')}</span>`;
  }
}
