import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import type { AuditEntryId, IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { TextNotice } from '#core/text';
import { newId, silentLogger } from '#platform/runtime';
import { createTexts } from '#platform/text';
import { createPickups, createRecipients, type Pickups, type Recipients } from '#products/recipients';
import { PageBrowser } from '../../test/support/page-browser.ts';
import { openPortalStage, type PortalStage } from '../../test/support/portal.ts';

const DAY = 86_400_000;
let stage: PortalStage;
let recipients: Recipients;
let pickups: Pickups;
let clinic: OrganisationId;
let caller: Caller;
const entries: AuditEntry[] = [];
const texts: TextNotice[] = [];
let textGoes = true;

beforeAll(async () => {
  stage = await openPortalStage();
  const { database, vault, clock } = stage;
  const append = async (_tx: unknown, entry: AuditEntry) => {
    entries.push(entry);
    return newId() as AuditEntryId;
  };
  const audit = { append, appendMany: async () => undefined };
  const stops = createTexts({
    ...{ database, vault, audit, clock, logger: silentLogger },
    number: (tx, organisation, to) => recipients.number(tx, organisation, to),
    gateway: async () => null,
    link: (token) => token,
  });
  recipients = createRecipients({ database, vault, audit, clock, stops });
  pickups = createPickups({
    ...{ database, vault, audit, clock, logger: silentLogger, recipients },
    portalViews: (tx, organisation, deliveries) => stage.portal.deliveryViews(tx, organisation, deliveries),
    sendNotice: async (_tx, notice) => void stage.notices.push(notice),
    async sendText(_tx, notice) {
      if (textGoes) texts.push(notice);
      return textGoes;
    },
  });
  stage.fallBack = async (tx, copy) => void (await pickups.fallBack(tx, copy));
  stage.codesAlsoTo = pickups.codesAlsoTo;
});
afterAll(() => stage.close());

beforeEach(async () => {
  clinic = await stage.organisation('Riverside Clinic');
  const actor = { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId } as const;
  const origin = { address: null, channel: 'console' } as const;
  caller = { organisation: clinic, actor, origin, permissions: new Set(), request: 'r' };
  stage.notices.length = 0;
  texts.length = 0;
  entries.length = 0;
  textGoes = true;
});

type Fallback = Parameters<Recipients['create']>[2]['fallback'];
const put = (fallback: Fallback) =>
  recipients.create(caller, 'anna@x.test', {
    mobile: '+34600000042',
    stopped: false,
    challenge: null,
    fallback,
  });

/** A copy for Anna that nobody opens for four days. */
async function unopened() {
  const placed = await stage.place({ organisation: clinic, to: 'anna@x.test' });
  stage.clock.advance(4 * DAY);
  await Promise.all([stage.portal.reportUnread(), stage.portal.reportUnread()]);
  return placed;
}

const inClinic = <T>(work: (tx: Parameters<Pickups['fallBack']>[0]) => Promise<T>) =>
  stage.database.tenant([clinic], 'app', work);
let network = 0;

/** Addresses that a code goes to when somebody asks for one with this link. */
async function codesTo(token: string): Promise<readonly string[]> {
  stage.notices.length = 0;
  network += 1;
  const reader = new PageBrowser(stage.server, { address: `10.9.${network}.1` });
  await reader.get(`/m/${token}`);
  await reader.press(/^\/m\//, {}, 'code');
  return stage.notices.map(({ to, body }) => `${body.kind} ${to.local}@${to.domain}`);
}
const events = () =>
  inClinic((tx) =>
    tx.query<{ type: string }>({
      text: 'select type from event where organisation = $1 order by id',
      values: [clinic],
    }),
  );

it('does nothing more where nothing is on record', async () => {
  await unopened();
  expect([stage.notices.length, texts.length, await events()]).toEqual([0, 0, []]);
});

it('sends one notice without content to the other address; both links go on, and codes go there only when it is the same person’s', async () => {
  const record = await put({ kind: 'address', address: 'a.other@y.test', samePerson: false });
  const placed = await unopened();
  expect(stage.notices).toHaveLength(1);
  const [notice] = stage.notices;
  if (notice?.body.kind !== 'portal-message') throw new Error('no notice of a message');
  expect(notice).toMatchObject({ to: { local: 'a.other', domain: 'y.test' }, body: { elsewhere: true } });
  expect(notice.body.linkToken).not.toBe(placed.linkToken);
  expect(await events()).toEqual([{ type: 'delivery.fallback-used' }]);
  const entry = entries.find(({ action }) => action === 'delivery.fallback-used');
  expect(JSON.stringify(entry?.details)).not.toContain('other');
  expect(entry?.sealedReference).not.toBeNull();

  const { linkToken } = notice.body;
  const own = 'sign-in-code anna@x.test';
  // A further link leaves the first as it is. Neither opens anything without a code.
  for (const token of [placed.linkToken, linkToken]) expect(await codesTo(token)).toEqual([own]);
  const given = { mobile: null, stopped: false, challenge: null };
  const mine = { kind: 'address', address: 'a.other@y.test', samePerson: true } as const;
  await recipients.replace(caller, record.id, 1, { ...given, fallback: mine });
  expect(await codesTo(linkToken)).toEqual([own, 'sign-in-code a.other@y.test']);
  // An address that is put on record afterwards never got this copy's notice, and gets no code for it.
  await recipients.replace(caller, record.id, 2, { ...given, fallback: { ...mine, address: 'new@y.test' } });
  expect(await codesTo(linkToken)).toEqual([own]);
});

it('lines up a text with a link of its own, and a letter where no text can go', async () => {
  await put({ kind: 'text' });
  const placed = await unopened();
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatchObject({
    to: { local: 'anna', domain: 'x.test' },
    about: { message: placed.message, delivery: placed.delivery },
  });
  textGoes = false;
  const second = await unopened();
  expect(texts).toHaveLength(1);
  expect(await pickups.letters(caller, null, 10)).toMatchObject([
    { delivery: second.delivery, reason: 'no-text' },
  ]);
});

it('shows letters to write until somebody has written them, once', async () => {
  await put({ kind: 'letter' });
  const placed = await unopened();
  const [letter, ...more] = await pickups.letters(caller, null, 10);
  expect(letter).toMatchObject({
    address: 'anna@x.test',
    delivery: placed.delivery,
    reason: 'wanted',
    openedAt: null,
  });
  expect(more).toEqual([]);
  await pickups.letterWritten(caller, letter?.id ?? '');
  expect(await pickups.letters(caller, null, 10)).toEqual([]);
  await expect(pickups.letterWritten(caller, letter?.id ?? '')).rejects.toMatchObject({
    code: 'wrong-state',
  });
  expect(await events()).toEqual([{ type: 'delivery.fallback-used' }, { type: 'delivery.letter-written' }]);
  const seen = await inClinic((tx) => pickups.ofDeliveries(tx, clinic, [placed.delivery]));
  expect(seen).toMatchObject([{ kind: 'letter', done_at: expect.any(Date) }]);
});

it('happens with the report to the sender or not at all', async () => {
  await put({ kind: 'letter' });
  await stage.place({ organisation: clinic, to: 'anna@x.test' });
  stage.clock.advance(4 * DAY);
  const good = stage.fallBack;
  stage.fallBack = async (tx, copy) => {
    await good(tx, copy);
    throw new Error('the record cannot be written');
  };
  await expect(stage.portal.reportUnread()).rejects.toThrow('the record cannot be written');
  expect(await pickups.letters(caller, null, 10)).toEqual([]);
  stage.fallBack = good;
  expect(await stage.portal.reportUnread()).toBe(1);
  expect(await pickups.letters(caller, null, 10)).toHaveLength(1);
});
