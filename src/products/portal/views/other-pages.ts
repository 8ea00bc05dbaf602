import { say } from '../catalogue.ts';
import { html } from './html.ts';
import { type PageFrame, page } from './layout.ts';

/** Nothing here, or nothing for this reader: one page for both. */
export function missingPage(frame: PageFrame): string {
  const { locale } = frame;
  const body = html`<p>${say(locale, 'portal.missing.explain')}</p>
<p><a class="button second" href="/messages">${say(locale, 'portal.back-to-messages')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.missing.title'), body });
}

/** Something failed on our side, or could not be read. `request` finds it in the log. */
export function problemPage(
  frame: PageFrame,
  problem: { readonly status: number; readonly request: string },
): string {
  const { locale } = frame;
  if (problem.status === 404) return missingPage(frame);
  const body = html`${problem.status === 413 && html`<p>${say(locale, 'portal.problem.too-large')}</p>`}
<p>${say(locale, 'portal.problem.explain', { request: problem.request })}</p>`;
  return page(frame, { title: say(locale, 'portal.problem.title'), body });
}

const TOPICS = ['why', 'code', 'expired', 'device', 'trust'] as const;

export function helpPage(frame: PageFrame): string {
  const { locale } = frame;
  const body = html`${TOPICS.map(
    (topic) =>
      html`<section><h2>${say(locale, `portal.help.${topic}-title`)}</h2><p>${say(locale, `portal.help.${topic}`)}</p></section>`,
  )}`;
  return page(frame, { title: say(locale, 'portal.help.title'), body, shape: 'reading' });
}
