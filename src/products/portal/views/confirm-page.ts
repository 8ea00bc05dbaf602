import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { Wish } from '../my-wishes.ts';
import { type Html, html } from './html.ts';
import { described, type FieldError, fieldError, type PageFrame, page } from './layout.ts';

export type ConfirmProblem = 'stale' | 'malformed' | 'wrong' | 'over' | null;

/** What is about to be done, in full, and the code that does it. */
export function confirmPage(
  frame: PageFrame,
  form: { readonly wish: Wish; readonly token: string; readonly problem: ConfirmProblem },
): string {
  const { locale } = frame;
  const { wish } = form;
  const errors = problems(locale, form.problem);
  const about = wish.kind === 'waiver' ? wish.at.place.organisation : wish.key.id;
  const body = html`${
    wish.kind === 'waiver'
      ? risk(locale)
      : html`<p>${say(locale, 'portal.keys.withdraw-explain')}</p>
<p class="hint fingerprint">${wish.key.fingerprint}</p>`
  }
<p>${say(locale, 'portal.confirm.explain')}</p>
<form method="post" action="/preferences/confirm" novalidate data-once>
<input type="hidden" name="token" value="${form.token}">
<input type="hidden" name="act" value="${wish.kind}">
<input type="hidden" name="about" value="${about}">
<div class="field">
<label for="code">${say(locale, 'portal.code.label')}</label>
<p class="hint" id="code-hint">${say(locale, 'portal.code.hint')}</p>
${fieldError(errors, 'code')}
<input id="code" name="code" class="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="16" spellcheck="false" required${described(errors, 'code', 'code-hint')}>
</div>
<p class="actions"><button class="main">${say(locale, wish.kind === 'waiver' ? 'portal.waiver.give' : 'portal.keys.withdraw')}</button>
<a class="button second" href="/preferences">${say(locale, 'portal.reply.cancel')}</a></p>
</form>`;
  const title = say(locale, wish.kind === 'waiver' ? 'portal.waiver.title' : 'portal.keys.withdraw-title');
  return page(frame, { title, body, errors });
}

function risk(locale: Locale): Html {
  return html`<p>${say(locale, 'portal.waiver.read')}</p>
<blockquote>${say(locale, 'portal.waiver.text')}</blockquote>
<p class="hint">${say(locale, 'portal.waiver.limits')}</p>`;
}

function problems(locale: Locale, problem: ConfirmProblem): FieldError[] {
  switch (problem) {
    case null:
      return [];
    case 'stale':
      return [{ field: null, text: say(locale, 'portal.form.stale') }];
    case 'malformed':
      return [{ field: 'code', text: say(locale, 'portal.code.malformed') }];
    case 'wrong':
      return [{ field: 'code', text: say(locale, 'portal.confirm.wrong') }];
    case 'over':
      return [{ field: 'code', text: say(locale, 'portal.code.over') }];
  }
}
