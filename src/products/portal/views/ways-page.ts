import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { PasskeyInvitation } from '../passkeys.ts';
import type { SignInWays, WayIn } from '../sign-in-ways.ts';
import { type Fragment, type Html, html } from './html.ts';
import { moment, type PageFrame, page } from './layout.ts';
import { passkeyCreation } from './passkey-forms.ts';

export type WaysNote = 'none' | 'added' | 'removed' | 'failed' | 'stale';

/** How a person comes in without a code: their passkeys, their remembered devices, and the way to end them all. */
export function waysPage(
  frame: PageFrame,
  ways: SignInWays | null,
  forms: {
    readonly token: string;
    readonly addToken: string;
    readonly invitation: PasskeyInvitation | null;
    /** Passkeys can be added here, though perhaps not in this session. */
    readonly offered: boolean;
    readonly note: WaysNote;
    readonly timeZone: string;
  },
): string {
  const { locale } = frame;
  const { note } = forms;
  const failed = note === 'failed' || note === 'stale';
  const text = note === 'stale' ? say(locale, 'portal.form.stale') : say(locale, 'portal.passkey.not-added');
  const body = html`${(note === 'added' || note === 'removed') && html`<p role="status" class="note">${say(locale, `portal.way.${note}`)}</p>`}
${ways === null ? html`<p>${say(locale, 'portal.ways.not-here')}</p>` : passkeysAndDevices(locale, ways, forms)}
<section class="apart" aria-labelledby="everywhere"><h2 id="everywhere">${say(locale, 'portal.ways.everywhere')}</h2>
<p id="everywhere-hint">${say(locale, 'portal.ways.everywhere-explain')}</p>
<form method="post" action="/ways" data-once>
<input type="hidden" name="token" value="${forms.token}">
<p><button class="second" name="act" value="everywhere" aria-describedby="everywhere-hint">${say(locale, 'portal.ways.everywhere-press')}</button></p>
</form></section>
<p><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  const errors = failed ? [{ field: null, text }] : [];
  return page(frame, { title: say(locale, 'portal.ways.title'), body, errors, shape: 'reading' });
}

function passkeysAndDevices(
  locale: Locale,
  ways: SignInWays,
  forms: Parameters<typeof passkeys>[2] & { readonly offered: boolean },
): Html {
  return html`${forms.offered && passkeys(locale, ways, forms)}
<section aria-labelledby="devices"><h2 id="devices">${say(locale, 'portal.ways.devices')}</h2>
${ways.devices.length === 0 ? html`<p>${say(locale, 'portal.ways.no-devices')}</p>` : list(locale, ways.devices, 'device', forms)}
</section>`;
}

function passkeys(
  locale: Locale,
  ways: SignInWays,
  forms: {
    readonly token: string;
    readonly addToken: string;
    readonly invitation: PasskeyInvitation | null;
    readonly timeZone: string;
  },
): Html {
  const add: Fragment =
    forms.invitation === null
      ? html`<p class="aside">${say(locale, 'portal.ways.code-first')}</p>`
      : passkeyCreation(locale, forms.addToken, forms.invitation);
  return html`<section aria-labelledby="passkeys"><h2 id="passkeys">${say(locale, 'portal.ways.passkeys')}</h2>
<p>${say(locale, 'portal.ways.passkeys-explain')}</p>
${ways.passkeys.length > 0 && list(locale, ways.passkeys, 'passkey', forms)}
${add}
</section>`;
}

function list(
  locale: Locale,
  ways: readonly WayIn[],
  kind: 'passkey' | 'device',
  forms: { readonly token: string; readonly timeZone: string },
): Html {
  return html`<form method="post" action="/ways" data-once>
<input type="hidden" name="token" value="${forms.token}">
<input type="hidden" name="act" value="remove-${kind}">
<ul class="files">
${ways.map((way, index) => {
  const name = say(locale, `portal.way.${kind}`, { n: index + 1 });
  const since = moment(locale, way.createdAt, forms.timeZone, 'short-day');
  const used = moment(locale, way.lastUsedAt, forms.timeZone, 'short-minute');
  return html`<li><strong>${name}</strong>${way.here && html` <span class="hint">(${say(locale, 'portal.ways.here')})</span>`}
<span class="hint">${say(locale, 'portal.ways.since')} ${since} · ${say(locale, 'portal.ways.used')} ${used}</span>
<p><button class="second" name="id" value="${way.id}">${say(locale, 'portal.ways.remove', { name })}</button></p></li>`;
})}
</ul></form>`;
}

/** After the first visit with a code: the next one can be faster. */
export function passkeyInvitationBox(locale: Locale): Html {
  return html`<section class="apart screen" aria-labelledby="faster"><h2 id="faster">${say(locale, 'portal.passkey.faster')}</h2>
<p>${say(locale, 'portal.passkey.faster-explain')} <a href="/ways">${say(locale, 'portal.passkey.set-up')}</a></p></section>`;
}
