import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Permission, Scope } from '#core/actor';
import type { IdentityId, MessageId, SessionId } from '#core/ids';
import { deliveriesOf } from '#platform/record';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { readGrants } from '../platform/access/grants.ts';
import { readEvents } from '../products/messages/read-events.ts';
import {
  EVERY_MESSAGE,
  readDelivery,
  readList,
  readMessageContent,
  readMessageView,
  searchMessages,
} from '../products/messages/read-messages.ts';
import { readProof } from '../products/messages/read-proof.ts';
import { cancelMessage } from '../products/messages/withdraw.ts';
import { apiPorts } from './api-ports.ts';

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;
let ward: MessageId;
let desk: MessageId;

const WARD = 'ward@clinic.test';
const PATIENT = { local: 'Anna', domain: 'good-tls.test' };
const refusal = (code: string, parameters: object = {}) =>
  expect.objectContaining({ code, parameters: expect.objectContaining(parameters) });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-scoped-'));
  fresh = await freshDatabase({ poolSize: 10 });
  road = await startRoadForTest(
    loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url }),
    silentLogger,
  );
  ward = await send(road.caller, 'ward');
  desk = await send(road.caller, 'desk');
});
afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const ports = () => apiPorts(road.parts).messages;

async function send(caller: Caller, local: string, more: object = {}): Promise<MessageId> {
  const text = `From: <${local}@clinic.test>\r\nSubject: Results\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nAll well.\r\n`;
  const envelope = { sender: { local, domain: 'clinic.test' }, recipients: [PATIENT] };
  const options = { source: 'api', dueAt: new Date(Date.now() + 3_600_000), ...more } as const;
  return (await road.parts.intake.submit(caller, envelope, Buffer.from(text), options)).id;
}

const PERMISSIONS = ['messages:send', 'messages:read', 'messages:read-content', 'messages:cancel'] as const;

/** Somebody who holds these for these things alone. */
function scoped(scopes: readonly Scope[], permissions: readonly Permission[] = PERMISSIONS): Caller {
  return { ...road.caller, permissions: new Set(), scoped: new Map(permissions.map((one) => [one, scopes])) };
}

const mailbox = (id: string): Scope => ({ kind: 'mailbox', id });

describe('rights for one mailbox', () => {
  it('show its messages alone: in the list, by state, in a search, in events', async () => {
    const mine = scoped([mailbox(WARD)]);
    const ids = async (caller: Caller, filter = EVERY_MESSAGE) =>
      (await readList(ports(), caller, filter, null, 50)).map(({ message }) => message.id);
    expect((await ids(road.caller)).sort()).toEqual([ward, desk].sort());
    expect(await ids(mine)).toEqual([ward]);
    expect(await ids(mine, { ...EVERY_MESSAGE, states: ['queued'] })).toEqual([ward]);
    const terms = { text: 'results', from: null, to: null };
    const found = await searchMessages(ports(), mine, terms, EVERY_MESSAGE, null, 50);
    expect(found.shown.map(({ message }) => message.id)).toEqual([ward]);
    expect(await ids(scoped([mailbox('nobody@clinic.test')]))).toEqual([]);
    expect(await ids(scoped([{ kind: 'stream', id: 'transactional' }]))).toEqual([]);
    while ((await road.parts.foundation.record.sequenceEvents()) > 0);
    const events = await readEvents(ports(), mine, 0, 1);
    expect(events.rows[0]?.subjects).toContainEqual({ kind: 'message', id: ward });
    const rest = await readEvents(ports(), mine, 0, 100);
    expect(rest.rows.some((row) => row.subjects.some(({ id }) => id === desk))).toBe(false);
    expect(rest.last).toBe((await readEvents(ports(), road.caller, 0, 100)).last);
  });

  it('hide all others as if they did not exist, and stop nothing of theirs', async () => {
    const mine = scoped([mailbox(WARD)]);
    const missing = refusal('not-found');
    const { organisation } = road;
    const deliveries = await fresh.database.tenant([organisation], 'app', (tx) => deliveriesOf(tx, [desk]));
    const delivery = deliveries[0]?.id;
    if (delivery === undefined) throw new Error('no delivery');
    await expect(readMessageView(ports(), mine, desk)).rejects.toEqual(missing);
    await expect(readDelivery(ports(), mine, delivery)).rejects.toEqual(missing);
    await expect(readProof(ports(), mine, delivery)).rejects.toEqual(missing);
    const purpose = { action: 'message.content-read' } as const;
    await expect(readMessageContent(ports(), mine, desk, purpose)).rejects.toEqual(missing);
    await expect(cancelMessage(ports(), mine, desk)).rejects.toEqual(missing);
    expect((await readMessageView(ports(), mine, ward)).message.id).toBe(ward);
    expect((await readMessageContent(ports(), mine, ward, purpose)).read.text).toContain('All well');
    // One right for the mailbox is not another.
    const reader = scoped([mailbox(WARD)], ['messages:read']);
    await expect(cancelMessage(ports(), reader, ward)).rejects.toEqual(missing);
    await expect(readMessageContent(ports(), reader, ward, purpose)).rejects.toEqual(missing);
  });

  it('send as it alone, or in one stream alone', async () => {
    const notPermitted = refusal('not-permitted', { permission: 'messages:send' });
    const mine = scoped([mailbox(WARD)], ['messages:send']);
    await send(mine, 'Ward');
    await expect(send(mine, 'desk')).rejects.toEqual(notPermitted);
    await expect(send(scoped([], ['messages:send']), 'ward')).rejects.toEqual(notPermitted);
    const marketing = scoped([{ kind: 'stream', id: 'marketing' }], ['messages:send']);
    await send(marketing, 'desk', { stream: 'marketing' });
    await expect(send(marketing, 'desk')).rejects.toEqual(notPermitted);
    // The author in the header counts as the envelope does.
    const envelope = { sender: { local: 'ward', domain: 'clinic.test' }, recipients: [PATIENT] };
    const forged = Buffer.from(
      'From: <desk@clinic.test>\r\nSubject: x\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n',
    );
    await expect(road.parts.intake.submit(mine, envelope, forged, { source: 'api' })).rejects.toEqual(
      notPermitted,
    );
  });
});

