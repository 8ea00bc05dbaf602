import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import { type Fragment, type Html, html } from './html.ts';

/** Where a page's files lie. */
export interface AssetUrls {
  url(name: 'portal.css' | 'portal.js' | 'icon.svg'): string;
}

/** What every page needs to know. */
export interface PageFrame {
  readonly locale: Locale;
  readonly assets: AssetUrls;
  /** Path of the page itself, for coming back after a change of language. Null where a page cannot be asked for again. */
  readonly path: string | null;
  /** Whether somebody is signed in: pages then have their navigation. */
  readonly signedIn: boolean;
  /** The organisation's name, only after sign-in: that somebody is its patient is nobody's business before. Null where
   * several stand side by side too. */
  readonly organisation: string | null;
}

export interface PageContent {
  readonly title: string;
  readonly body: Fragment;
  /** Problems with what was sent, shown first, each linked to its field. */
  readonly errors?: readonly FieldError[];
  /** `reading` gives a message its width, `form` keeps to one column. */
  readonly shape?: 'form' | 'reading' | 'list';
}

export interface FieldError {
  /** Id of the field; null where none is to blame. */
  readonly field: string | null;
  readonly text: string;
}

/** A whole page. */
export function page(frame: PageFrame, content: PageContent): string {
  const { locale, assets, organisation } = frame;
  const errors = content.errors ?? [];
  const name = organisation ?? say(locale, 'portal.name');
  const title =
    errors.length > 0 ? say(locale, 'portal.error.title', { title: content.title }) : content.title;
  return html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title} · ${name}</title>
<link rel="stylesheet" href="${assets.url('portal.css')}">
<link rel="icon" type="image/svg+xml" href="${assets.url('icon.svg')}">
<script src="${assets.url('portal.js')}" defer></script>
</head>
<body>
<a class="skip" href="#content">${say(locale, 'portal.skip')}</a>
<header class="top">
<p class="name"><span class="mark" aria-hidden="true"></span>${name}</p>
${frame.signedIn && navigation(frame)}
</header>
<main id="content" class="${content.shape ?? 'form'}" tabindex="-1">
${errors.length > 0 && errorSummary(locale, errors)}
<h1>${content.title}</h1>
${content.body}
</main>
<footer class="foot">
${!frame.signedIn && html`<a href="/help">${say(locale, 'portal.nav.help')}</a>`}
${languageSwitch(frame)}
</footer>
</body>
</html>
`.toString();
}

function navigation({ locale, path }: PageFrame): Html {
  const link = (href: string, text: string): Html =>
    html`<li><a href="${href}"${path === href && html` aria-current="page"`}>${text}</a></li>`;
  return html`<nav aria-label="${say(locale, 'portal.nav')}"><ul>
${link('/messages', say(locale, 'portal.nav.messages'))}
${link('/preferences', say(locale, 'portal.nav.preferences'))}
${link('/ways', say(locale, 'portal.nav.ways'))}
${link('/help', say(locale, 'portal.nav.help'))}
${link('/sign-out', say(locale, 'portal.nav.sign-out'))}
</ul></nav>`;
}

function languageSwitch({ locale, path }: PageFrame): Html {
  const other = locale === 'en' ? 'es' : 'en';
  return html`<form method="post" action="/language" class="language">
<input type="hidden" name="back" value="${path ?? '/'}">
<input type="hidden" name="locale" value="${other}">
<button class="plain" lang="${other}">${say(locale, 'portal.language.other')}</button>
</form>`;
}

function errorSummary(locale: Locale, errors: readonly FieldError[]): Html {
  return html`<div class="errors" role="alert" tabindex="-1" autofocus aria-labelledby="errors-title">
<h2 id="errors-title">${say(locale, 'portal.error.heading')}</h2>
<ul>
${errors.map(({ field, text }) => html`<li>${field === null ? text : html`<a href="#${field}">${text}</a>`}</li>`)}
</ul>
</div>`;
}

/** The complaint beside a field, to be named by its `aria-describedby`; nothing where there is none. */
export function fieldError(errors: readonly FieldError[], field: string): Fragment {
  const found = errors.find((error) => error.field === field);
  return found !== undefined && html`<p class="field-error" id="${field}-error">${found.text}</p>`;
}

/** Attributes that tie a field to its hint and complaint. */
export function described(errors: readonly FieldError[], field: string, hint?: string): Fragment {
  const wrong = errors.some((error) => error.field === field);
  const ids = [...(hint === undefined ? [] : [hint]), ...(wrong ? [`${field}-error`] : [])];
  return [ids.length > 0 && html` aria-describedby="${ids.join(' ')}"`, wrong && html` aria-invalid="true"`];
}

/** How much of a moment is said; `short` is for tables. */
export type MomentStyle = 'day' | 'minute' | 'short-day' | 'short-minute';

const STYLES: Readonly<Record<MomentStyle, Intl.DateTimeFormatOptions>> = {
  day: { dateStyle: 'long' },
  minute: { dateStyle: 'long', timeStyle: 'short' },
  'short-day': { dateStyle: 'medium' },
  'short-minute': { dateStyle: 'medium', timeStyle: 'short' },
};

/** A moment, in the organisation's zone; the script puts it into the reader's own. */
export function moment(locale: Locale, at: Date, timeZone: string, style: MomentStyle): Html {
  return html`<time datetime="${at.toISOString()}" data-style="${style}">${momentText(locale, at, timeZone, style)}</time>`;
}

/** The same as bare text. */
export function momentText(locale: Locale, at: Date, timeZone: string, style: MomentStyle): string {
  return new Intl.DateTimeFormat(locale === 'es' ? 'es-US' : 'en-US', { ...STYLES[style], timeZone }).format(
    at,
  );
}

/** A size in words, to two places at most. */
export function sizeText(locale: Locale, octets: number): string {
  if (octets < 1000) return say(locale, 'portal.size.bytes', { n: octets });
  const number = new Intl.NumberFormat(locale === 'es' ? 'es-US' : 'en-US', { maximumSignificantDigits: 3 });
  if (octets < 1_000_000) return say(locale, 'portal.size.kb', { n: number.format(octets / 1000) });
  return say(locale, 'portal.size.mb', { n: number.format(octets / 1_000_000) });
}
