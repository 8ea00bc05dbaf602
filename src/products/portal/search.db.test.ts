import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { formsOf, type PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy, tokenOf } from '../../../test/support/portal-reader.ts';

let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

async function search(reader: PageBrowser, words: string): Promise<string> {
  await reader.get('/search');
  await reader.press('/search', { words });
  return reader.page;
}

it('finds words of subject, sender, text and own replies, whatever their case and accents', async () => {
  const to = 'seeker.one@x.test';
  const first = await stage.place({
    organisation: clinic,
    to,
    subject: 'Your Müller test',
    text: 'Haemoglobin is fine.',
  });
  const unread = await stage.place({
    organisation: clinic,
    to,
    subject: 'Vaccination',
    text: 'Hidden haemoglobin words',
  });
  const reader = await signInBy(stage, first);
  await reader.get(`/messages/${first.item}/reply`);
  const token = tokenOf(reader, `/messages/${first.item}/reply`);
  await reader.pressMultipart(`/messages/${first.item}/reply`, { token, text: 'Thanks, Doctor' }, []);
  const link = (item: string) => `<a href="/messages/${item}">`;

  const byText = await search(reader, 'HAEMOGLOBIN');
  expect(reader.path).toBe('/search');
  expect(byText).toContain(link(first.item));
  // Not opened yet: no word of its text is told.
  expect(byText).not.toContain(link(unread.item));
  expect(byText).toContain('Found: 1');
  expect(await search(reader, 'muller fine')).toContain(link(first.item));
  expect(await search(reader, 'vaccin')).toContain(link(unread.item));
  expect(await search(reader, 'thanks doctor')).toContain('Your reply');
  expect(stage.read).not.toContain(unread.delivery);

  const nothing = await search(reader, 'muller vaccination');
  expect(nothing).toContain('Nothing was found');
  await search(reader, ' ! ');
  expect(reader.page).toContain('Enter a word');
});

it('finds nothing of other people, and nothing that has ended', async () => {
  const mine = await stage.place({ organisation: clinic, to: 'seeker.two@x.test', subject: 'Kestrel' });
  const expiresAt = new Date(stage.clock.now().getTime() + 60_000);
  const ending = await stage.place({
    organisation: clinic,
    to: 'seeker.three@x.test',
    subject: 'Kestrel',
    expiresAt,
  });
  const reader = await signInBy(stage, ending);
  expect(await search(reader, 'kestrel')).toContain(ending.item);
  expect(reader.page).not.toContain(mine.item);
  stage.clock.advance(61_000);
  expect(await search(reader, 'kestrel')).toContain('Nothing was found');
});

it('says when older messages were left out, and searches them next', async () => {
  const to = 'seeker.five@x.test';
  const oldest = await stage.place({ organisation: clinic, to, subject: 'Heron, the first' });
  const { item } = await stage.place({ organisation: clinic, to, subject: 'Heron' });
  // The same copy 199 times more, as if it had been placed for as many deliveries.
  await stage.database.tenant([clinic], 'app', (tx) =>
    tx.execute({
      text: `insert into sealpost.portal_item select (jsonb_populate_record(i, jsonb_build_object('id', n.id, 'delivery', n.id, 'link_hash', '\\x' || replace(n.id::text, '-', '')))).*
             from sealpost.portal_item i, unnest($2::uuid[]) n (id) where i.id = $1`,
      values: [item, Array.from({ length: 199 }, () => newId(stage.clock))],
    }),
  );
  const reader = await signInBy(stage, oldest);
  const newest = await search(reader, 'heron');
  expect(newest).toContain('Found: 200');
  expect(newest).not.toContain(oldest.item);
  expect(newest).toContain('There are older ones.');
  const before = formsOf(newest).find(({ fields }) => 'before' in fields)?.fields ?? {};
  expect(before.words).toBe('heron');
  const rest = (await reader.post('/search', before)).text;
  expect(rest).toContain('Found: 1');
  expect(rest).toContain(`<a href="/messages/${oldest.item}">`);
  expect(rest).not.toContain('There are older ones.');
  expect((await reader.post('/search', { words: 'heron', before: 'x' })).status).toBe(422);
});

it('is limited by the hour, and closed without a session', async () => {
  const reader = await signInBy(stage, await stage.place({ organisation: clinic, to: 'seeker.four@x.test' }));
  await reader.get('/search');
  for (let i = 0; i < 120; i += 1) await reader.press('/search', { words: 'results' });
  expect(reader.page).toContain('Found: 1');
  await reader.press('/search', { words: 'results' });
  expect(reader.page).toContain('Please try again in an hour');
  await reader.get('/sign-out');
  await reader.press('/sign-out', {});
  await reader.get('/search');
  expect(reader.path).toBe('/sign-in');
});
