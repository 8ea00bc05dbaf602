import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditReferenceBinding } from '#core/audit-reference';
import type { MessageId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { eventsAfter, lastSequence, messageEventsAfter, messagesById } from '#platform/record';
import { idTime, loadConfig, newId, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { auditRoutes } from '../products/compliance/audit-routes.ts';
import {
  EVERY_MESSAGE,
  type ListFilter,
  readList,
  readMessageContent,
  searchMessages,
} from '../products/messages/read-messages.ts';
import { cancelMessage, retractMessage } from '../products/messages/withdraw.ts';
import { apiPorts } from './api-ports.ts';

const CONTENT = Buffer.from(
  'From: Staff <staff@clinic.test>\r\nSubject: Results\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nAll well.\r\n',
);

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-messages-'));
  fresh = await freshDatabase({ poolSize: 10 });
  road = await startRoadForTest(
    loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url }),
    silentLogger,
  );
});
afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const ports = () => apiPorts(road.parts).messages;
const inApp = <T>(work: (tx: Transaction) => Promise<T>) =>
  fresh.database.tenant([road.organisation], 'app', work);

async function scheduled(): Promise<MessageId> {
  const to = { local: 'anna', domain: 'good-tls.test' };
  const from = { local: 'staff', domain: 'clinic.test' };
  const accepted = await road.parts.intake.submit(road.caller, { sender: from, recipients: [to] }, CONTENT, {
    source: 'api',
    dueAt: new Date(Date.now() + 3_600_000),
  });
  return accepted.id;
}

const stateOf = (id: MessageId) => inApp(async (tx) => (await messagesById(tx, [id]))[0]?.state);

async function eventTypes(id: MessageId): Promise<string[]> {
  while ((await road.parts.foundation.record.sequenceEvents()) > 0);
  const rows = await inApp((tx) => eventsAfter(tx, road.organisation, 0, 1000));
  return rows.filter((row) => row.subjects.some((one) => one.id === id)).map((row) => row.type);
}

async function resolve(entry: string): Promise<unknown> {
  const routes = auditRoutes(apiPorts(road.parts).audit);
  const route = routes.find((one) => one.path === '/v1/audit/:id/reference');
  const answer = await route?.invoke({
    params: { id: entry },
    query: {},
    headers: {},
    body: undefined,
    caller: road.caller,
    session: null,
    // This route reads nothing of the request itself.
    common: {} as never,
  });
  return answer?.body;
}

async function auditLeaves(action: string): Promise<string[]> {
  const rows = await inApp((tx) =>
    tx.query<{ leaf: Buffer }>({ text: 'select leaf from sealpost.audit_entry order by id' }),
  );
  return rows.map((row) => row.leaf.toString()).filter((leaf) => leaf.includes(`"${action}"`));
}

describe('withdrawing', () => {
  it('cancels what waits, once', async () => {
    const id = await scheduled();
    const first = await cancelMessage(ports(), road.caller, id);
    expect(first.deliveries.map((one) => one.result)).toEqual(['cancelled']);
    const second = await cancelMessage(ports(), road.caller, id);
    expect(second.deliveries.map((one) => one.result)).toEqual(['too-late']);
    expect((await eventTypes(id)).filter((type) => type === 'message.cancelled')).toHaveLength(1);
    await retractMessage(ports(), road.caller, id);
    expect(await stateOf(id)).toBe('retracted');
  });

  it('does not call a message cancelled that has arrived everywhere', async () => {
    const { id } = await road.submit('staff@clinic.test', ['anna@good-tls.test'], CONTENT);
    await road.waitForEnds(id, 20_000);
    const done = await cancelMessage(ports(), road.caller, id);
    expect(done.deliveries.map((one) => one.result)).toEqual(['too-late']);
    expect(await stateOf(id)).toBe('accepted');
  }, 30_000);
});

