import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor, Caller } from '#core/actor';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import type { Statement } from '#platform/database';
import { loadConfig, newId, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { connectOwner, type OwnerConnection } from '../platform/database/owner-connection.ts';
import type { ReplayDetail } from '../products/policies/replays.ts';

const ANNA = 'anna@good-tls.test';
const BEN = 'ben@no-tls.test';
const COPIES = 1100;
const { version: _, ...DEFAULT } = DEFAULT_POLICY;

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;
let owner: OwnerConnection;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-workbench-'));
  fresh = await freshDatabase({ poolSize: 10 });
  const config = loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url });
  road = await startRoadForTest(config, silentLogger);
  owner = await connectOwner(fresh.superuserUrl);
});

afterAll(async () => {
  await road.close();
  await owner.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const policies = () => road.parts.policies;
const person = (over: Partial<Caller> = {}): Caller => ({
  ...road.caller,
  actor: { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId },
  ...over,
});
const stranger = (): Caller => person({ organisation: newId() as OrganisationId });
const run = (statement: Statement) =>
  road.parts.foundation.database.tenant([road.organisation], 'worker', (tx) => tx.execute(statement));
const column = (text: string) =>
  road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
    tx.query<{ sealed: Buffer }>({ text }),
  );
const ruleFor = (address: string) => ({
  ...{ address, tls: null, exclusive: null },
  methods: ['portal'] as const,
});

async function replayed(document: Omit<Policy, 'version'>): Promise<ReplayDetail> {
  const started = await policies().replays.start(road.caller, { document, days: 2, most: 200_000 });
  await policies().replays.run();
  await expect
    .poll(async () => (await policies().replays.read(road.caller, started.id)).state, { timeout: 10_000 })
    .toBe('done');
  return policies().replays.read(road.caller, started.id);
}

describe('a draft of a policy', () => {
  it('is kept sealed, saved by one at a time, and seen by its organisation alone', async () => {
    const document = { ...DEFAULT, recipients: [ruleFor('Anna.Secret@clinic.test')] };
    const draft = await policies().drafts.make(road.caller, {
      ...{ name: 'For Anna Secret', document, baseVersion: 1 },
    });
    const [row] = await column('select document as sealed from sealpost.policy_draft');
    expect(row?.sealed.length).toBeGreaterThan(100);
    expect(row?.sealed.toString('latin1')).not.toMatch(/secret|clinic|portal/i);
    const unfinished = { name: 'Later', document: { ...document, methods: [] } };
    const saved = await policies().drafts.save(road.caller, draft.id, 1, unfinished);
    expect(saved).toMatchObject({ name: 'Later', revision: 2 });
    expect(saved.document.recipients[0]?.address).toBe('anna.secret@clinic.test');
    await expect(policies().drafts.save(road.caller, draft.id, 1, unfinished)).rejects.toThrow(
      'version-conflict',
    );
    const other = stranger();
    expect(await policies().drafts.list(other)).toEqual([]);
    await expect(policies().drafts.read(other, draft.id)).rejects.toThrow('not-found');
    await expect(policies().drafts.save(other, draft.id, 2, unfinished)).rejects.toThrow('not-found');
    await expect(policies().drafts.drop(other, draft.id)).rejects.toThrow('not-found');
    expect(await policies().drafts.list(road.caller)).toHaveLength(1);
    await policies().drafts.drop(road.caller, draft.id);
    expect(await policies().drafts.list(road.caller)).toEqual([]);
  });
});

describe('a replay', () => {
  it('decides what was decided again, then otherwise, and knows whose key is held', async () => {
    const content = Buffer.from(`From: s@clinic.test\r\nTo: ${ANNA}, ${BEN}\r\nSubject: x\r\n\r\nx\r\n`);
    const { id } = await road.submit('staff@clinic.test', [ANNA, BEN], content);
    const ends = await road.waitForEnds(id, 15_000);
    expect([ends[ANNA]?.method, ends[BEN]?.method]).toEqual(['tls', 'portal']);
    const same = await replayed(DEFAULT);
    expect(same.summary).toMatchObject({
      ...{ decisions: 2, reproduced: 2, incomplete: 0, changed: 0, differing: [] },
    });
    await road.parts.pdfPasswords.set(road.caller, BEN, null);
    const pdf = await replayed({ ...DEFAULT, methods: ['pdf', 'tls', 'portal'] });
    expect(pdf.summary?.moves).toEqual([{ from: 'portal', to: 'pdf', count: 1, assumed: 1 }]);
    expect(pdf.summary).toMatchObject({ reproduced: 2, changed: 1, higher: 0, lower: 0 });
    expect(pdf.differences.map(({ key }) => key)).toEqual(['methods']);
    // 1.3 was spoken with Anna's server, so a draft that asks for it changes nothing.
    const newer = { minimum: '1.3', authentication: 'verified' } as const;
    expect((await replayed({ ...DEFAULT, tls: newer })).summary).toMatchObject({ changed: 0 });
  });

  it('goes over many pages, finds a rule’s recipient without opening an address, and holds no PHI', async () => {
    const tail = "right(lpad(to_hex(n), 12, '0'), 12)";
    const copied = (id: string) => `(left(${id}::text, 24) || ${tail})::uuid`;
    for (const [table, ids, rest] of [
      ['message', ['id'], ''],
      ['delivery', ['id', 'message'], `and domain = 'good-tls.test'`],
    ] as const) {
      const [first] = await owner.query<{ names: string }>(
        `select string_agg(column_name, ', ') as names from information_schema.columns
            where table_schema = 'sealpost' and table_name = '${table}' and column_name <> all ('{${ids.join()}}')`,
      );
      const made = await owner.query(
        `insert into sealpost.${table} (${ids.join()}, ${first?.names}) select ${ids.map(copied).join()}, ${first?.names}
          from sealpost.${table}, generate_series(1, ${COPIES}) n where true ${rest} returning id`,
      );
      expect(made).toHaveLength(COPIES);
    }
    // Two that are older than the keeping of facts; one whose decision its policy would not make.
    await run({
      text: `update sealpost.delivery set facts = null where right(id::text, 12) = lpad('1', 12, '0')`,
    });
    await run({
      text: `update sealpost.delivery set attempts = 2 where right(id::text, 12) = lpad('2', 12, '0')`,
    });
    await run({
      text: `update sealpost.delivery set decision = jsonb_set(decision, '{method}', '"portal"')
        where right(id::text, 12) = lpad('3', 12, '0')`,
    });
    const { summary } = await replayed({ ...DEFAULT, recipients: [ruleFor('Anna@good-tls.test')] });
    const all = COPIES + 2;
    expect(summary).toMatchObject({ decisions: all, reproduced: all - 1, incomplete: 2, assumed: 0 });
    expect(summary?.differing).toHaveLength(1);
    expect(summary?.moves).toEqual([{ from: 'tls', to: 'portal', count: all - 2, assumed: 0 }]);
    expect(summary).toMatchObject({ higher: all - 2, lower: 0, gained: 0, lost: 0 });
    expect(Object.keys(summary?.domains ?? {})).toEqual(['good-tls.test']);
    expect(JSON.stringify(summary)).not.toMatch(/anna|ben@/i);
    const sealed = await column('select document as sealed from sealpost.policy_replay');
    for (const row of sealed) expect(row.sealed.toString('latin1')).not.toMatch(/anna|good-tls/i);
  });

  it('takes a waiver as it stood at that time', async () => {
    const until = new Date(Date.now() + 86_400_000);
    const text = 'I was told of the risk of plain mail and want it all the same.';
    await road.parts.waivers.record(road.caller, { address: BEN, text, language: 'en', expiresAt: until });
    const heeding = { ...DEFAULT, waivers: { enabled: true, highestClass: 'light' } as const };
    expect((await replayed(heeding)).summary).toMatchObject({ changed: 0 });
    await run({
      text: `update sealpost.delivery set facts = jsonb_set(facts, '{at}', to_jsonb(now() + interval '1 minute'))`,
    });
    const { summary } = await replayed(heeding);
    expect(summary?.moves).toEqual([{ from: 'portal', to: 'waiver', count: 1, assumed: 0 }]);
    expect(summary).toMatchObject({ lower: 1, higher: 0 });
  });

  it('can be cancelled, is refused for what could not be turned on, and belongs to its organisation', async () => {
    const wanted = { document: DEFAULT, days: 2, most: 1000 };
    let cancelled = '';
    // The worker may have finished it before.
    for (let tries = 0; tries < 20 && cancelled === ''; tries += 1) {
      const { id } = await policies().replays.start(road.caller, wanted);
      const done = await policies()
        .replays.cancel(road.caller, id)
        .then(
          () => true,
          (error: Error) => (error.message === 'wrong-state' ? false : Promise.reject(error)),
        );
      if (done) cancelled = id;
    }
    expect((await policies().replays.read(road.caller, cancelled)).state).toBe('cancelled');
    await expect(policies().replays.cancel(road.caller, cancelled)).rejects.toThrow('wrong-state');
    const empty = { ...wanted, document: { ...DEFAULT, methods: [] } };
    await expect(policies().replays.start(road.caller, empty)).rejects.toThrow('invalid');
    await expect(policies().replays.read(stranger(), cancelled)).rejects.toThrow('not-found');
    await expect(policies().replays.cancel(stranger(), cancelled)).rejects.toThrow('not-found');
    expect(await policies().replays.list(stranger())).toEqual([]);
  });
});

describe('four eyes on the policy', () => {
  const strict = { ...DEFAULT, exclusive: true };
  const state = async (id: string, caller: Caller) =>
    (await policies().proposals.list(caller, null, 50)).find((one) => one.id === id);

  async function proposed(
    caller: Caller,
    expected: number,
    document: Omit<Policy, 'version'>,
  ): Promise<string> {
    const saved = await policies().save(caller, expected, document);
    if (saved.kind !== 'proposed') throw new Error('it was stored');
    return saved.proposal;
  }

  it('lets another person decide, never the one who proposed, nor a program', async () => {
    const [ann, bob] = [person(), person()];
    const { proposals } = policies();
    await expect(proposals.set(road.caller, true)).rejects.toThrow('not-permitted');
    expect(await proposals.set(ann, true)).toEqual({ on: true, proposal: null });
    const id = await proposed(ann, 1, { ...strict, recipients: [ruleFor('hidden@clinic.test')] });
    expect((await policies().current(road.organisation)).version).toBe(1);
    const [row] = await column('select document as sealed from sealpost.policy_proposal');
    expect(row?.sealed.toString('latin1')).not.toMatch(/hidden|clinic/i);
    expect(await state(id, ann)).toMatchObject({ state: 'pending', mayDecide: false, mayWithdraw: true });
    expect(await state(id, bob)).toMatchObject({ mayDecide: true, mayWithdraw: false });
    for (const caller of [ann, road.caller]) {
      await expect(proposals.approve(caller, id, '')).rejects.toThrow('not-permitted');
      await expect(proposals.reject(caller, id, '')).rejects.toThrow('not-permitted');
    }
    await expect(proposals.withdraw(bob, id)).rejects.toThrow('not-permitted');
    await expect(proposals.approve(stranger(), id, '')).rejects.toThrow('not-found');
    await proposals.approve(bob, id, 'Agreed on Monday');
    expect(await policies().current(road.organisation)).toMatchObject({ version: 2, exclusive: true });
    const ended = await state(id, bob);
    expect(ended).toMatchObject({ state: 'approved', comment: 'Agreed on Monday', endedBy: bob.actor });
    expect(ended?.differences.map(({ key }) => key)).toEqual(['exclusive', 'recipients.hidden@clinic.test']);
    expect((await policies().newest(bob)).createdBy).toEqual(ann.actor);
    await expect(proposals.approve(bob, id, '')).rejects.toThrow('wrong-state');
  });

  it('takes the maker of an API key for the one who proposes with it', async () => {
    const [ann, bob] = [person(), person()];
    const { access, database } = road.parts.foundation;
    const wanted = { label: 'x', permissions: ['policies:write' as const], networks: [], expiresAt: null };
    const keyOf = (by: Actor) =>
      database.tenant([road.organisation], 'app', (tx) =>
        access.apiKeys.issue(tx, road.organisation, wanted, by, ann),
      );
    const { key } = await keyOf(ann.actor);
    const program = { ...road.caller, actor: { kind: 'api-key', apiKey: key.id } as const };
    const id = await proposed(program, 2, DEFAULT);
    await expect(policies().proposals.approve(ann, id, '')).rejects.toThrow('not-permitted');
    // A key that no person made has nobody to answer for it.
    await expect(policies().save(road.caller, 2, DEFAULT)).rejects.toThrow('not-permitted');
    await policies().proposals.reject(bob, id, '');
    expect(await state(id, ann)).toMatchObject({ state: 'rejected' });
  });

  it('does not put in force what is stale or expired, and ends only by a second person', async () => {
    const [ann, bob] = [person(), person()];
    const { proposals } = policies();
    const [first, second, third] = [
      await proposed(ann, 2, DEFAULT),
      await proposed(bob, 2, { ...DEFAULT, giveUpDays: 3 }),
      await proposed(ann, 2, { ...DEFAULT, giveUpDays: 4 }),
    ];
    await proposals.approve(bob, first, '');
    expect(await state(second, ann)).toMatchObject({ state: 'stale' });
    await expect(proposals.approve(ann, second, '')).rejects.toThrow('version-conflict');
    await proposals.withdraw(ann, third);
    await owner.script(
      `update sealpost.policy_proposal set expires_at = now() - interval '1 second' where id = '${second}'`,
    );
    expect(await state(second, ann)).toMatchObject({ state: 'expired', mayDecide: false });
    await expect(proposals.reject(ann, second, '')).rejects.toThrow('wrong-state');
    await expect(policies().save(ann, 1, DEFAULT)).rejects.toThrow('version-conflict');
    const off = await proposals.set(ann, false);
    expect(off).toMatchObject({ on: true, proposal: expect.any(String) });
    await expect(proposals.approve(ann, off.proposal ?? '', '')).rejects.toThrow('not-permitted');
    await proposals.approve(bob, off.proposal ?? '', '');
    expect(await proposals.on(ann)).toBe(false);
    // Watchers of the log are told that one person alone may change the policy again.
    const told = await owner.query<{ details: unknown }>(
      `select convert_from(leaf, 'UTF8')::jsonb -> 'details' as details from sealpost.audit_entry
       where organisation = '${ann.organisation}'
         and convert_from(leaf, 'UTF8')::jsonb ->> 'action' = 'policy-setting.changed' order by id`,
    );
    expect(told.map(({ details }) => details)).toEqual([
      { fourEyes: true },
      { fourEyes: false, loosened: 'four-eyes' },
    ]);
    expect(await policies().save(ann, 3, { ...DEFAULT, giveUpDays: 2 })).toMatchObject({ kind: 'stored' });
    expect((await policies().compare(ann, 3, 4)).map(({ key }) => key)).toEqual(['giveUpDays']);
  });
});
