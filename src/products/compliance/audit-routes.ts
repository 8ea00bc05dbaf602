import { z } from 'zod';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import { AUDIT_KINDS, type AuditKind, type Finding } from '#platform/audit';
import { defineRoute, idParams, pageOf, type Route, timeRange } from '#platform/http';
import { entrySchema, lineView, looked } from './audit-view.ts';
import { evidenceRoutes } from './evidence/evidence-routes.ts';
import { exportRoutes } from './export-routes.ts';
import { filterRoutes } from './filter-routes.ts';
import type { AuditRoutePorts } from './ports.ts';
import { readReference, referenceSchema } from './reference-schema.ts';
import { reviewRoutes } from './review/review-routes.ts';
import { searchRoutes } from './search-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { streamRoutes } from './stream/stream-routes.ts';
import { insertVerified, lastVerified } from './verified.store.ts';
import { rowOf } from './verify-logs.ts';

const TAGS = ['audit'];
const READ = { permission: 'audit:read' } as const;

const stateSchema = z
  .strictObject({
    size: z.number().int(),
    unplaced: z.number().int(),
    lastCheckpoint: z
      .strictObject({
        size: z.number().int(),
        root: z.string(),
        createdAt: z.iso.datetime(),
        witnessedAt: z.iso.datetime().nullable(),
      })
      .nullable(),
    lastVerification: z
      .strictObject({
        at: z.iso.datetime(),
        sound: z.boolean(),
        entries: z.number().int(),
        findings: z.number().int(),
        kinds: z.array(z.string()),
      })
      .nullable(),
  })
  .meta({ id: 'AuditState' });

const verificationSchema = z
  .strictObject({
    ok: z.boolean(),
    checkedAt: z.iso.datetime(),
    entries: z.number().int(),
    signedEntries: z.number().int(),
    witness: z.enum(['present', 'none']),
    durationMs: z.number(),
    problems: z.array(z.strictObject({ code: z.string(), position: z.number().int().nullable() })),
  })
  .meta({ id: 'AuditVerification' });

export function auditRoutes(ports: AuditRoutePorts): Route[] {
  return [
    ...[list(ports), state(ports), verify(ports), resolve(ports)],
    ...searchRoutes(ports),
    ...filterRoutes(ports),
    ...exportRoutes(ports),
    ...streamRoutes(ports),
    ...settingsRoutes(ports),
    ...reviewRoutes(ports),
    ...evidenceRoutes(ports),
  ];
}

function list(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit',
    summary: 'The audit log, newest first',
    description:
      'Filters are applied by the server. With a rare filter a page may be short, or empty, and still have a `next` to go on from.',
    tags: TAGS,
    access: READ,
    query: z.strictObject({
      cursor: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      action: z
        .string()
        .regex(/^[a-z0-9.-]{1,80}$/)
        .optional()
        .meta({ description: 'An action, or with a trailing dot all below it (`session.`)' }),
      kind: z
        .enum([...AUDIT_KINDS, 'without-views'])
        .optional()
        .meta({
          description:
            'Acts of one kind, or all but plain looks at lists and pages. Lines that cannot be read are never left out.',
        }),
      ...timeRange('the entry was written'),
      subject: z.uuid().optional(),
    }),
    responses: { 200: pageOf(entrySchema) },
    errors: ['invalid'],
  }).handle(async ({ caller, query }) => {
    const { organisation } = caller;
    const page = await ports.database.tenant([organisation], 'app', async (tx) => {
      await looked(ports, tx, caller, 'audit.viewed');
      return ports.audit.list(tx, organisation, {
        cursor: query.cursor ?? null,
        limit: query.limit,
        ...(query.action === undefined ? {} : { action: query.action }),
        ...(query.kind === undefined ? {} : { kinds: kindsOf(query.kind) }),
        ...(query.since === undefined ? {} : { since: new Date(query.since) }),
        ...(query.until === undefined ? {} : { until: new Date(query.until) }),
        ...(query.subject === undefined ? {} : { subject: query.subject }),
      });
    });
    if (!page) throw new Refusal('invalid', { path: 'cursor' });
    const items = await Promise.all(page.lines.map((line) => lineView(ports, caller, line)));
    return { status: 200, body: { items, next: page.next } };
  });
}

function kindsOf(kind: AuditKind | 'without-views'): ReadonlySet<AuditKind> {
  return new Set(kind === 'without-views' ? AUDIT_KINDS.filter((one) => one !== 'views') : [kind]);
}

function state(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit/state',
    summary: 'How far the log is placed, signed and witnessed',
    tags: TAGS,
    access: READ,
    responses: { 200: stateSchema },
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    const [found, verified] = await ports.database.tenant([organisation], 'app', (tx) =>
      Promise.all([ports.audit.state(tx, organisation), lastVerified(tx, organisation)]),
    );
    const { lastCheckpoint, witnessed } = found;
    return {
      status: 200,
      body: {
        size: found.size,
        unplaced: found.unplaced,
        lastCheckpoint: lastCheckpoint
          ? {
              size: lastCheckpoint.size,
              root: lastCheckpoint.root,
              createdAt: lastCheckpoint.at.toISOString(),
              witnessedAt:
                witnessed && witnessed.size >= lastCheckpoint.size ? witnessed.at.toISOString() : null,
            }
          : null,
        lastVerification: verified
          ? {
              at: verified.ended_at.toISOString(),
              ...{ sound: verified.sound, entries: verified.size, findings: verified.findings },
              kinds: [...verified.kinds],
            }
          : null,
      },
    };
  });
}

function verify(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit/verify',
    summary: 'Verify the whole log against its checkpoints and the witness',
    tags: TAGS,
    access: READ,
    responses: { 200: verificationSchema },
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    const found = await ports.audit.verify(organisation);
    await ports.database.tenant([organisation], 'app', async (tx) => {
      await insertVerified(tx, organisation, rowOf(found, ports.clock));
      await looked(ports, tx, caller, 'audit.verified', { ok: found.ok, entries: found.size });
    });
    return {
      status: 200,
      body: {
        ok: found.ok,
        checkedAt: ports.clock.now().toISOString(),
        entries: found.size,
        signedEntries: found.signedSize,
        witness: found.witness,
        durationMs: Math.round(found.durationMs),
        problems: found.findings.map((one: Finding) => ({ code: one.kind, position: one.from })),
      },
    };
  });
}

function resolve(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit/:id/reference',
    summary: 'The people, the domain, or the network address of a recipient, that an entry is about',
    description:
      'Entries name people only by a sealed reference. Opening it needs a permission of its own and is on record itself.',
    tags: TAGS,
    access: { permission: 'audit:resolve' },
    params: idParams,
    responses: { 200: referenceSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const { organisation } = caller;
    const found = await ports.database.tenant([organisation], 'app', async (tx) => {
      const row = await ports.audit.entry(tx, organisation, params.id);
      if (!row?.entry || row.sealedReference === null) throw new Refusal('not-found');
      await looked(ports, tx, caller, 'audit.reference-resolved', {}, [
        { kind: 'audit-entry', id: params.id },
      ]);
      return { subjects: row.entry.subjects, sealed: row.sealedReference };
    });
    // On record before it is opened: a resolved name cannot be unseen.
    const binding = auditReferenceBinding(organisation, found.subjects);
    const text = await ports.vault.openValue(binding, found.sealed);
    return { status: 200, body: readReference(text) };
  });
}
