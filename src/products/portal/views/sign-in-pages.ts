import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { Door } from '../delegation/door.ts';
import type { LinkTarget } from '../link-target.ts';
import { doorButton } from './door-pages.ts';
import { html } from './html.ts';
import { described, type FieldError, fieldError, type PageFrame, page } from './layout.ts';
import { type PasskeyOffer, passkeySignIn } from './passkey-forms.ts';
import { otherAddress } from './prove-pages.ts';

/** The page behind a notice's link: says nothing but that something waits, and does nothing until somebody presses. */
export function linkPage(
  frame: PageFrame,
  form: {
    readonly token: string;
    readonly action: string;
    readonly known: boolean;
    readonly stale: boolean;
    readonly link: string;
    readonly target: LinkTarget;
    /** The masked address that the message went to, where somebody is signed in as another. */
    readonly other: string | null;
    readonly passkey: PasskeyOffer | null;
  },
): string {
  const { locale } = frame;
  const { address, telephone, mailed, door } = form.target;
  const codes = mailed || telephone !== null;
  const button = (act: 'code' | 'open' | 'text', text: string, kind: string) =>
    html`<button class="${kind}" name="act" value="${act}">${text}</button>`;
  const body = form.known
    ? html`<p>${say(locale, 'portal.link.known')}</p>
<form method="post" action="${form.action}" data-once>
<input type="hidden" name="token" value="${form.token}">
<p>${button('open', say(locale, 'portal.link.open'), 'main')}</p>
<p>${button('code', say(locale, 'portal.link.not-me'), 'plain')}</p>
</form>`
    : html`${form.other !== null && otherAddress(locale, form.other)}
${door !== null && !codes && html`<p>${say(locale, 'portal.door.only', { name: door.name })}</p>${doorButton(locale, door, { message: door.item, main: true })}`}
${
  codes &&
  html`<p>${address === null ? say(locale, 'portal.link.explain') : say(locale, 'portal.link.explain-to', { address })}</p>
<form method="post" action="${form.action}" data-once>
<input type="hidden" name="token" value="${form.token}">
${mailed && html`<p>${button('code', say(locale, 'portal.link.send'), 'main')}</p>`}
${telephone !== null && html`<p>${button('text', say(locale, 'portal.text.send', { telephone }), mailed ? 'second' : 'main')}</p>`}
</form>`
}
${door !== null && codes && doorButton(locale, door, { message: door.item, main: false })}
${form.passkey !== null && passkeySignIn(locale, form.passkey, { link: form.link })}
<details class="apart"><summary>${say(locale, 'portal.link.alias-title')}</summary>
<p>${say(locale, 'portal.link.alias')}</p></details>`;
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
    readonly passkey: PasskeyOffer | null;
    /** An organisation's own patient portal, where there is one to offer. */
    readonly door: Pick<Door, 'id' | 'name' | 'mode'> | null;
    /** Whether the page is of that organisation alone. */
    readonly own: boolean;
  },
): string {
  const { locale } = frame;
  const errors: FieldError[] =
    form.problem === 'missing'
      ? [{ field: 'address', text: say(locale, 'portal.sign-in.address-missing') }]
      : staleError(locale, form.problem === 'stale');
  const { door } = form;
  if (door !== null && form.own && door.mode === 'only') {
    const only = html`<p>${say(locale, 'portal.door.only-messages', { name: door.name })}</p>
${doorButton(locale, door, { message: null, main: true })}`;
    return page(frame, { title: say(locale, 'portal.sign-in.title'), body: only });
  }
  const body = html`${
    door !== null &&
    html`<p>${say(locale, 'portal.door.beside', { name: door.name })}</p>
${doorButton(locale, door, { message: null, main: form.own })}`
  }
<p>${say(locale, 'portal.sign-in.explain')}</p>
<form method="post" action="/sign-in" novalidate data-once>
<input type="hidden" name="token" value="${form.token}">
<div class="field">
<label for="address">${say(locale, 'portal.sign-in.address')}</label>
${fieldError(errors, 'address')}
<input id="address" name="address" type="email" autocomplete="email" inputmode="email" spellcheck="false" required value="${form.address}"${described(errors, 'address')}>
</div>
<p><button class="${door !== null && form.own ? 'second' : 'main'}">${say(locale, 'portal.sign-in.send')}</button></p>
</form>
${form.passkey !== null && passkeySignIn(locale, form.passkey, {})}
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
    readonly channel: 'mail' | 'text';
    /** Where the code went, masked; null where somebody typed an address. */
    readonly target: { readonly address: string; readonly telephone: string | null } | null;
  },
): string {
  const { locale } = frame;
  const errors = codeErrors(locale, form.problem);
  const body = html`<p>${sentText(locale, form)}</p>
<form method="post" action="/code" novalidate data-once>
<input type="hidden" name="token" value="${form.token}">
<div class="field">
<label for="code">${say(locale, 'portal.code.label')}</label>
<p class="hint" id="code-hint">${say(locale, form.channel === 'text' ? 'portal.text.hint' : 'portal.code.hint')}</p>
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

function sentText(
  locale: Locale,
  { minutes, channel, target }: Pick<Parameters<typeof codePage>[1], 'minutes' | 'channel' | 'target'>,
): string {
  if (target === null) return say(locale, 'portal.code.sent', { minutes });
  const { address, telephone } = target;
  return channel === 'text'
    ? say(locale, 'portal.text.sent', { minutes, telephone: telephone ?? '' })
    : say(locale, 'portal.code.sent-to', { minutes, address });
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

/** The passkey was not taken; a code always is. `back` is where one is asked for. */
export function passkeyFailedPage(frame: PageFrame, back: string): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.passkey.failed')}</p>
<p><a class="button second" href="${back}">${say(locale, 'portal.passkey.code-instead')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.passkey.failed-title'), body });
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
