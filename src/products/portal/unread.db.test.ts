import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';

const DAY = 86_400_000;
let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

const setDays = (organisation: OrganisationId, days: unknown) =>
  stage.database.tenant([organisation], 'app', (tx) =>
    tx.execute({
      text: `update organisation set settings = settings || jsonb_build_object('unreadNoticeDays', $2::text::jsonb) where id = $1`,
      values: [organisation, JSON.stringify(days)],
    }),
  );

it('tells the sender of what nobody opened for three days, once, also from two workers', async () => {
  const never = await stage.organisation('Tells nobody');
  const later = await stage.organisation('Tells after a week');
  const odd = await stage.organisation('Has nonsense in its settings');
  await setDays(never, 0);
  await setDays(later, 7);
  await setDays(odd, 'soon');
  const waiting = await stage.place({ organisation: clinic, to: ['a@x.test', 'b@x.test'] });
  const read = await stage.place({ organisation: clinic, to: 'c@x.test' });
  const gone = await stage.place({ organisation: clinic, to: 'd@x.test' });
  const short = { expiresAt: new Date(stage.clock.now().getTime() + DAY) };
  await stage.place({ organisation: clinic, to: 'e@x.test', ...short });
  await stage.place({ organisation: never, to: 'f@x.test' });
  const week = await stage.place({ organisation: later, to: 'g@x.test' });
  const nonsense = await stage.place({ organisation: odd, to: 'h@x.test' });
  await signInBy(stage, read);
  await stage.database.tenant([clinic], 'app', (tx) => stage.portal.retract(tx, clinic, gone.message));

  stage.clock.advance(3 * DAY - 60_000);
  expect(await stage.portal.reportUnread()).toBe(0);
  stage.clock.advance(120_000);
  const told = await Promise.all([stage.portal.reportUnread(), stage.portal.reportUnread()]);
  expect(told[0] + told[1]).toBe(3);
  const three = [...waiting.all.map(({ delivery }) => delivery), nonsense.delivery].sort();
  expect([...stage.unread].sort()).toEqual(three);
  expect(await stage.portal.reportUnread()).toBe(0);

  stage.clock.advance(4 * DAY);
  expect(await stage.portal.reportUnread()).toBe(1);
  expect(stage.unread.at(-1)).toBe(week.delivery);
});

it('tells again where the notice could not be lined up', async () => {
  const placed = await stage.place({ organisation: clinic, to: 'i@x.test' });
  stage.clock.advance(4 * DAY);
  stage.failRead = true;
  await expect(stage.portal.reportUnread()).rejects.toThrow('the record cannot be written');
  stage.failRead = false;
  expect(await stage.portal.reportUnread()).toBe(1);
  expect(stage.unread.at(-1)).toBe(placed.delivery);
});
