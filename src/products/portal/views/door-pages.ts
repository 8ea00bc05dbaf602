import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import { type Html, html } from './html.ts';
import { type PageFrame, page } from './layout.ts';

/** Why nobody came in, in the kinds that somebody can do something about. */
export type RefusedWords = 'not-theirs' | 'not-known' | 'unverified' | 'cancelled' | 'unavailable' | 'again';

/**
 * The button to the organisation's own patient portal. A link, because a form that ends at another site would need a
 * policy that lets forms go there; it changes nothing here until the portal sends the browser back.
 */
export function doorButton(
  locale: Locale,
  door: { readonly id: string; readonly name: string },
  way: { readonly message: string | null; readonly main: boolean },
): Html {
  const query = way.message === null ? '' : `?message=${way.message}`;
  return html`<p><a class="button ${way.main ? 'main' : 'second'}" href="/portal/${door.id}/start${query}">${say(locale, 'portal.door.sign-in', { name: door.name })}</a></p>`;
}

/** Nobody came in by the organisation's portal: what that means, and another way. */
export function refusedPage(
  frame: PageFrame,
  {
    words,
    door,
  }: { readonly words: RefusedWords; readonly door: { readonly id: string; readonly name: string } | null },
): string {
  const { locale } = frame;
  const name = door?.name ?? say(locale, 'portal.door.nameless');
  const again = words === 'again' || words === 'cancelled' || words === 'unverified';
  const body = html`<p>${say(locale, `portal.refused.${words}`, { name })}</p>
${again && door !== null && doorButton(locale, door, { message: null, main: true })}
${words === 'not-theirs' && door !== null && html`<p><a class="button main" href="/portal/${door.id}/start">${say(locale, 'portal.door.own-messages')}</a></p>`}
<p>${say(locale, 'portal.door.another-way')}</p>
<p><a class="button second" href="/sign-in">${say(locale, 'portal.passkey.code-instead')}</a></p>
<p class="aside">${say(locale, 'portal.slow.urgent')}</p>`;
  return page(frame, { title: say(locale, `portal.refused.${words}-title`), body });
}
