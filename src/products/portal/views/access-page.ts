import type { Locale } from '#platform/runtime';
import { say } from '../catalogue.ts';
import type { MyAccess, MyAct, MyCaregiver } from '../my-access.ts';
import { type Html, html } from './html.ts';
import { type FieldError, moment, type PageFrame, page } from './layout.ts';

/** Who has access, and what was done: in words, newest first. */
export function accessPage(frame: PageFrame, access: MyAccess, token: string, stale: boolean): string {
  const { locale } = frame;
  const errors: FieldError[] = stale ? [{ field: null, text: say(locale, 'portal.form.stale') }] : [];
  const several =
    new Set([...access.caregivers, ...access.acts].map(({ place }) => place.organisation)).size > 1;
  const caregivers = html`<ul class="people">
${access.caregivers.map((one) => caregiverEntry(locale, one, token, several))}
</ul>`;
  const acts = html`<ol class="log">
${access.acts.map((one) => actEntry(locale, one, several))}
</ol>`;
  const body = html`<section aria-labelledby="people"><h2 id="people">${say(locale, 'portal.access.people')}</h2>
${access.caregivers.length === 0 ? html`<p>${say(locale, 'portal.access.nobody')}</p>` : caregivers}
</section>
<section aria-labelledby="log"><h2 id="log">${say(locale, 'portal.access.log')}</h2>
<p class="hint">${say(locale, 'portal.access.log-explain')}</p>
${access.acts.length === 0 ? html`<p>${say(locale, 'portal.access.log-empty')}</p>` : acts}
</section>
<p><a href="/preferences">${say(locale, 'portal.preferences.back')}</a></p>`;
  return page(frame, { title: say(locale, 'portal.access.title'), body, errors, shape: 'reading' });
}

function caregiverEntry(locale: Locale, one: MyCaregiver, token: string, several: boolean): Html {
  const { timeZone, name } = one.place.profile;
  return html`<li><p><strong>${one.address}</strong> · ${say(locale, `portal.relation.${one.relation}`)}${several && ` · ${name}`}</p>
<p class="hint">${say(locale, 'portal.access.from')} ${moment(locale, one.startsAt, timeZone, 'day')}, ${say(locale, 'portal.access.until')} ${moment(locale, one.expiresAt, timeZone, 'day')}.
${say(locale, one.mayReply ? 'portal.access.may-reply' : 'portal.access.may-read')}
${say(locale, one.highestClass === 'high' ? 'portal.access.all-classes' : 'portal.access.no-high')}</p>
<form method="post" action="/access/withdraw">
<input type="hidden" name="token" value="${token}">
<p><button class="second" name="grant" value="${one.grant}">${say(locale, 'portal.access.withdraw', { name: one.address })}</button></p>
</form></li>`;
}

function actEntry(locale: Locale, one: MyAct, several: boolean): Html {
  const { timeZone, name } = one.place.profile;
  const by =
    one.by === null
      ? say(locale, 'portal.thread.you')
      : say(locale, 'portal.access.caregiver', { name: one.by });
  const subject =
    one.subject ?? say(locale, one.guarded ? 'portal.prove.guarded' : 'portal.list.ended-subject');
  const title = subject.trim() === '' ? say(locale, 'portal.list.no-subject') : subject;
  return html`<li><p>${say(locale, `portal.act.${one.act}`)}: ${title}</p>
<p class="hint"><strong>${by}</strong> · ${moment(locale, one.at, timeZone, 'minute')}${several && ` · ${name}`}</p></li>`;
}
