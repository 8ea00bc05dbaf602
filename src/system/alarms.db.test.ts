import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import type { Notice } from '#core/notice';
import { silentLogger } from '#platform/runtime';
import { createMonitoring, type Monitoring, type MonitoringPorts } from '#products/monitoring';
import { createBreakGlass } from '#products/safeguards';
import { callerOf } from '../platform/access/test-kit.ts';
import { type Member, openSafeguards, type SafeguardStage } from '../products/safeguards/test-kit.ts';
import type { Foundation } from './foundation.ts';
import { safeguardPorts } from './safeguard-ports.ts';

// Alarms that wait for nobody's reading: who is told, by what, and what becomes of it after a crash.

let stage: SafeguardStage;
let monitoring: Monitoring;
const mailed: Notice[] = [];
const posted: string[] = [];
let broken = false;
beforeAll(async () => {
  stage = await openSafeguards();
  const { database, vault } = stage.ports;
  const ports: MonitoringPorts = {
    ...{
      database,
      vault: vault as never,
      audit: stage.audit,
      clock: stage.world.clock,
      logger: silentLogger,
    },
    placeOf: null,
    zone: () => Promise.resolve('UTC'),
    locale: () => Promise.resolve('en'),
    reader: () => Promise.resolve(null),
    async operators() {
      const operators = await stage.access.members.operators();
      return operators.map(({ organisation, person: { address } }) => {
        const [local = '', domain = ''] = address.split('@');
        return { organisation, address: { local, domain }, locale: 'en' };
      });
    },
    sendNotice: async (_tx, notice) => {
      if (broken) throw new Error('the process died');
      mailed.push(notice);
    },
    gateway: () => Promise.resolve(null),
    post: async (_url, _headers, body) => {
      posted.push(body);
      return { kind: 'answered', status: 204 };
    },
  };
  monitoring = createMonitoring(ports);
});
afterAll(async () => {
  await stage.server.close(100);
  await stage.world.close();
});
beforeEach(() => {
  mailed.length = 0;
  posted.length = 0;
  stage.world.notices.length = 0;
});

const alertsOf = (organisation: OrganisationId) =>
  stage.ports.database.tenant([organisation], 'worker', (tx) =>
    tx.query<{ reason: string; state: string; failure: string | null }>({
      text: 'select reason, state, failure from sealpost.alert order by id',
    }),
  );

describe('emergency access', () => {
  it('tells the channels with the act itself, each time, and none where the act was refused', async () => {
    const foundation = { ...stage.ports, logger: silentLogger } as unknown as Foundation;
    const glasses = createBreakGlass(safeguardPorts(foundation, monitoring));
    const boss: Member = await stage.join(null, ['administrator']);
    const nurse = await stage.join(boss, ['front-desk']);
    const admin: Caller = callerOf(boss);
    const to = { kind: 'webhook', label: 'SIEM', url: 'https://siem.test/hook' } as const;
    await monitoring.channels.make(admin, { to, least: 'high', active: true });
    await monitoring.channels.make(admin, { to, least: 'critical', active: true });
    await monitoring.channels.make(admin, { to, least: 'low', active: false });
    const use = callerOf(nurse, ['break-glass:use']);
    const asked = { reason: 'Unconscious, MRN 4711', reference: 'MRN 4711', minutes: 15 };
    const { id } = await glasses.start(use, asked);
    await expect(glasses.start(use, asked)).rejects.toThrow('wrong-state');
    await glasses.end(use, id);
    await glasses.start(use, asked);
    await monitoring.send();
    const sent = { reason: 'emergency', state: 'sent', failure: null };
    expect(await alertsOf(boss.organisation)).toEqual([sent, sent]);
    expect(posted.map((body) => JSON.parse(body))).toMatchObject([
      { reason: 'emergency', severity: 'high', incident: null },
      { reason: 'emergency', severity: 'high', incident: null },
    ]);
    expect(JSON.stringify([posted, stage.world.notices])).not.toMatch(/4711|Unconscious/);
    expect(stage.world.notices.map(({ body }) => body.kind)).toEqual([
      'emergency-access',
      'emergency-access',
    ]);
    expect(JSON.stringify(stage.world.notices)).not.toContain(nurse.identity);
  });
});

describe('an incident of the installation itself', () => {
  const refused: AuditEntry = {
    ...{
      organisation: INSTALLATION,
      action: 'session.refused',
      subjects: [],
      details: { reason: 'unknown' },
    },
    ...{ actor: { kind: 'system', component: 'sign-in' }, result: 'refused', request: null },
    ...{ origin: { address: '192.0.2.9', channel: 'console' }, sealedReference: null },
  };
  /** Its log stands still: one entry without a place, for too long. */
  const standStill = async () => {
    const { database } = stage.ports;
    await database.tenant([INSTALLATION], 'app', (tx) => stage.audit.append(tx, refused));
    stage.world.clock.advance(61);
    await monitoring.observe([]);
  };

  it('is mailed to who operates the installation, once, also when the process dies on the way', async () => {
    const boss = await stage.join(null, ['administrator']);
    await stage.join(boss, ['administrator']);
    await stage.ports.database.system('app', (tx) =>
      tx.execute({
        text: 'update sealpost.identity set operator = true where id = $1',
        values: [boss.identity],
      }),
    );
    await standStill();
    broken = true;
    await monitoring.send();
    broken = false;
    expect(mailed).toEqual([]);
    expect((await alertsOf(INSTALLATION)).map(({ state }) => state)).toEqual(['waiting']);
    stage.world.clock.advance(61);
    await monitoring.send();
    await monitoring.send();
    expect(mailed.map(({ organisation, to, body }) => [organisation, to.local, body.kind])).toEqual([
      [boss.organisation, 's3', 'security-alert'],
    ]);
    expect(JSON.stringify(mailed)).not.toMatch(/192\.0\.2/);
    expect((await alertsOf(INSTALLATION)).map(({ state }) => state)).toEqual(['sent']);
  });
});
