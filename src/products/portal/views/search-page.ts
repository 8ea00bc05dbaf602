import { idTime, type Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import { type Hit, MOST_WORDS, type Searched } from '../search-messages.ts';
import { type Fragment, type Html, html } from './html.ts';
import {
  described,
  type FieldError,
  fieldError,
  moment,
  momentText,
  type PageFrame,
  page,
} from './layout.ts';
import { forWhom } from './message-pages.ts';

/** The search, and what it found. */
export function searchPage(
  frame: PageFrame,
  words: string,
  searched: Searched | null,
  timeZone: string,
): string {
  const { locale } = frame;
  const errors = problems(locale, searched);
  const body = html`<form method="post" action="/search" role="search">
<div class="field">
<label for="words">${say(locale, 'portal.search.words')}</label>
<p class="hint" id="words-hint">${say(locale, 'portal.search.hint')}</p>
${fieldError(errors, 'words')}
<input id="words" name="words" type="text" maxlength="${MOST_WORDS}" autocomplete="off" value="${words}"${described(errors, 'words', 'words-hint')}>
</div>
<p class="actions"><button class="main">${say(locale, 'portal.search.title')}</button></p>
</form>
${searched?.kind === 'found' && results(locale, searched, timeZone)}
${searched?.kind === 'found' && searched.older !== null && older(locale, words, searched.older, timeZone)}
<p><a href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.search.title'), body, errors, shape: 'reading' });
}

function problems(locale: Locale, searched: Searched | null): FieldError[] {
  if (searched?.kind !== 'problem') return [];
  return searched.problem === 'no-words'
    ? [{ field: 'words', text: say(locale, 'portal.search.no-words') }]
    : [{ field: null, text: say(locale, 'portal.search.too-often') }];
}

type Found = Searched & { readonly kind: 'found' };

function results(locale: Locale, { hits, before }: Found, timeZone: string): Fragment {
  const range =
    before !== null &&
    html`<p class="hint">${say(locale, 'portal.search.before', { date: dateOf(locale, before, timeZone) })}</p>`;
  if (hits.length === 0) return html`${range}<p role="status">${say(locale, 'portal.search.nothing')}</p>`;
  const several = new Set(hits.map(({ place }) => place.organisation)).size > 1;
  return html`<section aria-labelledby="found"><h2 id="found">${say(locale, 'portal.search.found', { n: hits.length })}</h2>
${range}
<ol class="replies">
${hits.map((hit) => hitEntry(locale, hit, several))}
</ol></section>`;
}

/** Says that older messages were not searched, and offers to search them. */
function older(locale: Locale, words: string, before: string, timeZone: string): Html {
  return html`<form method="post" action="/search">
<p>${say(locale, 'portal.search.older-left', { date: dateOf(locale, before, timeZone) })}</p>
<input type="hidden" name="words" value="${words}"><input type="hidden" name="before" value="${before}">
<p class="actions"><button class="second">${say(locale, 'portal.search.older')}</button></p>
</form>`;
}

/** When what has that id was made. */
function dateOf(locale: Locale, id: string, timeZone: string): string {
  return momentText(locale, idTime(id) ?? new Date(0), timeZone, 'minute');
}

function hitEntry(locale: Locale, hit: Hit, several: boolean): Html {
  const { subject } = hit;
  const title = subject === null ? say(locale, 'portal.search.reply') : subject.trim();
  return html`<li><p><a href="${hit.href}">${title === '' ? say(locale, 'portal.list.no-subject') : title}</a></p>
<p class="hint">${hit.from ?? say(locale, 'portal.thread.you')} · ${moment(locale, hit.at, hit.place.profile.timeZone, 'minute')}${several && ` · ${hit.place.profile.name}`}${forWhom(locale, hit.place.care)}</p></li>`;
}