describe('rights under the rule of care relationships', () => {
  it('open what one sent and what concerns one’s patients, and say why they do not open the rest', async () => {
    const { access, clock } = road.parts.foundation;
    const { organisation } = road;
    const from = { origin: road.caller.origin, request: 'r' };
    const add = async (local: string, role: string) => {
      const person = { address: { local, domain: 'clinic.test' }, displayName: local, roles: [role] };
      const added = await fresh.database.tenant([organisation], 'app', (tx) =>
        access.members.add(tx, organisation, person, null, from),
      );
      return added.identity;
    };
    const founder = await add('chief', 'administrator');
    const nurse = await add('nora', 'nurse');
    const boss = await callerFor(founder);
    const purpose = { action: 'message.content-read' } as const;
    const read = async (who: IdentityId, id: MessageId) =>
      (await readMessageContent(ports(), await callerFor(who), id, purpose)).read.text;
    expect(await read(nurse, ward)).toContain('All well');
    await access.care.setRule(boss, true);
    const care = refusal('not-permitted', { reason: 'care-relationship', hint: 'break-glass' });
    await expect(read(nurse, ward)).rejects.toEqual(care);
    expect(await read(founder, ward)).toContain('All well');
    const own = await send({ ...(await callerFor(nurse)), request: 'r' }, 'desk');
    expect(await read(nurse, own)).toContain('All well');
    const bySmtp = await send(road.caller, 'nora');
    expect(await read(nurse, bySmtp)).toContain('All well');
    const told = await access.rights.explain(boss, nurse, 'messages:read-content', null);
    expect(told.reasons.map(({ code }) => code)).toEqual(['care-relationship-needed']);
    const record = (more: object) =>
      access.care.record(boss, {
        ...{ subject: { kind: 'identity', id: nurse }, address: 'anna@good-tls.test' },
        ...{ since: new Date(clock.now().getTime() - 1_000), until: null, ...more },
      });
    await record({ address: 'ben@good-tls.test' });
    await record({ since: new Date(clock.now().getTime() + 3_600_000) });
    await expect(read(nurse, ward)).rejects.toEqual(care);
    const { id } = await record({});
    expect(await read(nurse, ward)).toContain('All well');
    await access.care.end(boss, id);
    await expect(read(nurse, ward)).rejects.toEqual(care);
    const { id: group } = await access.groups.create(boss, 'Ward 3');
    await access.groups.addMember(boss, group, nurse);
    await record({ subject: { kind: 'group', id: group } });
    expect(await read(nurse, ward)).toContain('All well');
    // Nobody under the rule opens messages to themselves.
    await access.assignments.assign(boss, {
      ...{
        subject: { kind: 'identity', id: nurse },
        role: (await keeper(boss)).id,
        scope: null,
        expiresAt: null,
      },
    });
    const self = access.care.record(await callerFor(nurse), {
      ...{ subject: { kind: 'identity', id: nurse }, address: 'cleo@good-tls.test' },
      ...{ since: clock.now(), until: null },
    });
    await expect(self).rejects.toEqual(refusal('not-permitted'));
    await expect(access.care.setRule(await callerFor(nurse), false)).rejects.toEqual(
      refusal('not-permitted'),
    );
    await access.care.setRule(boss, false);
  });
});

const keeper = (boss: Caller) =>
  road.parts.foundation.access.roles.create(boss, {
    ...{ name: 'Keeper', description: '', careOnly: false, permissions: ['roles:read', 'roles:write'] },
  });

async function callerFor(identity: IdentityId): Promise<Caller> {
  const { vault, clock } = road.parts.foundation;
  const grants = await fresh.database.tenant([road.organisation], 'app', (tx) =>
    readGrants(tx, vault, road.organisation, identity, clock.now()),
  );
  return {
    ...road.caller,
    ...grants,
    actor: { kind: 'person', identity, session: 's' as SessionId },
  };
}
