import { hash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NoticeId, OrganisationId } from '#core/ids';
import type { NoticeBody } from '#core/notice';
import type { Audit } from '#platform/audit';
import { newId } from '#platform/runtime';
import {
  cancelPortalNotices,
  closeMessage,
  deliveriesOf,
  eventsAfter,
  latestProof,
  type MessageRecord,
  messagesById,
} from './index.ts';
import { openRecordStage, type RecordStage, ROOM } from './test-kit.ts';

let stage: RecordStage;
let fresh: RecordStage['fresh'];
let record: MessageRecord;
let audit: Audit;
let organisation: OrganisationId;
let newMessage: RecordStage['newMessage'];
let claimAll: RecordStage['claimAll'];
let openAll: RecordStage['openAll'];
let outcomeOf: RecordStage['outcomeOf'];
let stateOf: RecordStage['stateOf'];

beforeAll(async () => {
  stage = await openRecordStage();
  ({ fresh, record, audit, organisation, newMessage, claimAll, openAll, outcomeOf, stateOf } = stage);
});
afterAll(() => stage.close());
beforeEach(() => stage.emptyQueue());

describe('the message record', () => {
  it('gives back what was accepted, opened once for all its recipients', async () => {
    const message = await newMessage(['anna@patient.example', 'ben@other.example']);
    await record.accept(message);
    const { opened, unreadable } = await openAll();
    expect(unreadable).toEqual([]);
    expect(opened.map((one) => one.delivery.recipient.local).sort()).toEqual(['anna', 'ben']);
    expect(opened[0]?.opened).toBe(opened[1]?.opened);
    expect(opened[0]?.opened.message.subject).toBe('Results');
    expect(opened[0]?.opened.content.bytes?.toString()).toBe('hello');
  });

  it('accepts as a whole or not at all: when something of the transaction fails nothing is there', async () => {
    const message = await newMessage(['anna@patient.example']);
    const failing = record.accept(message, async () => {
      throw new Error('the idempotent answer could not be stored');
    });
    await expect(failing).rejects.toThrow('idempotent');
    const rows = await fresh.database.tenant([organisation], 'app', (tx) => messagesById(tx, [message.id]));
    expect(rows).toEqual([]);
    expect(await claimAll()).toEqual([]);
  });

  it('does not accept what the audit refuses', async () => {
    const message = await newMessage(['anna@patient.example']);
    const bad = { ...message.audit, details: { to: 'anna@patient.example' } };
    await expect(record.accept({ ...message, audit: bad })).rejects.toThrow();
    const rows = await fresh.database.tenant([organisation], 'app', (tx) => messagesById(tx, [message.id]));
    expect(rows).toEqual([]);
  });

  it('shares commits between messages that come together, and lets none pay for a neighbour', async () => {
    const good = await Promise.all(Array.from({ length: 40 }, () => newMessage(['anna@patient.example'])));
    const bad = await newMessage(['ben@patient.example']);
    const refused = { ...bad.audit, details: { to: 'ben@patient.example' } };
    const ends = await Promise.allSettled(
      [...good.slice(0, 20), { ...bad, audit: refused }, ...good.slice(20)].map((one) => record.accept(one)),
    );
    expect(ends.filter((one) => one.status === 'rejected')).toHaveLength(1);
    const rows = await fresh.database.tenant([organisation], 'app', (tx) =>
      messagesById(
        tx,
        [...good, bad].map((one) => one.id),
      ),
    );
    expect(rows.map((row) => row.id).sort()).toEqual(good.map((one) => one.id).sort());
    expect((await claimAll()).map((claim) => claim.message).sort()).toEqual(good.map((one) => one.id).sort());
  });

  it('claims an item once, and again only after its lease has run out; the late outcome is then dropped', async () => {
    const message = await newMessage(['anna@patient.example']);
    await record.accept(message);
    const first = (await claimAll(0)).filter((claim) => claim.kind === 'delivery');
    const second = (await claimAll(30)).filter((claim) => claim.kind === 'delivery');
    expect(first[0]?.late).toBe(false);
    expect(second[0]?.late).toBe(true);
    expect(await claimAll()).toEqual([]);
    const old = await record.openDeliveries(organisation, first);
    const current = await record.openDeliveries(organisation, second);
    const [oldWork] = old.opened;
    const [work] = current.opened;
    if (!oldWork || !work) throw new Error('not opened');
    expect(await record.commitOutcomes(organisation, [outcomeOf(oldWork, { state: 'bounced' })])).toBe(0);
    expect(await stateOf(message.id)).toEqual(['queued']);
    expect(await record.commitOutcomes(organisation, [outcomeOf(work)])).toBe(1);
    expect(await stateOf(message.id)).toEqual(['delivered']);
    expect(await record.commitOutcomes(organisation, [outcomeOf(work)])).toBe(0);
  });

  it('puts the hash of a proof into the audit entry of its outcome, under the proof’s id', async () => {
    const message = await newMessage(['anna@patient.example']);
    await record.accept(message);
    const [work] = (await openAll()).opened;
    if (!work) throw new Error('not opened');
    const outcome = outcomeOf(work);
    const second = outcome.audit.map((one) => ({ ...one, action: 'notice.sent' }));
    await record.commitOutcomes(organisation, [{ ...outcome, audit: [...outcome.audit, ...second] }]);
    const [proof, entry] = await fresh.database.tenant([organisation], 'app', async (tx) => {
      const found = await latestProof(tx, work.delivery.id);
      return [found, found && (await audit.entry(tx, organisation, found.id))];
    });
    expect(entry?.entry?.details).toEqual({
      method: 'tls',
      proof: hash('sha256', proof?.record ?? '', 'hex'),
    });
    expect(JSON.parse(proof?.record ?? '')).toMatchObject({
      id: proof?.id,
      recipientDomain: 'patient.example',
    });
    expect(proof?.record).not.toContain('anna');
  });

  it('records no proof that no audit entry carries', async () => {
    await record.accept(await newMessage(['anna@patient.example']));
    const [work] = (await openAll()).opened;
    if (!work) throw new Error('not opened');
    const bare = outcomeOf(work, { audit: [] });
    await expect(record.commitOutcomes(organisation, [bare])).rejects.toThrow('without an entry');
    expect(await stateOf(work.delivery.message)).toEqual(['queued']);
  });

  it('puts a deferred delivery back for its time', async () => {
    const message = await newMessage(['anna@patient.example']);
    await record.accept(message);
    const [work] = (await openAll()).opened;
    if (!work) throw new Error('not opened');
    const nextAt = new Date(Date.now() + 60_000);
    await record.commitOutcomes(organisation, [outcomeOf(work, { state: 'deferred', nextAt, proof: null })]);
    expect(await claimAll()).toEqual([]);
    expect(await stateOf(message.id)).toEqual(['deferred']);
    expect(await record.queueDepth()).toEqual([{ kind: 'delivery', due: 0, waiting: 1 }]);
  });

  it('counts a deferral once when its commit was answered by a lost connection and is tried again', async () => {
    const message = await newMessage(['anna@patient.example']);
    await record.accept(message);
    const [work] = (await openAll()).opened;
    if (!work) throw new Error('not opened');
    const nextAt = new Date(Date.now() + 60_000);
    const deferred = outcomeOf(work, { state: 'deferred', nextAt, proof: null });
    expect(await record.commitOutcomes(organisation, [deferred])).toBe(1);
    expect(await record.commitOutcomes(organisation, [deferred])).toBe(0);
    const rows = await fresh.database.tenant([organisation], 'app', (tx) => deliveriesOf(tx, [message.id]));
    expect(rows.map((row) => row.attempts)).toEqual([1]);
  });

  it('does not place a copy in the portal after its message was retracted', async () => {
    const message = await newMessage(['anna@patient.example', 'ben@patient.example']);
    await record.accept(message);
    const [one, other] = (await openAll()).opened;
    if (!one || !other) throw new Error('not opened');
    await fresh.database.tenant([organisation], 'app', (tx) => closeMessage(tx, message.id, 'retracted'));
    let placed = 0;
    const portal = async () => {
      placed += 1;
      throw new Error('the portal copy is gone');
    };
    const inPortal = outcomeOf(one, { state: 'portal-waiting', method: 'portal', portal });
    // What was sent by another method is on record all the same.
    expect(await record.commitOutcomes(organisation, [inPortal, outcomeOf(other)])).toBe(1);
    expect(placed).toBe(0);
    expect(await record.messageState(organisation, message.id)).toBe('retracted');
    expect(await record.messageState(newId() as OrganisationId, message.id)).toBeNull();
    expect((await stateOf(message.id)).sort()).toEqual(['delivered', 'queued']);
    const [again] = (await openAll()).opened;
    expect(again?.opened.message.state).toBe('retracted');
  });

  it('takes back the notices of a message, and leaves what is told to its sender', async () => {
    const message = await newMessage(['anna@patient.example'], { dueAt: new Date(Date.now() + 60_000) });
    await record.accept(message);
    const [delivery] = message.deliveries;
    if (!delivery) throw new Error('no delivery');
    const about = { message: message.id, delivery: delivery.id };
    const notice = (body: NoticeBody) => ({
      giveUpAt: new Date(Date.now() + 60_000),
      notice: {
        id: newId() as NoticeId,
        organisation,
        to: { local: 'anna', domain: 'patient.example' },
        locale: 'en' as const,
        body,
      },
    });
    const left = await fresh.database.tenant([organisation], 'app', async (tx) => {
      await record.sendNotice(
        tx,
        notice({ kind: 'portal-message', ...about, linkToken: 'token', expiresAt: new Date() }),
      );
      await record.sendNotice(tx, notice({ kind: 'portal-read', ...about, readAt: new Date() }));
      return cancelPortalNotices(tx, message.id, new Date());
    });
    expect(left).toBe(1);
    const { opened, unreadable } = await record.openNotices(
      organisation,
      (await claimAll()).filter((claim) => claim.kind === 'notice'),
    );
    expect(opened.map((one) => one.notice.body.kind)).toEqual(['portal-read']);
    expect(unreadable).toEqual([]);
  });

  it('tells which leases it could keep', async () => {
    const message = await newMessage(['anna@patient.example', 'ben@patient.example']);
    await record.accept(message);
    const [one, other] = await claimAll();
    if (!one || !other) throw new Error('not claimed');
    const kept = await record.extendLeases(organisation, [one, { ...other, fence: other.fence + 1 }], 30);
    expect([...kept]).toEqual([one.item]);
  });

  it('claims wherever the round begins: before, at and behind the only organisation', async () => {
    for (const message of [
      await newMessage(['anna@patient.example']),
      await newMessage(['ben@other.example']),
    ]) {
      await record.accept(message);
    }
    const claimOne = (start: string) => record.claim({ ...ROOM, free: 1, perDomain: 1, start });
    expect(await claimOne(organisation)).toHaveLength(1);
    expect(await claimOne('ffffffff-ffff-ffff-ffff-ffffffffffff')).toHaveLength(1);
    expect(await claimOne('00000000-0000-0000-0000-000000000000')).toEqual([]);
  });

  it('puts what cannot be opened aside without holding up the rest', async () => {
    const good = await newMessage(['anna@patient.example']);
    const other = await newMessage(['ben@patient.example']);
    // Another message's subject: the ciphertext is bound to its row and does not open here.
    await record.accept({ ...good, subject: other.subject });
    await record.accept(other);
    const { opened, unreadable } = await openAll();
    expect(opened.map((one) => one.delivery.message)).toEqual([other.id]);
    expect(unreadable).toHaveLength(1);
    await record.postpone(
      organisation,
      unreadable.map((one) => one.claim),
      new Date(Date.now() + 60_000),
    );
    expect((await claimAll()).map((claim) => claim.message)).not.toContain(good.id);
  });

  it('puts aside a delivery whose recipient does not open, and opens the others of its message', async () => {
    const message = await newMessage(['anna@patient.example', 'ben@patient.example']);
    const [first, second] = message.deliveries;
    if (!first || !second) throw new Error('no deliveries');
    await record.accept({ ...message, deliveries: [{ ...first, recipient: second.recipient }, second] });
    const { opened, unreadable } = await openAll();
    expect(opened.map((one) => one.delivery.id)).toEqual([second.id]);
    expect(unreadable.map((one) => one.claim.item)).toEqual([first.id]);
  });

  it('ends what can never be read with an explicit non-delivery', async () => {
    const message = await newMessage(['anna@patient.example']);
    await record.accept(message);
    const claims = await claimAll();
    await record.abandon(organisation, claims);
    expect(await stateOf(message.id)).toEqual(['not-delivered']);
    expect(await claimAll()).toEqual([]);
    await record.abandon(organisation, claims);
    expect(await stateOf(message.id)).toEqual(['not-delivered']);
  });

  it('writes an event into the order only when it is committed, and in one sequence', async () => {
    await record.sequenceEvents();
    const before = await fresh.database.tenant([organisation], 'app', (tx) =>
      eventsAfter(tx, organisation, 0, 1000),
    );
    const messages = await Promise.all([1, 2, 3].map(() => newMessage(['anna@patient.example'])));
    await Promise.all(messages.map((one) => record.accept(one)));
    expect(await record.sequenceEvents()).toBe(3);
    expect(await record.sequenceEvents()).toBe(0);
    const last = before.at(-1)?.sequence ?? 0;
    const after = await fresh.database.tenant([organisation], 'app', (tx) =>
      eventsAfter(tx, organisation, last, 1000),
    );
    expect(after.map((row) => row.sequence)).toEqual([last + 1, last + 2, last + 3]);
    expect(new Set(after.flatMap((row) => row.subjects.map((subject) => subject.id)))).toEqual(
      new Set(messages.map((one) => one.id)),
    );
  });

  it('gives every notice its dates back as dates', async () => {
    const at = new Date('2026-11-22T10:10:00Z');
    const bodies: readonly NoticeBody[] = [
      { kind: 'passkey-added', addedAt: at },
      { kind: 'account-changed', change: 'factor-added', changedAt: at },
      { kind: 'emergency-access', emergency: 'e', startedAt: at, expiresAt: at },
    ];
    const to = { local: 'anna', domain: 'patient.example' };
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      for (const body of bodies) {
        const notice = { id: newId() as NoticeId, organisation, to, locale: 'en', body } as const;
        await record.sendNotice(tx, { notice, giveUpAt: new Date(Date.now() + 60_000) });
      }
    });
    const claims = (await record.claim({ ...ROOM, free: 3 })).filter((claim) => claim.kind === 'notice');
    const { opened } = await record.openNotices(organisation, claims);
    expect(new Set(opened.map(({ notice }) => notice.body))).toEqual(new Set(bodies));
  });

  it('sends notices ahead of mail, sealed, and takes their content away when they are done', async () => {
    const message = await newMessage(['anna@patient.example']);
    await record.accept(message);
    const id = newId() as NoticeId;
    await fresh.database.tenant([organisation], 'app', (tx) =>
      record.sendNotice(tx, {
        giveUpAt: new Date(Date.now() + 60_000),
        notice: {
          id,
          organisation,
          to: { local: 'anna', domain: 'patient.example' },
          locale: 'en',
          body: { kind: 'sign-in-code', code: '123456', expiresAt: new Date('2026-11-22T10:10:00Z') },
        },
      }),
    );
    // A batch comes in no order; where there is room for one only, that one is the notice.
    const claims = await record.claim({ ...ROOM, free: 1 });
    expect(claims.map((claim) => claim.kind)).toEqual(['notice']);
    const { opened } = await record.openNotices(
      organisation,
      claims.filter((claim) => claim.kind === 'notice'),
    );
    expect(opened[0]?.notice.body).toEqual({
      kind: 'sign-in-code',
      code: '123456',
      expiresAt: new Date('2026-11-22T10:10:00Z'),
    });
    const [claim] = opened;
    if (!claim) throw new Error('not opened');
    await record.commitNotices(organisation, [
      {
        id,
        fence: claim.claim.fence,
        state: 'delivered',
        code: null,
        nextAt: null,
        audit: [],
        undeliverable: null,
        at: new Date(),
      },
    ]);
    const again = await record.openNotices(organisation, [claim.claim]);
    expect(again.opened).toEqual([]);
  });
});
