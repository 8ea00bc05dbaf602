import type { PortalItemId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { Door } from '../delegation/door.ts';
import { type Factor, isDelegated } from '../factors.ts';
import { doorButton } from './door-pages.ts';
import { type Fragment, type Html, html } from './html.ts';
import { described, type FieldError, fieldError, type PageFrame, page } from './layout.ts';
import { type PasskeyOffer, passkeySignIn } from './passkey-forms.ts';

export type ProveProblem =
  | { readonly kind: 'none' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'wrong'; readonly left: number };

/** One more step before a message opens: each thing that can be proved next, the easiest first. */
export function provePage(
  frame: PageFrame,
  form: {
    readonly item: PortalItemId;
    readonly token: string;
    readonly factors: readonly Factor[];
    readonly door: Door | null;
    readonly telephone: string | null;
    readonly question: ChallengeQuestion | null;
    readonly passkey: PasskeyOffer | null;
    readonly problem: ProveProblem;
  },
): string {
  const { locale } = frame;
  const { factors, question } = form;
  const errors = proveErrors(locale, form.problem);
  const ask = factors.includes('question') && question !== null;
  const passkey = form.passkey !== null && factors.some((factor) => factor.startsWith('passkey'));
  const door = factors.some(isDelegated) ? form.door : null;
  const body = html`<p>${say(locale, ask ? 'portal.prove.explain-question' : 'portal.prove.explain')}</p>
${ask && questionForm(locale, form, question, errors)}
${door !== null && html`<p>${say(locale, 'portal.door.prove', { name: door.name })}</p>${doorButton(locale, door, { message: form.item, main: !ask })}`}
${passkey && form.passkey !== null && passkeySignIn(locale, form.passkey, { item: form.item })}
${factors.includes('texted-code') && codeForm(locale, form, 'text', !ask && door === null)}
${factors.includes('mailed-code') && codeForm(locale, form, 'mail', !ask && door === null && !factors.includes('texted-code'))}
<p class="aside">${say(locale, 'portal.slow.urgent')}</p>
<p><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.prove.title'), body, errors });
}

function questionForm(
  locale: Locale,
  form: { readonly item: PortalItemId; readonly token: string },
  question: ChallengeQuestion,
  errors: readonly FieldError[],
): Html {
  const birth = question.kind === 'date-of-birth';
  const label = birth
    ? say(locale, 'portal.prove.birth')
    : (question.prompt ?? say(locale, 'portal.prove.secret'));
  const hint = say(locale, birth ? 'portal.prove.birth-hint' : 'portal.prove.secret-hint');
  return html`<form method="post" action="/messages/${form.item}/prove" novalidate data-once>
<input type="hidden" name="token" value="${form.token}">
<div class="field">
<label for="answer">${label}</label>
<p class="hint" id="answer-hint">${hint}</p>
${fieldError(errors, 'answer')}
<input id="answer" name="answer" type="text" autocomplete="${birth ? 'bday' : 'off'}" maxlength="200" spellcheck="false" required${described(errors, 'answer', 'answer-hint')}>
</div>
<p><button class="main" name="act" value="answer">${say(locale, 'portal.code.continue')}</button></p>
</form>`;
}

function codeForm(
  locale: Locale,
  form: { readonly item: PortalItemId; readonly token: string; readonly telephone: string | null },
  channel: 'mail' | 'text',
  main: boolean,
): Html {
  const text =
    channel === 'mail'
      ? say(locale, 'portal.prove.mail')
      : say(locale, 'portal.text.send', { telephone: form.telephone ?? '' });
  return html`<form method="post" action="/messages/${form.item}/prove" class="apart" data-once>
<input type="hidden" name="token" value="${form.token}">
<p><button class="${main ? 'main' : 'second'}" name="act" value="${channel}">${text}</button></p>
</form>`;
}

function proveErrors(locale: Locale, problem: ProveProblem): FieldError[] {
  switch (problem.kind) {
    case 'none':
      return [];
    case 'stale':
      return [{ field: null, text: say(locale, 'portal.form.stale') }];
    case 'empty':
      return [{ field: 'answer', text: say(locale, 'portal.prove.empty') }];
    case 'wrong':
      return [{ field: 'answer', text: say(locale, 'portal.prove.wrong', { left: problem.left }) }];
  }
}

/** Nothing on record is enough, or wrong answers have ended access: what that means, and how to get help. */
export function closedPage(frame: PageFrame, why: 'unprovable' | 'unprovable-caregiver' | 'locked'): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, `portal.closed.${why}`)}</p>
<p>${say(locale, `portal.closed.${why}-help`)}</p>
<p><a class="button second" href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, `portal.closed.${why}-title`), body });
}

/** For who holds a link to somebody else's message, or another address of their own: where it went, and what to do. */
export function otherAddress(locale: Locale, address: string): Fragment {
  return html`<section class="apart" aria-labelledby="other-address"><h2 id="other-address">${say(locale, 'portal.other.title')}</h2>
<p>${say(locale, 'portal.other.explain', { address })}</p></section>`;
}
