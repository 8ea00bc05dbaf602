import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Caller, PERMISSIONS } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import { type IdentityId, INSTALLATION, type OrganisationId, type SessionId } from '#core/ids';
import type { Statement, Transaction } from '#platform/database';
import { loadConfig, newId, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { createMonitoring, type Monitoring, type MonitoringPorts } from '../products/monitoring/index.ts';
import { openSystem, type SystemParts } from './open-system.ts';

const AUDITOR = newId() as IdentityId;

let home: string;
let fresh: FreshDatabase;
let parts: SystemParts;
let organisation: OrganisationId;
/** Moved by hand; the system's own worker is not part of this. */
let now: number;
const posted: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
let answer: { kind: 'answered'; status: number } | { kind: 'failed'; code: string };
let notices: unknown[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-monitoring-'));
  fresh = await freshDatabase({ poolSize: 10 });
  // Without its worker: the jobs are run here, when and how often the test wants.
  parts = await openSystem(loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url }), silentLogger);
  const { database, audit } = parts.foundation;
  const before = { ...refused('x'), organisation: INSTALLATION, subjects: [] };
  await database.tenant([INSTALLATION], 'app', (tx) => audit.append(tx, before));
  await audit.sequence(INSTALLATION);
});
afterAll(async () => {
  await parts.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(async () => {
  now = Date.now();
  posted.length = 0;
  notices = [];
  answer = { kind: 'answered', status: 204 };
  await found();
  // Reading begins: what was there before opens nothing.
  await write([{ ...refused(newId()), action: 'organisation.viewed' }]);
  await watchOurs(monitoring());
});

async function found(): Promise<void> {
  organisation = newId() as OrganisationId;
  const slug = organisation.slice(-12);
  const made = { id: organisation, name: 'Clinic', slug, domain: `c${slug}.test` };
  const { database, access } = parts.foundation;
  await database.tenant([organisation], 'app', (tx) => access.organisations.create(tx, made));
}

const clock = { now: () => new Date(now), monotonic: () => performance.now() };

function monitoring(over: Partial<MonitoringPorts> = {}): Monitoring {
  const { database, vault, audit, logger } = parts.foundation;
  return createMonitoring({
    ...{ database, vault, audit, clock, logger, placeOf: null },
    zone: () => Promise.resolve('UTC'),
    locale: () => Promise.resolve('en'),
    reader: (_organisation, identity) =>
      Promise.resolve(identity === AUDITOR ? { local: 'auditor', domain: 'clinic.test' } : null),
    operators: () => Promise.resolve([]),
    sendNotice: (_tx, notice) => {
      notices.push(notice);
      return Promise.resolve();
    },
    gateway: () => Promise.resolve(null),
    post: (url, headers, body) => {
      posted.push({ url, headers, body });
      return Promise.resolve(answer);
    },
    ...over,
  });
}

const caller = (): Caller => ({
  organisation,
  actor: { kind: 'person', identity: AUDITOR, session: newId() as SessionId },
  origin: { address: null, channel: 'console' },
  permissions: new Set(PERMISSIONS.filter((one) => one !== 'installation:operate')),
  request: 'test',
});

const refused = (account: string, network = '192.0.2.1'): AuditEntry => ({
  ...{ organisation, action: 'session.refused', actor: { kind: 'system', component: 'sign-in' } },
  ...{ origin: { address: network, channel: 'console' }, result: 'refused' },
  ...{ request: null, sealedReference: null },
  subjects: [{ kind: 'identity', id: account }],
  details: { reason: 'passphrase' },
});

async function write(entries: readonly AuditEntry[]): Promise<void> {
  const { database, audit, keyring } = parts.foundation;
  await database.tenant([organisation], 'app', async (tx) => {
    await keyring.ensureSigner(tx, organisation, 'audit');
    await audit.appendMany(tx, entries);
  });
  await audit.sequence(organisation);
}
const rows = <Row extends object>(statement: Statement) =>
  parts.foundation.database.tenant([organisation], 'worker', (tx) => tx.query<Row>(statement));
const incidents = () =>
  rows<{ rule: string; hits: number; evidence: number; state: string }>({
    text: 'select rule, hits, evidence, state from sealpost.incident order by id',
  });
/** The rule of the installation's own organisations are watched as well: only ours is looked at here. */
const watchOurs = async (one: Monitoring) => {
  while ((await one.watch()) > 0);
};

describe('the worker', () => {
  it('opens one incident with its evidence, joins what follows, and tells it apart from others', async () => {
    const [anna, ben] = [newId(), newId()];
    const one = monitoring();
    await write(Array.from({ length: 4 }, () => refused(anna)));
    await watchOurs(one);
    expect(await incidents()).toEqual([]);
    await write([refused(anna, '198.51.100.7'), refused(ben)]);
    await watchOurs(one);
    expect(await incidents()).toEqual([
      { rule: 'sign-in.failures-account', hits: 1, evidence: 5, state: 'open' },
    ]);
    await write([refused(anna), refused(anna)]);
    await watchOurs(one);
    expect(await incidents()).toEqual([
      { rule: 'sign-in.failures-account', hits: 3, evidence: 7, state: 'open' },
    ]);
    const [opened] = await rows<{ count: number }>({
      text: `select count(*)::integer as count from sealpost.audit_entry e
        where convert_from(e.leaf, 'UTF8')::jsonb->>'action' = 'incident.opened'`,
    });
    expect(opened?.count).toBe(1);
  });

  it('does nothing twice after a crash between reading and commit, and nothing by two at once', async () => {
    const anna = newId();
    await write(Array.from({ length: 8 }, () => refused(anna)));
    const { database } = parts.foundation;
    let crash = true;
    const crashing: typeof database = {
      ...database,
      tenant: (organisations, role, work, planning) =>
        database.tenant(
          ...([organisations, role] as const),
          async (tx: Transaction) => {
            const done = await work(tx);
            const [moved] = await tx.query({ text: 'select from sealpost.monitor_cursor' });
            if (crash && moved !== undefined) throw new Error('the process died');
            return done;
          },
          planning,
        ),
    };
    await monitoring({ database: crashing }).watch();
    expect(await incidents()).toEqual([]);
    crash = false;
    await Promise.all([watchOurs(monitoring()), watchOurs(monitoring()), watchOurs(monitoring())]);
    await watchOurs(monitoring());
    expect(await incidents()).toEqual([
      { rule: 'sign-in.failures-account', hits: 4, evidence: 8, state: 'open' },
    ]);
  });

  it('learns from what is old and opens nothing for it', async () => {
    await found();
    const anna = newId();
    await write(Array.from({ length: 8 }, () => refused(anna)));
    now = Date.now() + 1_000;
    await watchOurs(monitoring());
    expect(await incidents()).toEqual([]);
    const [kept] = await rows<{ count: number }>({
      text: 'select count(*)::integer as count from sealpost.monitor_window',
    });
    expect(kept?.count).toBeGreaterThan(0);
  });

  it('opens an incident where the log itself stands still', async () => {
    const { database, audit, keyring } = parts.foundation;
    await database.tenant([organisation], 'app', async (tx) => {
      await keyring.ensureSigner(tx, organisation, 'audit');
      await audit.append(tx, refused(newId()));
    });
    await monitoring().observe([organisation]);
    expect((await incidents()).map(({ rule }) => rule)).toEqual([]);
    now += 61_000;
    await monitoring().observe([organisation]);
    await monitoring().observe([organisation]);
    expect((await incidents()).map(({ rule, hits }) => [rule, hits])).toEqual([['audit.audit-behind', 2]]);
  });
});

describe('an incident', () => {
  const opened = async () => {
    await write(Array.from({ length: 5 }, () => refused('a'.repeat(8))));
    await watchOurs(monitoring());
    const [first] = await monitoring().incidents.list(caller(), { states: ['open'], before: null, most: 9 });
    if (first === undefined) throw new Error('no incident');
    return first;
  };

  it('is acknowledged, assigned to somebody who may read it, closed with a sealed note, and reopened by evidence', async () => {
    const { id } = await opened();
    const act = monitoring().incidents.act;
    await act(caller(), id, { kind: 'acknowledge' });
    await expect(act(caller(), id, { kind: 'acknowledge' })).rejects.toThrow('wrong-state');
    await expect(act(caller(), id, { kind: 'assign', to: newId() as IdentityId })).rejects.toThrow('invalid');
    await act(caller(), id, { kind: 'assign', to: AUDITOR });
    const closed = await act(caller(), id, { kind: 'close', cause: 'mistake', note: 'Anna forgot hers' });
    expect(closed.steps.map(({ kind, note }) => [kind, note])).toEqual([
      ...[
        ['opened', null],
        ['acknowledged', null],
        ['assigned', null],
      ],
      ['closed', 'Anna forgot hers'],
    ]);
    const [stored] = await rows<{ note: Buffer }>({
      text: 'select note from sealpost.incident_step where note is not null',
    });
    expect(stored?.note.toString('latin1')).not.toContain('Anna');
    await write([refused('a'.repeat(8))]);
    await watchOurs(monitoring());
    const again = await monitoring().incidents.read(caller(), id);
    expect([again.state, again.cause, again.steps.at(-1)?.kind]).toEqual(['open', null, 'reopened']);
  });

  it('is not seen from another organisation; the installation’s own are for operators', async () => {
    const { id } = await opened();
    const other = { ...caller(), organisation: newId() as OrganisationId };
    await expect(monitoring().incidents.read(other, id)).rejects.toThrow('not-found');
    const entries = Array.from({ length: 20 }, () => ({
      ...refused('x'),
      organisation: INSTALLATION,
      subjects: [],
    }));
    const { database, audit } = parts.foundation;
    await database.tenant([INSTALLATION], 'app', (tx) => audit.appendMany(tx, entries));
    await audit.sequence(INSTALLATION);
    await watchOurs(monitoring());
    const filter = { states: ['open'], before: null, most: 50 } as const;
    const seen = async (who: Caller) =>
      (await monitoring().incidents.list(who, filter)).map((one) => one.organisation);
    expect(await seen(caller())).toEqual([organisation]);
    expect(await seen({ ...caller(), permissions: new Set(PERMISSIONS) })).toContain(INSTALLATION);
  });
});

describe('alerts', () => {
  const hook = { kind: 'webhook', label: 'SIEM', url: 'https://siem.test/hook' } as const;
  const alerts = () =>
    rows<{ reason: string; state: string; attempts: number; failure: string | null }>({
      text: 'select reason, state, attempts, failure from sealpost.alert order by id',
    });
  const attack = () => write(Array.from({ length: 5 }, () => refused('a'.repeat(8))));

  it('go by mail to those who may read incidents and by a signed webhook, once an incident, without anything of a person', async () => {
    const one = monitoring();
    const { secret } = await one.channels.make(caller(), { to: hook, least: 'medium', active: true });
    const mail = { kind: 'mail', label: 'Team', people: [AUDITOR] } as const;
    await one.channels.make(caller(), { to: mail, least: 'low', active: true });
    const stranger = { ...mail, people: [newId()] };
    await expect(one.channels.make(caller(), { to: stranger, least: 'low', active: true })).rejects.toThrow(
      'invalid',
    );
    await attack();
    await watchOurs(one);
    await one.send();
    await write([refused('a'.repeat(8))]);
    await watchOurs(one);
    await one.send();
    expect((await alerts()).map(({ reason, state }) => [reason, state])).toEqual([
      ['opened', 'sent'],
      ['opened', 'sent'],
    ]);
    const [call] = posted;
    const [, seconds, hex] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(call?.headers['sealpost-signature'] ?? '') ?? [];
    expect(hex).toBe(
      createHmac('sha256', secret ?? '')
        .update(`${seconds}.${call?.body}`)
        .digest('hex'),
    );
    expect(notices).toHaveLength(1);
    const told = JSON.stringify([posted, notices]);
    expect(told).not.toMatch(/192\.0\.2|aaaaaaaa|passphrase/);
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      reason: 'opened',
      incident: { rule: 'sign-in.failures-account' },
    });
  });

  it('are repeated with growing waits where a webhook fails, are dead after a day, and say so', async () => {
    const one = monitoring();
    await one.channels.make(caller(), { to: hook, least: 'low', active: true });
    answer = { kind: 'failed', code: 'tls-failed' };
    await attack();
    await watchOurs(one);
    await one.send();
    await one.send();
    expect(await alerts()).toMatchObject([{ state: 'waiting', attempts: 1, failure: 'tls-failed' }]);
    for (let hour = 0; hour < 30; hour += 1) {
      now += 3_600_000;
      await one.send();
    }
    const [dead] = await alerts();
    expect(dead).toMatchObject({ state: 'dead', failure: 'tls-failed' });
    expect(dead?.attempts).toBeGreaterThan(20);
    const [shown] = await one.channels.list(caller());
    expect(shown?.newest).toMatchObject({ state: 'dead' });
  });

  it('are muted until a time, escalate while nobody acknowledges, and stop when somebody does', async () => {
    const one = monitoring();
    // Muting is itself something that this one finds; that it is off would be told, too.
    await one.rules.change(caller(), 'settings.watching-weakened', 0, { active: false });
    const [off] = await one.incidents.list(caller(), { states: ['open'], before: null, most: 1 });
    await one.incidents.act(caller(), off?.id ?? '', { kind: 'acknowledge' });
    await one.channels.make(caller(), { to: hook, least: 'low', active: true });
    await one.channels.setSettings(caller(), { mutedUntil: new Date(now + 60_000), escalateMinutes: 10 });
    await attack();
    await watchOurs(one);
    await one.escalate();
    expect((await alerts()).map(({ reason, state }) => [reason, state])).toEqual([['opened', 'muted']]);
    now += 601_000;
    await one.escalate();
    await one.escalate();
    expect((await alerts()).map(({ reason }) => reason)).toEqual(['opened', 'escalated']);
    const [incident] = await one.incidents.list(caller(), { states: ['open'], before: null, most: 1 });
    await one.incidents.act(caller(), incident?.id ?? '', { kind: 'acknowledge' });
    now += 601_000;
    await one.escalate();
    expect(await alerts()).toHaveLength(2);
    await one.incidents.act(caller(), incident?.id ?? '', { kind: 'raise', severity: 'critical' });
    expect((await alerts()).map(({ reason }) => reason)).toEqual(['opened', 'escalated', 'raised']);
  });
});

