import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '#core/audit-entry';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { freshSigner } from '../../../prove/support/audit-log.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner } from '../database/owner-connection.ts';
import { type Audit, createAudit } from './audit.ts';
import type { AuditQuery } from './list.ts';

const organisation = newId() as OrganisationId;
const other = newId() as OrganisationId;
const nurse = { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId } as const;
const message = newId();
const delivery = newId();

let fresh: FreshDatabase;
let audit: Audit;

const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  organisation,
  action: 'message.viewed',
  actor: { kind: 'system', component: 'test' },
  origin: { address: '192.0.2.1', channel: 'console' },
  result: 'done',
  subjects: [],
  details: {},
  sealedReference: null,
  request: null,
  ...changes,
});
const write = (...entries: AuditEntry[]) =>
  fresh.database.tenant([organisation, other], 'app', (tx) => audit.appendMany(tx, entries));
const ask = async (query: Omit<AuditQuery, 'limit'>, limit = 50, id = organisation) => {
  const page = await fresh.database.tenant([id], 'app', (tx) => audit.list(tx, id, { limit, ...query }));
  return page ?? { lines: [], next: null };
};
const actionsOf = async (query: Omit<AuditQuery, 'limit'>) =>
  (await ask(query)).lines.map((line) => line.entry?.action ?? 'unreadable');

beforeAll(async () => {
  fresh = await freshDatabase();
  const signers = new Map([organisation, other].map((id) => [id, freshSigner(id)]));
  const signer = (id: OrganisationId) => {
    const one = signers.get(id);
    if (one === undefined) throw new Error('no such log');
    return Promise.resolve(one);
  };
  audit = createAudit({
    database: fresh.database,
    clock: systemClock,
    signer,
    verifiers: async (id) => [await signer(id)],
    witness: null,
  });
  await write(...Array.from({ length: 700 }, () => entry()));
  await write(
    entry({ action: 'message.content-read', actor: nurse, subjects: [{ kind: 'message', id: message }] }),
    entry({ action: 'delivery.delivered', subjects: [{ kind: 'delivery', id: delivery }] }),
    entry({ action: 'policy.changed', actor: nurse, result: 'refused', request: 'req-1' }),
    entry({ action: 'session.started', actor: nurse, origin: { address: '198.51.100.7', channel: 'api' } }),
    entry({ organisation: other, action: 'policy.changed', actor: nurse }),
  );
  await write(...Array.from({ length: 700 }, () => entry()));
  await audit.sequence();
  await audit.index();
});
afterAll(() => fresh.close());

