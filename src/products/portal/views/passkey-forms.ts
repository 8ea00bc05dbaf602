import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { PasskeyInvitation } from '../passkeys.ts';
import { type Html, html } from './html.ts';

/** What a passkey's sign-in needs on a page. Without script, or without a browser that knows passkeys, it stays hidden. */
export interface PasskeyOffer {
  /** Form token, and the challenge that the passkey signs. */
  readonly token: string;
  readonly rpId: string;
  /** Whether a passkey was used in this browser before: then it is the first thing offered. */
  readonly used: boolean;
}

/** Where signing in goes on to: the message behind a link, one message, or the list. */
export interface PasskeyWay {
  readonly link?: string;
  readonly item?: string;
}

const FIELDS = ['id', 'clientDataJSON', 'authenticatorData', 'signature'] as const;
const NEW_FIELDS = ['id', 'clientDataJSON', 'attestationObject', 'transports'] as const;

export function passkeySignIn(locale: Locale, offer: PasskeyOffer, way: PasskeyWay): Html {
  return html`<form method="post" action="/passkey" class="apart" data-passkey="get" data-rp="${offer.rpId}" data-failed="${say(locale, 'portal.passkey.failed')}" hidden>
<input type="hidden" name="token" value="${offer.token}">
<input type="hidden" name="link" value="${way.link ?? ''}">
<input type="hidden" name="item" value="${way.item ?? ''}">
${FIELDS.map((name) => html`<input type="hidden" name="${name}" value="">`)}
<p><button class="${offer.used ? 'main' : 'second'}">${say(locale, 'portal.passkey.use')}</button></p>
</form>`;
}

export function passkeyCreation(locale: Locale, token: string, invitation: PasskeyInvitation): Html {
  return html`<form method="post" action="/passkeys" class="apart" data-passkey="create" data-rp="${invitation.rpId}" data-rp-name="${say(locale, 'portal.name')}" data-user="${invitation.userHandle}" data-user-name="${invitation.userName}" data-known="${invitation.known.join(' ')}" data-failed="${say(locale, 'portal.passkey.not-added')}" hidden>
<input type="hidden" name="token" value="${token}">
${NEW_FIELDS.map((name) => html`<input type="hidden" name="${name}" value="">`)}
<p><button class="main">${say(locale, 'portal.passkey.add')}</button></p>
</form>
<p class="aside" data-no-passkey>${say(locale, 'portal.passkey.unable')}</p>`;
}