describe('a rule', () => {
  const own = {
    name: 'Refusals of Anna Secret',
    definition: {
      match: { actions: ['session.'], results: ['refused' as const], channels: [], details: [] },
      by: 'organisation' as const,
      detector: {
        kind: 'count' as const,
        measure: { of: 'entries' as const },
        threshold: 3,
        windowSeconds: 600,
      },
    },
    severity: 'critical' as const,
    active: true,
    channels: null,
  };

  it('of one’s own fires; a ready one is changed, switched off and set back; each is on record as looser or not', async () => {
    const one = monitoring();
    const { id } = await one.rules.make(caller(), own);
    const [stored] = await rows<{ name: Buffer }>({ text: 'select name from sealpost.alert_rule' });
    expect(stored?.name.toString('latin1')).not.toContain('Anna');
    const code = 'sign-in.failures-account';
    await one.rules.change(caller(), code, 0, { active: false });
    await expect(one.rules.change(caller(), code, 0, { active: true })).rejects.toThrow('version-conflict');
    await write(Array.from({ length: 5 }, () => refused(newId())));
    await write(Array.from({ length: 5 }, () => refused('a'.repeat(8))));
    await watchOurs(one);
    const found = (await incidents()).map(({ rule }) => rule);
    expect(found).toContain(id);
    expect(found).not.toContain(code);
    expect(found).toContain('settings.watching-weakened');
    await one.rules.remove(caller(), code);
    const list = await one.rules.list(caller());
    expect(list.find((rule) => rule.id === code)).toMatchObject({ active: true, revision: 2 });
    await one.rules.remove(caller(), id);
    expect((await one.rules.list(caller())).some((rule) => rule.id === id)).toBe(false);
  });

  it('is tried on the past: what it would have found, and nothing is opened or sent', async () => {
    const one = monitoring();
    await write(Array.from({ length: 7 }, () => refused('a'.repeat(8))));
    now += 1_000;
    const { definition } = own;
    const { id } = await one.tries.start(caller(), { definition, severity: 'high', days: 30 });
    await Promise.all([one.tries.run(), monitoring().tries.run()]);
    await vi.waitFor(async () => expect((await one.tries.read(caller(), id)).state).toBe('done'));
    const { result } = await one.tries.read(caller(), id);
    expect(result).toMatchObject({ found: 1, incidents: [{ group: 'all', hits: 5 }] });
    expect(await incidents()).toEqual([]);
    expect(await rows({ text: 'select id from sealpost.alert' })).toEqual([]);
  });
});