describe('access on record', () => {
  it('names the messages whose subjects and addresses a list showed', async () => {
    const id = await scheduled();
    await readList(ports(), road.caller, EVERY_MESSAGE, null, 1);
    const [leaf] = (await auditLeaves('messages.listed')).slice(-1);
    expect(leaf).toContain(id);
  });

  it('lets an authorised reviewer find out where a recipient acted from', async () => {
    const { audit, vault } = road.parts.foundation;
    const { organisation } = road;
    const person = newId() as PortalPersonId;
    const subjects = [{ kind: 'portal-person', id: person }];
    const text = JSON.stringify({ networkAddress: '203.0.113.9' });
    const entry = await inApp(async (tx) =>
      audit.append(tx, {
        organisation,
        action: 'portal.signed-in',
        actor: { kind: 'recipient', person },
        origin: { address: null, channel: 'portal' },
        result: 'done',
        subjects,
        details: {},
        sealedReference: await vault.sealValue('record', auditReferenceBinding(organisation, subjects), text),
        request: null,
      }),
    );
    expect(await resolve(entry)).toEqual({ networkAddress: '203.0.113.9' });
  });

  it('lets an authorised reviewer find out whom an entry was about, and puts that on record', async () => {
    const { id } = await road.submit('staff@clinic.test', ['anna@good-tls.test'], CONTENT);
    await road.waitForEnds(id, 20_000);
    const before = (await auditLeaves('audit.reference-resolved')).length;
    const [accepted] = (await auditLeaves('message.accepted')).filter((leaf) => leaf.includes(id));
    const [delivered] = (await auditLeaves('delivery.delivered')).filter((leaf) => leaf.includes(id));
    expect(accepted).not.toContain('anna');
    expect(await resolve(JSON.parse(accepted ?? '{}').id)).toEqual({
      sender: 'staff@clinic.test',
      recipients: ['anna@good-tls.test'],
    });
    expect(await resolve(JSON.parse(delivered ?? '{}').id)).toEqual({ recipients: ['anna@good-tls.test'] });
    expect(await auditLeaves('audit.reference-resolved')).toHaveLength(before + 2);
  }, 30_000);

  it('stays on record where the content then does not open', async () => {
    const id = await scheduled();
    await inApp((tx) =>
      tx.execute({ text: 'delete from sealpost.message_content where id = $1', values: [id] }),
    );
    const reading = readMessageContent(ports(), road.caller, id, { action: 'message.content-read' });
    await expect(reading).rejects.toThrow('a message has no content');
    expect((await auditLeaves('message.content-read')).some((leaf) => leaf.includes(id))).toBe(true);
  });

  it('holds the reading of a policy, whose rules name recipients', async () => {
    const before = (await auditLeaves('policy.viewed')).length;
    await road.parts.policies.newest(road.caller);
    expect(await auditLeaves('policy.viewed')).toHaveLength(before + 1);
  });
});

describe('following one message', () => {
  it('does not read the events of others again at each look', async () => {
    const quiet = await scheduled();
    await eventTypes(quiet);
    const start = await inApp((tx) => lastSequence(tx, road.organisation));
    await scheduled();
    await eventTypes(quiet);
    const last = await inApp((tx) => lastSequence(tx, road.organisation));
    expect(last).toBeGreaterThan(start);
    const { rows, read } = await inApp((tx) => messageEventsAfter(tx, road.organisation, quiet, start));
    expect(rows).toEqual([]);
    expect(read).toBe(last);
  });
});

describe('searching', () => {
  it('says where it stopped looking, so that a rare state among many hits is found on a later page', async () => {
    for (let number = 0; number < 25; number += 1) await scheduled();
    const terms = { text: 'results', from: null, to: null };
    const bounced = { ...EVERY_MESSAGE, states: ['bounced' as const] };
    const first = await searchMessages(ports(), road.caller, terms, bounced, null, 1);
    expect(first.shown).toEqual([]);
    expect(first.stoppedAt).not.toBeNull();
    let at = first.stoppedAt;
    for (let page = 0; at !== null && page < 10; page += 1) {
      at = (await searchMessages(ports(), road.caller, terms, bounced, at, 1)).stoppedAt;
    }
    expect(at).toBeNull();
  });

  it('is narrowed to a method and to a range of time, together with the words', async () => {
    const { id } = await road.submit('staff@clinic.test', ['anna@good-tls.test', 'bo@no-tls.test'], CONTENT);
    await road.waitForEnds(id, 20_000);
    const terms = { text: 'results', from: null, to: null };
    const found = async (filter: Partial<ListFilter>): Promise<boolean> => {
      const all = { ...EVERY_MESSAGE, ...filter };
      const page = await searchMessages(ports(), road.caller, terms, all, null, 5);
      return page.shown.some((one) => one.message.id === id);
    };
    const accepted = idTime(id) ?? new Date(0);
    const later = new Date(accepted.getTime() + 1);
    expect(await found({ method: 'portal' })).toBe(true);
    expect(await found({ method: 'portal', states: ['delivered'] })).toBe(false);
    expect(await found({ method: 'pgp' })).toBe(false);
    expect(await found({ since: accepted, until: later })).toBe(true);
    expect(await found({ since: later })).toBe(false);
    expect(await found({ until: accepted })).toBe(false);
  }, 30_000);
});
