import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import { createLogger, newId, systemClock } from '#platform/runtime';
import { connectOwner } from '../../platform/database/owner-connection.ts';
import { auditRoutes } from './audit-routes.ts';
import { type ComplianceStage, openComplianceStage, routeOf } from './test-kit.ts';
import { unsoundLogs } from './verified.store.ts';
import { verifyLogs } from './verify-logs.ts';

let stage: ComplianceStage;

beforeAll(async () => {
  stage = await openComplianceStage();
  await stage.write(...Array.from({ length: 600 }, () => stage.entry()));
  await stage.settle();
});
afterAll(() => stage.close());

const call = (name: string, body?: object) => stage.call(routeOf(auditRoutes(stage.ports), name), { body });
const SETTINGS = { reviewDays: 7, reviewers: [], dayBegins: 7, dayEnds: 19 };

describe('the log', () => {
  const TABLES = ['audit_entry', 'audit_order', 'audit_tile', 'audit_checkpoint'];
  const acts = TABLES.flatMap((table) => [
    `delete from sealpost.${table}`,
    `truncate sealpost.${table}`,
    `update sealpost.${table} set organisation = organisation`,
  ]);

  it.each(['app', 'worker'] as const)('is not changed or taken from by %s', async (role) => {
    for (const text of acts) {
      const act = stage.database.tenant([stage.organisation], role, (tx) => tx.execute({ text }));
      await expect(act, text).rejects.toMatchObject({ code: '42501' });
    }
    for (const text of [
      'delete from sealpost.audit_promise',
      'update sealpost.audit_promise set years = 6',
    ]) {
      const act = stage.database.tenant([stage.organisation], role, (tx) => tx.execute({ text }));
      await expect(act, text).rejects.toMatchObject({ code: '42501' });
    }
    const partition = stage.database.tenant([stage.organisation], role, (tx) =>
      tx.execute({ text: `drop table sealpost.audit_entry` }),
    );
    await expect(partition).rejects.toMatchObject({ code: '42501' });
  });

  it('is not changed or taken from even by the role that owns its tables', async () => {
    const owner = await connectOwner(stage.fresh.superuserUrl);
    await owner.query('set role sealpost_owner');
    await owner.query("select set_config('sealpost.organisations', $1, false)", [`{${stage.organisation}}`]);
    for (const text of acts) await expect(owner.query(text), text).rejects.toMatchObject({ code: '42501' });
    await owner.query('reset role');
    const [row] = await owner.query<{ count: number }>(
      'select count(*)::int as count from sealpost.audit_order',
    );
    expect(row?.count).toBe(600);
    await owner.close();
  });
});

describe('who reviews it', () => {
  it('is somebody who works here, or did when they were named', async () => {
    const reviewer = newId();
    const as = (isMember: boolean, reviewers: string[]) =>
      stage.call(
        routeOf(auditRoutes({ ...stage.ports, isMember: async () => isMember }), 'PUT /v1/audit-settings'),
        { body: { ...SETTINGS, retentionYears: 6, reviewers } },
      );
    await expect(as(false, [reviewer])).rejects.toMatchObject({ code: 'invalid' });
    await as(true, [reviewer]);
    await as(false, [reviewer]);
    await expect(as(false, [reviewer, newId()])).rejects.toMatchObject({ code: 'invalid' });
    await as(false, []);
  });
});

describe('how long it is kept', () => {
  const keptYears = async (written: string, id: OrganisationId = stage.organisation) => {
    const { until } = await stage.database.tenant([id], 'app', (tx) =>
      tx.one<{ until: Date }>({
        text: 'select audit_kept_until($1, $2) as until',
        values: [id, new Date(written)],
      }),
    );
    return until.getUTCFullYear() - new Date(written).getUTCFullYear();
  };

  it('is six years without a word', async () => {
    expect(await keptYears('2026-06-01T00:00:00Z', newId() as OrganisationId)).toBe(6);
  });

  it('is raised for all entries at once, and lowered only for those that come after', async () => {
    const old = '2025-06-01T00:00:00Z';
    await call('PUT /v1/audit-settings', { ...SETTINGS, retentionYears: 10 });
    expect(await keptYears(old)).toBe(10);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await call('PUT /v1/audit-settings', { ...SETTINGS, retentionYears: 7 });
    expect(await keptYears(old)).toBe(10);
    expect(await keptYears(new Date(Date.now() + 1000).toISOString())).toBe(7);
    expect((await stage.logged('audit.retention-raised'))[0]?.details).toEqual({ years: 10, before: 6 });
    expect((await stage.logged('audit.retention-lowered'))[0]?.details).toEqual({ years: 7, before: 10 });
  });

  it('is never less than six, not by the API and not in the database', async () => {
    await expect(call('PUT /v1/audit-settings', { ...SETTINGS, retentionYears: 5 })).rejects.toThrow();
    const less = stage.database.tenant([stage.organisation], 'app', (tx) =>
      tx.execute({
        text: 'insert into audit_promise (id, organisation, years, made_at) values ($1, $2, 5, now())',
        values: [newId(), stage.organisation],
      }),
    );
    await expect(less).rejects.toMatchObject({ code: '23514' });
  });
});

describe('the daily verification', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => void lines.push(line) });
  const ports = () => ({ audit: stage.audit, database: stage.database, clock: systemClock, logger });
  const state = async () =>
    z
      .object({ lastVerification: z.object({ sound: z.boolean(), kinds: z.array(z.string()) }).nullable() })
      .parse((await call('GET /v1/audit/state')).body).lastVerification;

  it('is done once a day, and shown', async () => {
    await stage.settle();
    expect(await state()).toBe(null);
    expect(await verifyLogs(ports(), [stage.organisation])).toBe(1);
    expect(await verifyLogs(ports(), [stage.organisation])).toBe(0);
    expect(await state()).toEqual({ sound: true, kinds: [] });
    expect(await stage.database.system('app', unsoundLogs)).toBe(0);
  });

  it('says so outside of the log as well when it finds something, or cannot finish', async () => {
    const again = { ...ports(), clock: { ...systemClock, now: () => new Date(Date.now() + 90_000_000) } };
    const sql = await connectOwner(stage.fresh.superuserUrl);
    await sql.query(
      "update sealpost.audit_entry set leaf = 'x' where id = (select entry from sealpost.audit_order where organisation = $1 and position = 9)",
      [stage.organisation],
    );
    await sql.close();
    await verifyLogs(again, [stage.organisation]);
    expect(await state()).toEqual({ sound: false, kinds: ['entry-changed'] });
    expect(await stage.database.system('worker', unsoundLogs)).toBe(1);
    expect(lines.join('')).toContain('audit.verification-failed');
    expect(await stage.logged('audit.verification-failed')).toHaveLength(1);
    const later = { ...ports(), clock: { ...systemClock, now: () => new Date(Date.now() + 190_000_000) } };
    await verifyLogs(later, [stage.organisation], -1);
    expect(await state()).toEqual({ sound: false, kinds: ['not-finished'] });
  });
});
