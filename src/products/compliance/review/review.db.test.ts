import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { IdentityId, SessionId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { connectOwner } from '../../../platform/database/owner-connection.ts';
import { auditRoutes } from '../audit-routes.ts';
import { type ComplianceStage, openComplianceStage, routeOf } from '../test-kit.ts';
import { sayOverdue } from './say-overdue.ts';

let stage: ComplianceStage;
beforeAll(async () => {
  stage = await openComplianceStage();
  await stage.write(...Array.from({ length: 30 }, () => stage.entry()));
  await stage.settle();
});
afterAll(() => stage.close());

const call = async (name: string, asked: object = {}, as = stage.caller) =>
  (await stage.call(routeOf(auditRoutes(stage.ports), name), asked, as)).body;
const begin = async () => z.object({ id: z.string() }).parse(await call('POST /v1/audit-reviews')).id;
const detail = z.looseObject({
  from: z.int(),
  to: z.int(),
  onlySelf: z.boolean(),
  statement: z.string().nullable(),
  standsOut: z.record(z.string(), z.int()),
  actions: z.array(z.object({ action: z.string(), count: z.int(), before: z.number().nullable() })),
  shown: z.array(
    z.object({
      ...{ id: z.string(), why: z.array(z.string()) },
      entry: z.object({ id: z.string(), action: z.string(), result: z.string() }),
    }),
  ),
  marks: z.array(z.object({ note: z.string() })),
});
const read = async (id: string) => detail.parse(await call('GET /v1/audit-reviews/:id', { params: { id } }));
const close = (id: string) =>
  call('POST /v1/audit-reviews/:id/close', { params: { id }, body: { statement: 'Nothing canary' } });

describe('reviewing the log', () => {
  it('covers what was recorded since, says what stands out, and is closed with a statement', async () => {
    const first = await begin();
    await expect(begin()).rejects.toMatchObject({ code: 'wrong-state' });
    await close(first);
    // All acts of people were the reviewer's own: marked, not hidden.
    expect(await read(first)).toMatchObject({ from: 0, to: 30, onlySelf: true, statement: 'Nothing canary' });
    const nurse = { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId } as const;
    await stage.write(
      stage.entry({ action: 'policy.changed', actor: nurse }),
      stage.entry({ action: 'message.content-read', actor: nurse, result: 'refused' }),
      stage.entry({ action: 'audit.exported', actor: nurse }),
      stage.entry({ action: 'audit.reference-resolved', actor: nurse }),
    );
    await stage.settle();
    const second = await begin();
    const found = await read(second);
    expect(found.from).toBe(30);
    expect(found.standsOut).toMatchObject({ policy: 1, refused: 1, exported: 1, resolved: 1 });
    const refused = found.shown.find(({ why }) => why.includes('refused'));
    // The reviewer sees what they are to judge, not its number alone.
    expect(refused?.entry).toEqual({ id: refused?.id, action: 'message.content-read', result: 'refused' });
    const viewed = found.actions.find(({ action }) => action === 'message.viewed');
    expect(viewed).toMatchObject({ count: 0, before: found.to - found.from });
    const params = { id: second };
    await call('POST /v1/audit-reviews/:id/marks', {
      params,
      body: { entry: refused?.id, note: 'Asked canary' },
    });
    await close(second);
    expect(await read(second)).toMatchObject({ onlySelf: false, marks: [{ note: 'Asked canary' }] });
    expect((await stage.logged('audit.reviewed'))[0]?.details).toMatchObject({ marks: 1, onlySelf: false });
    const again = call('POST /v1/audit-reviews/:id/marks', {
      params,
      body: { entry: refused?.id, note: 'x' },
    });
    await expect(again).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(close(second)).rejects.toMatchObject({ code: 'wrong-state' });
  });

  it('keeps notes and statements sealed', async () => {
    const sql = await connectOwner(stage.fresh.superuserUrl);
    const rows = await sql.query<{ bytes: Buffer }>(
      `select note as bytes from sealpost.audit_review_mark union all
       select statement from sealpost.audit_review where statement is not null`,
    );
    await sql.close();
    expect(rows).toHaveLength(3);
    for (const { bytes } of rows) expect(bytes.includes('canary')).toBe(false);
  });

  it('is for the reviewers that were named, and overdue is put on record once a day', async () => {
    await call('PUT /v1/audit-settings', {
      body: { retentionYears: 6, reviewDays: 1, reviewers: [newId()], dayBegins: 7, dayEnds: 19 },
    });
    await stage.settle();
    await expect(begin()).rejects.toMatchObject({ code: 'not-permitted' });
    const at = (days: number) => ({
      ...{ audit: stage.audit, database: stage.database },
      clock: { ...systemClock, now: () => new Date(Date.now() + days * 86_400_000) },
    });
    expect(await sayOverdue(at(0), [stage.organisation])).toBe(0);
    expect(await sayOverdue(at(2), [stage.organisation])).toBe(1);
    expect(await sayOverdue(at(2.5), [stage.organisation])).toBe(0);
    expect(await sayOverdue(at(3.1), [stage.organisation])).toBe(1);
    expect(await stage.logged('audit.review-overdue')).toHaveLength(2);
  });
});
