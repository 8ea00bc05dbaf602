import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { newId } from '#platform/runtime';
import { type FilterRow, filtersFor, insertFilter, removeFilter } from './filter.store.ts';
import type { AuditRoutePorts } from './ports.ts';
import { sealWanted, wantedSchema } from './search-query.ts';

const TAGS = ['audit'];
const READ = { permission: 'audit:read' } as const;

const filterSchema = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    shared: z.boolean(),
    own: z.boolean(),
    query: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'AuditFilter' });

const nameBinding = ({ organisation }: Caller, row: string) => ({
  organisation,
  field: 'audit.filter-name',
  row,
});

/** Searches that are kept, for oneself or for all who may read the log. Name and terms are sealed. */
export function filterRoutes(ports: AuditRoutePorts): Route[] {
  return [list(ports), keep(ports), remove(ports)];
}

/** Filters belong to people. */
function personOf(caller: Caller): string {
  if (caller.actor.kind !== 'person') throw new Refusal('not-permitted');
  return caller.actor.identity;
}

async function view(ports: AuditRoutePorts, caller: Caller, row: FilterRow) {
  const name = await ports.vault.openValue(nameBinding(caller, row.id), row.name);
  return {
    id: row.id,
    name: name.toString('utf8'),
    shared: row.shared,
    own: row.identity === personOf(caller),
    query: row.query.toString('base64url'),
    createdAt: row.created_at.toISOString(),
  };
}

function list(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit-filters',
    summary: 'Searches of the audit log that are kept: one’s own, and those that are shared',
    tags: TAGS,
    access: READ,
    responses: { 200: z.strictObject({ items: z.array(filterSchema) }) },
    errors: ['not-permitted'],
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    // Names of kept searches may be those of patients.
    const rows = await ports.database.tenant([organisation], 'app', async (tx) => {
      const found = await filtersFor(tx, organisation, personOf(caller));
      const details = { count: found.length };
      await ports.audit.append(tx, doneBy(caller, 'audit.filters-listed', { details }));
      return found;
    });
    return { status: 200, body: { items: await Promise.all(rows.map((row) => view(ports, caller, row))) } };
  });
}

function keep(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit-filters',
    summary: 'Keep a search of the audit log',
    tags: TAGS,
    access: READ,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      shared: z.boolean().default(false),
      wanted: wantedSchema,
    }),
    responses: { 201: filterSchema },
    errors: ['not-permitted'],
  }).handle(async ({ caller, body }) => {
    const { organisation } = caller;
    const id = newId();
    const query = Buffer.from(await sealWanted(ports, caller, body.wanted), 'base64url');
    const name = await ports.vault.sealValue('record', nameBinding(caller, id), body.name);
    const made = ports.clock.now();
    const row = { id, identity: personOf(caller), shared: body.shared, name, query, created_at: made };
    await ports.database.tenant([organisation], 'app', async (tx) => {
      await insertFilter(tx, organisation, row);
      const subjects = [{ kind: 'audit-filter', id }];
      await ports.audit.append(
        tx,
        doneBy(caller, 'audit.filter-kept', { subjects, details: { shared: body.shared } }),
      );
    });
    return { status: 201, body: await view(ports, caller, row) };
  });
}

function remove(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/audit-filters/:id',
    summary: 'Drop a search of one’s own',
    tags: TAGS,
    access: READ,
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found', 'not-permitted'],
  }).handle(async ({ caller, params }) => {
    const { organisation } = caller;
    await ports.database.tenant([organisation], 'app', async (tx) => {
      const gone = await removeFilter(tx, organisation, params.id, personOf(caller), ports.clock.now());
      if (!gone) throw new Refusal('not-found');
      await ports.audit.append(
        tx,
        doneBy(caller, 'audit.filter-dropped', { subjects: [{ kind: 'audit-filter', id: params.id }] }),
      );
    });
    return { status: 204 };
  });
}
