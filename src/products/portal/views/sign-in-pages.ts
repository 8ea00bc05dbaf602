import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import { html } from './html.ts';
import { described, type FieldError, fieldError, type PageFrame, page } from './layout.ts';

/** The page behind a notice's link: says nothing but that something waits, and does nothing until somebody presses. */
export function linkPage(
  frame: PageFrame,
  form: { readonly token: string; readonly action: string; readonly known: boolean; readonly stale: boolean },
): string {
  const { locale } = frame;
  const button = (act: 'code' | 'open', text: string, kind: string) =>
    html`<button class="${kind}" name="act" value="${act}">${text}</button>`;
  const body = form.known
    ? html`<p>${say(locale, 'portal.link.known')}</p>
<form method="post" action="${form.action}" data-once>
<input type="hidden" name="token" value="${form.token}">
<p>${button('open', say(locale, 'portal.link.open'), 'main')}</p>
<p>${button('code', say(locale, 'portal.link.not-me'), 'plain')}</p>
</form>`
    : html`<p>${say(locale, 'portal.link.explain')}</p>
<form method="post" action="${form.action}" data-once>
<input type="hidden" name="token" value="${form.token}">
<p>${button('code', say(locale, 'portal.link.send'), 'main')}</p>
</form>`;
  return page(frame, {
    title: say(locale, 'portal.link.title'),
    body,
    errors: staleError(locale, form.stale),
  });
}

function staleError(locale: Locale, stale: boolean): FieldError[] {
  return stale ? [{ field: null, text: say(locale, 'portal.form.stale') }] : [];
}

/** Signing in without a link. */
export function signInPage(
  frame: PageFrame,
  form: {
    readonly token: string;
    readonly address: string;
    readonly problem: 'none' | 'missing' | 'stale';
  },
): string {
  const { locale } = frame;
  const errors: FieldError[] =
    form.problem === 'missing'
      ? [{ field: 'address', text: say(locale, 'portal.sign-in.address-missing') }]
      : staleError(locale, form.problem === 'stale');
  const body = html`<p>${say(locale, 'portal.sign-in.explain')}</p>
<form method="post" action="/sign-in" novalidate data-once>
<input type="hidden" name="token" value="${form.token}">
<div class="field">
<label for="address">${say(locale, 'portal.sign-in.address')}</label>
${fieldError(errors, 'address')}
<input id="address" name="address" type="email" autocomplete="email" inputmode="email" spellcheck="false" required value="${form.address}"${described(errors, 'address')}>
</div>
<p><button class="main">${say(locale, 'portal.sign-in.send')}</button></p>
</form>
<p class="aside">${say(locale, 'portal.sign-in.link-better')}</p>`;
  return page(frame, { title: say(locale, 'portal.sign-in.title'), body, errors });
}

export type CodeProblem =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'wrong'; readonly left: number };

/** Where the code is typed. */
export function codePage(
  frame: PageFrame,
  form: {
    readonly token: string;
    readonly againToken: string;
    readonly problem: CodeProblem;
    readonly remember: boolean;
    readonly minutes: number;
    readonly days: number;
  },
): string {
  const { locale } = frame;
  const errors = codeErrors(locale, form.problem);
  const body = html`<p>${say(locale, 'portal.code.sent', { minutes: form.minutes })}</p>
<form method="post" action="/code" novalidate data-once>
<input type="hidden" name="token" value="${form.token}">
<div class="field">
<label for="code">${say(locale, 'portal.code.label')}</label>
<p class="hint" id="code-hint">${say(locale, 'portal.code.hint')}</p>
${fieldError(errors, 'code')}
<input id="code" name="code" class="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="16" spellcheck="false" required${described(errors, 'code', 'code-hint')}>
</div>
<div class="choice">
<input id="remember" name="remember" type="checkbox" value="yes" aria-describedby="remember-hint"${form.remember && html` checked`}>
<div>
<label for="remember">${say(locale, 'portal.code.remember', { days: form.days })}</label>
<p class="hint" id="remember-hint">${say(locale, 'portal.code.remember-hint')}</p>
</div>
</div>
<p><button class="main">${say(locale, 'portal.code.continue')}</button></p>
</form>
<form method="post" action="/code/again" class="apart" data-once>
<input type="hidden" name="token" value="${form.againToken}">
<button class="second" aria-describedby="again-hint">${say(locale, 'portal.code.again')}</button>
<p class="hint" id="again-hint">${say(locale, 'portal.code.again-note')}</p>
</form>`;
  return page(frame, { title: say(locale, 'portal.code.title'), body, errors });
}

function codeErrors(locale: Locale, problem: CodeProblem): FieldError[] {
  switch (problem.kind) {
    case 'none':
      return [];
    case 'stale':
      return staleError(locale, true);
    case 'malformed':
      return [{ field: 'code', text: say(locale, 'portal.code.malformed') }];
    case 'wrong':
      return [{ field: 'code', text: say(locale, 'portal.code.wrong', { left: problem.left }) }];
  }
}

/** No tries left, or no code asked for in this browser. */
export function codeOverPage(frame: PageFrame, minutes: number | null): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.code.over')}</p>
${minutes !== null && html`<p>${pauseText(locale, minutes)}</p>`}
<p><a class="button second" href="/sign-in">${say(locale, 'portal.code.sign-in-again')}</a></p>
<p class="aside">${say(locale, 'portal.slow.urgent')}</p>`;
  return page(frame, { title: say(locale, 'portal.code.over-title'), body });
}

function pauseText(locale: Locale, minutes: number): string {
  return minutes === 1 ? say(locale, 'portal.slow.until-one') : say(locale, 'portal.slow.until', { minutes });
}

/** Too many codes, or a pause after wrong ones; the same for everybody. */
export function slowDownPage(frame: PageFrame, minutes: number | null): string {
  const { locale } = frame;
  const text = minutes === null ? say(locale, 'portal.slow.hour') : pauseText(locale, minutes);
  const body = html`<p>${text}</p><p class="aside">${say(locale, 'portal.slow.urgent')}</p>`;
  return page(frame, { title: say(locale, 'portal.slow.title'), body });
}

/** Leaving: with or without keeping the device. */
export function signOutPage(frame: PageFrame, token: string): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.sign-out.explain')}</p>
<form method="post" action="/sign-out">
<input type="hidden" name="token" value="${token}">
<p><button class="main" name="device" value="keep">${say(locale, 'portal.sign-out.keep')}</button></p>
<p><button class="second" name="device" value="forget">${say(locale, 'portal.sign-out.forget')}</button></p>
</form>
<p><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.sign-out.title'), body });
}

export function signedOutPage(frame: PageFrame): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.signed-out.explain')}</p>
<p><a class="button second" href="/sign-in">${say(locale, 'portal.signed-out.again')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.signed-out.title'), body });
}
