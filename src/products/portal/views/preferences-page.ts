import { addressText } from '#core/address';
import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { WishesAt } from '../my-wishes.ts';
import type { KeyHandedIn, MyKey } from '../wishes.ts';
import { type Fragment, type Html, html } from './html.ts';
import { described, type FieldError, fieldError, moment, type PageFrame, page } from './layout.ts';

/** What the page says about the act before it; null where it was only opened. */
export type Said = { readonly key: KeyHandedIn; readonly organisation: string | undefined } | 'stale' | null;

export interface PreferencesForm {
  readonly wishes: readonly WishesAt[];
  /** One token for each group of buttons: one press, one act. */
  readonly tokens: { readonly keys: string; readonly texts: string; readonly waiver: string };
  readonly said: Said;
}

/** What one gets, by which channel, and how it is protected. */
export function preferencesPage(frame: PageFrame, form: PreferencesForm): string {
  const { locale } = frame;
  const errors = problems(locale, form);
  const several = form.wishes.length > 1;
  const body = html`${done(locale, form)}
${language(locale)}
<section aria-labelledby="access"><h2 id="access">${say(locale, 'portal.access.title')}</h2>
<p>${say(locale, 'portal.preferences.access')}</p>
<p><a class="button second" href="/access">${say(locale, 'portal.preferences.access-open')}</a></p></section>
${form.wishes.map((at, index) => organisation(locale, at, form, errors, { index, several }))}
<p><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.preferences.title'), body, errors, shape: 'reading' });
}

function done(locale: Locale, form: PreferencesForm): Fragment {
  const { said } = form;
  if (said === null || said === 'stale' || problems(locale, form).length > 0) return null;
  return html`<p class="done" role="status">${say(locale, `portal.keys.${said.key}`)}</p>`;
}

function problems(locale: Locale, { said, wishes }: PreferencesForm): FieldError[] {
  if (said === null) return [];
  if (said === 'stale') return [{ field: null, text: say(locale, 'portal.form.stale') }];
  const { key } = said;
  if (key === 'taken' || key === 'known' || key === 'held') return [];
  const index = wishes.findIndex(({ place }) => place.organisation === said.organisation);
  return [{ field: `key-${index}`, text: say(locale, `portal.keys.${key}`) }];
}

function language(locale: Locale): Html {
  const choice = (value: 'en' | 'es', name: string): Html =>
    html`<button class="second" name="locale" value="${value}" lang="${value}"${value === locale && html` aria-pressed="true"`}>${name}</button>`;
  return html`<section aria-labelledby="language"><h2 id="language">${say(locale, 'portal.preferences.language')}</h2>
<p>${say(locale, 'portal.preferences.language-explain')}</p>
<form method="post" action="/language"><input type="hidden" name="back" value="/preferences">
<p class="actions">${choice('en', 'English')} ${choice('es', 'Español')}</p></form></section>`;
}

/** Everything that one organisation decides together with this person. */
function organisation(
  locale: Locale,
  at: WishesAt,
  form: PreferencesForm,
  errors: readonly FieldError[],
  where: { readonly index: number; readonly several: boolean },
): Html {
  const { index, several } = where;
  const name = several ? html`<h2 class="organisation-name">${at.place.profile.name}</h2>` : null;
  return html`${name}<section aria-labelledby="notices-${index}"><h2 id="notices-${index}">${say(locale, 'portal.preferences.notices')}</h2>
<dl class="facts">
<div><dt>${say(locale, 'portal.preferences.mail')}</dt><dd>${addressText(at.address)}</dd></div>
<div><dt>${say(locale, 'portal.preferences.text')}</dt><dd>${at.text ?? at.consent?.masked ?? say(locale, 'portal.preferences.no-text')}</dd></div>
</dl>
${consent(locale, at, form.tokens.texts)}
<p class="hint">${say(locale, 'portal.preferences.notices-explain')}</p></section>
${keys(locale, at, form, errors, index)}
${waiver(locale, at, form.tokens.waiver, index)}`;
}

/** Texts are sent while their owner lets them: one press stops them, another has them sent again. */
function consent(locale: Locale, at: WishesAt, token: string): Fragment {
  if (at.consent === null) return null;
  const { masked, stopped } = at.consent;
  const act = stopped ? 'start' : 'stop';
  return html`<form method="post" action="/preferences/texts"><input type="hidden" name="token" value="${token}">
<input type="hidden" name="organisation" value="${at.place.organisation}">
<p>${say(locale, stopped ? 'portal.preferences.texts-stopped' : 'portal.preferences.texts-sent', { telephone: masked })}</p>
<p><button class="second" name="act" value="${act}">${say(locale, stopped ? 'portal.preferences.texts-start' : 'portal.preferences.texts-stop')}</button></p></form>`;
}

function keys(
  locale: Locale,
  at: WishesAt,
  form: PreferencesForm,
  errors: readonly FieldError[],
  index: number,
): Html {
  const field = `key-${index}`;
  return html`<section aria-labelledby="keys-${index}"><h2 id="keys-${index}">${say(locale, 'portal.keys.title')}</h2>
<p>${say(locale, 'portal.keys.explain')}</p>
${at.keys.length > 0 && html`<ul class="people">${at.keys.map((key) => keyEntry(locale, key, at, form.tokens.keys))}</ul>`}
<details${errors.some((one) => one.field === field) && html` open`}><summary>${say(locale, 'portal.keys.add')}</summary>
<form method="post" action="/preferences/keys" novalidate data-once>
<input type="hidden" name="token" value="${form.tokens.keys}">
<input type="hidden" name="organisation" value="${at.place.organisation}">
<div class="field">
<label for="${field}">${say(locale, 'portal.keys.label')}</label>
<p class="hint" id="${field}-hint">${say(locale, 'portal.keys.hint')}</p>
${fieldError(errors, field)}
<textarea id="${field}" name="key" rows="8" spellcheck="false" autocomplete="off"${described(errors, field, `${field}-hint`)}></textarea>
</div>
<p><button class="main">${say(locale, 'portal.keys.send')}</button></p>
</form></details></section>`;
}

function keyEntry(locale: Locale, key: MyKey, at: WishesAt, token: string): Html {
  return html`<li><p><strong>${say(locale, `portal.keys.${key.kind}`)}</strong> · ${say(locale, `portal.keys.state-${key.state}`)}</p>
<p class="hint fingerprint">${key.fingerprint}</p>
<p class="hint">${say(locale, key.mine ? 'portal.keys.by-you' : 'portal.keys.by-office')} · ${moment(locale, key.addedAt, at.place.profile.timeZone, 'day')}</p>
${key.mine && ask(locale, token, 'withdraw-key', key.id, 'portal.keys.withdraw')}</li>`;
}

/** A button that leads to the page with the code. */
function ask(
  locale: Locale,
  token: string,
  act: string,
  about: string,
  words: 'portal.keys.withdraw' | 'portal.waiver.ask',
): Html {
  return html`<form method="post" action="/preferences/ask" data-once>
<input type="hidden" name="token" value="${token}"><input type="hidden" name="act" value="${act}">
<p><button class="second" name="about" value="${about}">${say(locale, words)}</button></p></form>`;
}

function waiver(locale: Locale, at: WishesAt, token: string, index: number): Fragment {
  if (at.waiver === null) return null;
  const { given } = at.waiver;
  const { organisation, profile } = at.place;
  const standing =
    given === null
      ? html`<p>${say(locale, 'portal.waiver.explain')}</p>
${ask(locale, token, 'waiver', organisation, 'portal.waiver.ask')}`
      : html`<p>${say(locale, 'portal.waiver.given')} ${moment(locale, given.recordedAt, profile.timeZone, 'day')}, ${say(locale, 'portal.access.until')} ${moment(locale, given.expiresAt, profile.timeZone, 'day')}.</p>
<blockquote lang="${given.language}">${given.text}</blockquote>
<form method="post" action="/preferences/waiver/withdraw"><input type="hidden" name="token" value="${token}">
<p><button class="main" name="organisation" value="${organisation}">${say(locale, 'portal.waiver.withdraw')}</button></p></form>`;
  return html`<section aria-labelledby="waiver-${index}"><h2 id="waiver-${index}">${say(locale, 'portal.waiver.title')}</h2>
${standing}</section>`;
}