describe('searching the log', () => {
  it('finds by action, actor, subject, result, channel, network and request, and by several at once', async () => {
    expect(await actionsOf({ action: 'policy.changed' })).toEqual(['policy.changed']);
    expect(await actionsOf({ action: 'session.' })).toEqual(['session.started']);
    expect(await actionsOf({ actions: ['policy.', 'delivery.delivered'] })).toHaveLength(2);
    expect(await actionsOf({ actors: new Set([nurse.identity]) })).toHaveLength(3);
    expect(await actionsOf({ subject: message })).toEqual(['message.content-read']);
    expect(await actionsOf({ about: new Set([message, delivery]) })).toHaveLength(2);
    expect(
      await actionsOf({ about: new Set([message, delivery]), actors: new Set([nurse.identity]) }),
    ).toHaveLength(1);
    expect(await actionsOf({ result: 'refused' })).toEqual(['policy.changed']);
    expect(await actionsOf({ network: '198.51.100.7', channel: 'api' })).toEqual(['session.started']);
    expect(await actionsOf({ request: 'req-1' })).toEqual(['policy.changed']);
    expect(await actionsOf({ request: 'req-1', result: 'failed' })).toEqual([]);
  });

  it('asks the index, and reads from the log what that does not reach', async () => {
    const set = (indexed: number) =>
      fresh.database.tenant([organisation], 'worker', (tx) =>
        tx.execute({ text: 'update audit_search_state set indexed = $1', values: [indexed] }),
      );
    const sql = await connectOwner(fresh.superuserUrl);
    await sql.query('create table kept as select * from sealpost.audit_search');
    await sql.query('delete from sealpost.audit_search');
    expect(await actionsOf({ actors: new Set([nurse.identity]) })).toHaveLength(0);
    await set(0);
    expect(await actionsOf({ actors: new Set([nurse.identity]) })).toHaveLength(3);
    await sql.query('insert into sealpost.audit_search select * from kept');
    await sql.close();
    await set(1404);
  });

  it('pages without loss or repetition', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask({ action: 'message.viewed', cursor }, 190);
      seen.push(...page.lines.map((line) => line.id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toHaveLength(1400);
    expect(new Set(seen).size).toBe(1400);
    expect([...seen].sort().reverse()).toEqual(seen);
  });

  it('finds by a long list of ids what it finds by a short one, newest first', async () => {
    const others = Array.from({ length: 300 }, () => newId());
    const long = await ask({ about: new Set([message, delivery, ...others]) });
    const short = await ask({ about: new Set([message, delivery]) });
    expect(long.lines.map((line) => line.id)).toEqual(short.lines.map((line) => line.id));
    expect(short.lines).toHaveLength(2);
    const both = { about: new Set([message, delivery, ...others]), actors: new Set([nurse.identity]) };
    expect(await actionsOf(both)).toEqual(['message.content-read']);
    expect((await ask({ about: new Set([message, delivery, ...others]) }, 50, other)).lines).toEqual([]);
  });

  it('finds what has no place yet, and what the index has not read yet', async () => {
    await write(entry({ action: 'key.made' }));
    expect(await actionsOf({ action: 'key.made' })).toEqual(['key.made']);
    await audit.sequence();
    expect(await actionsOf({ action: 'key.made' })).toEqual(['key.made']);
    expect(await audit.index()).toBe(1);
    expect(await actionsOf({ action: 'key.made' })).toEqual(['key.made']);
  });

  it('shows nothing of another organisation, whatever is asked', async () => {
    expect((await ask({ actors: new Set([nurse.identity]) }, 50, other)).lines).toHaveLength(1);
    const foreign = await fresh.database.tenant([other], 'app', (tx) =>
      tx.query({
        text: "select search_audit($1, '{}', null, null, null, $2, $3, 10)",
        values: [
          organisation,
          '00000000-0000-0000-0000-000000000000',
          'ffffffff-ffff-ffff-ffff-ffffffffffff',
        ],
      }),
    );
    expect(foreign).toEqual([]);
  });

  it('shows nothing of another organisation by any of its functions, nor to whoever carries none', async () => {
    const [lowest, highest] = [
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ];
    const sql = await connectOwner(fresh.superuserUrl);
    const rows = await sql.query<{ term: string }>(
      'select distinct unnest(terms)::text as term from sealpost.audit_search where organisation = $1',
      [organisation],
    );
    await sql.close();
    // Longer than fifty: the way by single tables.
    const long = [...rows.map(({ term }) => term), ...Array.from({ length: 60 }, (_, at) => `${at}`)];
    const calls = [
      { text: "select search_audit($1, '{}', $4::bigint[], null, null, $2, $3, 10)", values: [long] },
      { text: 'select unreadable_audit($1, $2, $3, 10)', values: [] },
    ].map(({ text, values }) => ({ text, values: [organisation, lowest, highest, ...values] }));
    expect(
      await fresh.database.tenant([organisation], 'app', (tx) => tx.query(calls[0] ?? { text: '' })),
    ).not.toEqual([]);
    for (const call of calls) {
      expect(await fresh.database.tenant([other], 'app', (tx) => tx.query(call))).toEqual([]);
      expect(await fresh.database.system('app', (tx) => tx.query(call))).toEqual([]);
    }
    const inner = {
      text: `select audit_by_terms('sealpost.audit_search', true, $1, '{}', null, null, null, $2, $3, 10)`,
      values: [organisation, lowest, highest],
    };
    for (const role of ['app', 'worker'] as const)
      await expect(
        fresh.database.tenant([organisation], role, (tx) => tx.query(inner)),
      ).rejects.toMatchObject({ code: '42501' });
  });

  it('finds what lies behind the newest five thousand, and pages over that edge', async () => {
    for (let batch = 0; batch < 11; batch += 1) {
      await write(
        ...Array.from({ length: 500 }, (_, at) => entry({ action: at === 0 ? 'edge.one' : 'flood.one' })),
      );
    }
    await audit.sequence();
    while ((await audit.index()) > 0);
    expect(await actionsOf({ subject: message })).toEqual(['message.content-read']);
    expect(await actionsOf({ action: 'policy.changed', result: 'refused' })).toEqual(['policy.changed']);
    expect(await actionsOf({ actions: ['edge.one', 'session.started'] })).toEqual([
      ...Array.from({ length: 11 }, () => 'edge.one'),
      'session.started',
    ]);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask({ actions: ['edge.', 'policy.'], cursor }, 5);
      seen.push(...page.lines.map((line) => line.id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toHaveLength(12);
    expect([...new Set(seen)].sort().reverse()).toEqual(seen);
  });

  it('brings up an entry whose bytes were changed after it was indexed, and one that is gone', async () => {
    const [gone, changed] = await write(entry({ action: 'tamper.one' }), entry({ action: 'tamper.one' }));
    await audit.sequence();
    await audit.index();
    const sql = await connectOwner(fresh.superuserUrl);
    await sql.query('delete from sealpost.audit_entry where id = $1', [gone ?? null]);
    await sql.query("update sealpost.audit_entry set leaf = 'x' where id = $1", [changed ?? null]);
    await sql.close();
    expect(await actionsOf({ action: 'tamper.one' })).toEqual(['unreadable', 'unreadable']);
  });
});
