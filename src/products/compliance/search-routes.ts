import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import { defineRoute, type Route } from '#platform/http';
import { newId } from '#platform/runtime';
import { entrySchema, lineView } from './audit-view.ts';
import { personDays, timelineSchema } from './person-days.ts';
import type { AuditRoutePorts } from './ports.ts';
import { followed, openWanted, sealWanted, toQuery, type Wanted, wantedSchema } from './search-query.ts';

const TAGS = ['audit'];
const READ = { permission: 'audit:read' } as const;
export const sealedQuery = z.string().min(1).max(4_000);

const foundSchema = z
  .strictObject({
    query: z
      .string()
      .meta({ description: 'The search as an opaque text, for the next page, links and exports' }),
    items: z.array(entrySchema),
    next: z.string().nullable(),
  })
  .meta({ id: 'AuditFound' });

export function searchRoutes(ports: AuditRoutePorts): Route[] {
  return [search(ports), reveal(ports), timeline(ports)];
}

function search(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit/search',
    summary: 'Search the audit log, newest first',
    description:
      'Terms are posted, so that they never stand in a URL or a log. Names and addresses are looked up and searched as ids; what is sealed stays sealed. With a rare search a page may be short, or empty, and still have a `next`.',
    tags: TAGS,
    access: READ,
    body: z.strictObject({
      wanted: wantedSchema.optional(),
      query: sealedQuery
        .optional()
        .meta({ description: 'In place of `wanted`: what an earlier search gave' }),
      cursor: z.string().max(200).optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
    responses: { 200: foundSchema },
    errors: ['invalid', 'invalid-address', 'not-found', 'not-permitted'],
  }).handle(async ({ caller, body }) => {
    const wanted = await given(ports, caller, body);
    const asked = await toQuery(ports, caller, wanted);
    await searched(ports, caller, wanted);
    const { organisation } = caller;
    const page = await ports.database.tenant([organisation], 'app', (tx) =>
      ports.audit.list(tx, organisation, { ...asked, cursor: body.cursor ?? null, limit: body.limit }),
    );
    if (page === null) throw new Refusal('invalid', { path: 'cursor' });
    const items = await Promise.all(page.lines.map((line) => lineView(ports, caller, line)));
    const query = body.query ?? (await sealWanted(ports, caller, wanted));
    return { status: 200, body: { query, items, next: page.next } };
  });
}

async function given(
  ports: AuditRoutePorts,
  caller: Caller,
  body: { readonly wanted?: Wanted | undefined; readonly query?: string | undefined },
): Promise<Wanted> {
  if (body.query === undefined) return body.wanted ?? {};
  if (body.wanted !== undefined) throw new Refusal('invalid', { path: 'wanted' });
  return openWanted(ports, caller, body.query);
}

/** A search is a look; one that follows a person is more, and the person stands sealed in its entry. */
async function searched(ports: AuditRoutePorts, caller: Caller, wanted: Wanted): Promise<void> {
  const { organisation } = caller;
  const terms = Object.keys(wanted).sort().join(' ');
  const address = await followed(ports, caller, wanted);
  const subjects = address === null ? [] : [{ kind: 'audit-search', id: newId() }];
  const sealedReference =
    address === null
      ? null
      : await ports.vault.sealValue(
          'record',
          auditReferenceBinding(organisation, subjects),
          JSON.stringify({ recipients: [address] }),
        );
  const action = address === null ? 'audit.searched' : 'audit.recipient-traced';
  await ports.database.tenant([organisation], 'app', (tx) =>
    ports.audit.append(tx, doneBy(caller, action, { subjects, sealedReference, details: { terms } })),
  );
}

function reveal(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit/search/open',
    summary: 'What an opaque search asks for',
    description: 'For a page that was opened by a link. It may name a recipient, so opening it is on record.',
    tags: TAGS,
    access: READ,
    body: z.strictObject({ query: sealedQuery }),
    responses: { 200: wantedSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => {
    const wanted = await openWanted(ports, caller, body.query);
    const details = { recipient: wanted.recipient !== undefined };
    await ports.database.tenant([caller.organisation], 'app', (tx) =>
      ports.audit.append(tx, doneBy(caller, 'audit.search-opened', { details })),
    );
    return { status: 200, body: wanted };
  });
}

function timeline(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit/person',
    summary: 'What a person or API key did, by day',
    description:
      'At most the newest 20,000 acts of the range (`whole` is false beyond). A day is `unusual` when it has more than three times the acts of that person’s middle day and at least 20, or acts of a kind that no other day has.',
    tags: TAGS,
    access: READ,
    body: z.strictObject({
      actor: z.uuid(),
      since: z.iso.datetime(),
      until: z.iso.datetime().optional(),
    }),
    responses: { 200: timelineSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body, signal }) => {
    const { organisation } = caller;
    const range = {
      since: new Date(body.since),
      until: body.until === undefined ? null : new Date(body.until),
    };
    const found = await personDays(ports, organisation, body.actor, range, signal);
    // The log names nobody of whom the organisation knows nothing: an id that was typed may be another organisation's.
    const known = found.days.length > 0 || (await ports.isMember(caller, body.actor));
    const subjects = known ? [{ kind: 'identity', id: body.actor }] : [];
    await ports.database.tenant([organisation], 'app', (tx) =>
      ports.audit.append(tx, doneBy(caller, 'audit.person-viewed', { subjects })),
    );
    return { status: 200, body: found };
  });
}
