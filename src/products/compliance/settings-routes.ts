import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { defineRoute, type Route } from '#platform/http';
import { newId } from '#platform/runtime';
import type { AuditRoutePorts } from './ports.ts';
import { insertPromise, putSettings, readPromise, readSettings } from './settings.store.ts';

const TAGS = ['audit'];
const PATH = '/v1/audit-settings';
const LEAST_YEARS = 6;

const settingsShape = {
  retentionYears: z.int().min(LEAST_YEARS).max(100).meta({
    description:
      'Entries are kept so long at least. A longer time holds for all at once, a shorter one for later entries',
  }),
  reviewDays: z.int().min(1).max(92),
  reviewers: z.array(z.uuid()).max(50),
  dayBegins: z.int().min(0).max(23).meta({ description: 'Hour, in the organisation’s time zone' }),
  dayEnds: z.int().min(1).max(24),
};

const viewSchema = z
  .strictObject({
    ...settingsShape,
    keptUntil: z.iso.datetime().meta({ description: 'Until when an entry that is written now is kept' }),
    changedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AuditSettings' });

/** How long the log is kept, who reviews it and how often, and when the working day is. */
export function settingsRoutes(ports: AuditRoutePorts): Route[] {
  return [show(ports), put(ports)];
}

async function view({ database, clock }: AuditRoutePorts, { organisation }: Caller) {
  const now = clock.now();
  const [row, promise] = await database.tenant([organisation], 'app', (tx) =>
    Promise.all([readSettings(tx, organisation), readPromise(tx, organisation, now)]),
  );
  return {
    retentionYears: promise.years,
    reviewDays: row?.review_days ?? 7,
    reviewers: [...(row?.reviewers ?? [])],
    dayBegins: row?.day_begins ?? 7,
    dayEnds: row?.day_ends ?? 19,
    keptUntil: promise.keptUntil.toISOString(),
    changedAt: row?.changed_at.toISOString() ?? null,
  };
}

function show(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: PATH,
    summary: 'How long the audit log is kept, who reviews it, and how often',
    tags: TAGS,
    access: { permission: 'audit:read' },
    responses: { 200: viewSchema },
  }).handle(async ({ caller }) => ({ status: 200, body: await view(ports, caller) }));
}

/** Reviewers work here, or did when they were named: refusal `invalid` for anybody else. */
async function requireMembers(ports: AuditRoutePorts, caller: Caller, reviewers: readonly string[]) {
  const named = new Set((await view(ports, caller)).reviewers);
  for (const one of reviewers)
    if (!named.has(one) && !(await ports.isMember(caller, one)))
      throw new Refusal('invalid', { path: 'reviewers' });
}

function put(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: PATH,
    summary: 'Set how long the audit log is kept, who reviews it, and how often',
    tags: TAGS,
    access: { permission: 'audit:settings' },
    stepUp: true,
    fourEyes: 'retention',
    body: z.strictObject(settingsShape),
    responses: { 200: viewSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => {
    const { organisation } = caller;
    const now = ports.clock.now();
    await requireMembers(ports, caller, body.reviewers);
    await ports.database.tenant([organisation], 'app', async (tx) => {
      const before = await readPromise(tx, organisation, now);
      if (before.years !== body.retentionYears) {
        await insertPromise(tx, organisation, { id: newId(), years: body.retentionYears, now });
        const action =
          body.retentionYears > before.years ? 'audit.retention-raised' : 'audit.retention-lowered';
        const details = { years: body.retentionYears, before: before.years };
        await ports.audit.append(tx, doneBy(caller, action, { details }));
      }
      const { reviewDays, reviewers, dayBegins, dayEnds } = body;
      const row = {
        review_days: reviewDays,
        reviewers,
        day_begins: dayBegins,
        day_ends: dayEnds,
        changed_at: now,
      };
      await putSettings(tx, organisation, row);
      await ports.audit.append(
        tx,
        doneBy(caller, 'audit.settings-changed', {
          subjects: reviewers.map((id) => ({ kind: 'identity', id })),
          details: { reviewDays, dayBegins, dayEnds },
        }),
      );
    });
    return { status: 200, body: await view(ports, caller) };
  });
}
