import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { requireAccess } from '#platform/access';
import { verifierText } from '#platform/audit';
import { bytes, defineRoute, type Route } from '#platform/http';
import { EXPORT_FORMATS, type ExportFormat, entriesFound, entriesOf, exportLines } from './export-lines.ts';
import { manifestSchema } from './manifest.ts';
import type { AuditRoutePorts } from './ports.ts';
import { openWanted, toQuery } from './search-query.ts';

const TAGS = ['audit'];
const EXPORT = { permission: 'audit:export' } as const;
const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const TYPES: Readonly<Record<ExportFormat, { readonly type: string; readonly ending: string }>> = {
  csv: { type: 'text/csv; charset=utf-8; header=present', ending: 'csv' },
  ocsf: { type: 'application/jsonl; charset=utf-8', ending: 'jsonl' },
  cef: { type: 'text/plain; charset=utf-8', ending: 'cef' },
};

export function exportRoutes(ports: AuditRoutePorts): Route[] {
  return [exportFile(ports), manifest(ports)];
}

/** The range that is asked for, within what is signed. Refusal `invalid` for one that is turned around. */
async function rangeOf(
  { audit, database }: AuditRoutePorts,
  { organisation }: Caller,
  asked: { readonly from: number; readonly to?: number | undefined },
): Promise<{ readonly from: number; readonly to: number }> {
  const state = await database.tenant([organisation], 'app', (tx) => audit.state(tx, organisation));
  const to = Math.min(asked.to ?? Number.MAX_SAFE_INTEGER, state.lastCheckpoint?.size ?? 0);
  if (asked.from > to) throw new Refusal('invalid', { path: 'from' });
  return { from: asked.from, to };
}

function exportFile(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit/export',
    summary: 'Entries of the audit log as a file: CSV, OCSF (JSON lines) or CEF',
    description:
      'The positions from `from` up to, not including, `to` (default: all that are signed), or what a search finds (`query`). Each line carries its position and the entry’s own bytes: a file that was cut off is gone on with from its last position, and with the manifest of its range it can be checked without this system (`sealpost audit verify-export`). What is sealed stays sealed, unless `resolve` is asked for by somebody who holds `audit:resolve`; an entry says so.',
    tags: TAGS,
    access: EXPORT,
    stepUp: true,
    query: z.strictObject({
      format: z.enum(EXPORT_FORMATS).default('csv'),
      from: position.default(0),
      to: position.optional(),
      query: z.string().min(1).max(4_000).optional(),
      resolve: z.enum(['true', 'false']).default('false'),
    }),
    responses: { 200: bytes('application/octet-stream') },
    errors: ['invalid', 'invalid-address', 'not-found', 'not-permitted'],
  }).handle(async ({ caller, query }) => {
    const { organisation } = caller;
    const resolve = query.resolve === 'true';
    if (resolve) requireAccess(caller, 'audit:resolve');
    const searched = query.query === undefined ? null : await openWanted(ports, caller, query.query);
    const range = await rangeOf(ports, caller, query);
    const terms = searched === null ? null : Object.keys(searched).sort().join(' ');
    const asked = { format: query.format, resolved: resolve, ...(terms === null ? range : { terms }) };
    const entries =
      searched === null
        ? entriesOf(ports, organisation, range.from, range.to)
        : entriesFound(ports, organisation, await toQuery(ports, caller, searched));
    // On record before the first line leaves: what is out cannot be taken back.
    await note(ports, caller, 'audit.exported', asked);
    const { type, ending } = TYPES[query.format];
    const stretch = terms === null ? `-${range.from}-${range.to}` : '';
    return {
      status: 200,
      body: told(ports, caller, entries, { format: query.format, resolve }),
      headers: {
        'content-type': type,
        'content-disposition': `attachment; filename="sealpost-audit${stretch}.${ending}"`,
      },
    };
  });
}

/** The lines, and at their end an entry that says how many left, and whether that were all. */
async function* told(
  ports: AuditRoutePorts,
  caller: Caller,
  entries: Parameters<typeof exportLines>[2],
  plan: Parameters<typeof exportLines>[3],
): AsyncGenerator<Uint8Array> {
  let lines = 0;
  let whole = false;
  try {
    yield* exportLines(ports, caller.organisation, entries, plan, () => {
      lines += 1;
    });
    whole = true;
  } finally {
    await note(ports, caller, 'audit.export-ended', { lines, whole });
  }
}

async function note(
  ports: AuditRoutePorts,
  caller: Caller,
  action: string,
  details: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  await ports.database.tenant([caller.organisation], 'app', (tx) =>
    ports.audit.append(tx, doneBy(caller, action, { details })),
  );
}

function manifest(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit/export/manifest',
    summary:
      'What a file of exported entries is checked by: range, size, signed checkpoint and hashes beside the range',
    tags: TAGS,
    access: EXPORT,
    stepUp: true,
    query: z.strictObject({ from: position.default(0), to: position.optional() }),
    responses: { 200: manifestSchema },
    errors: ['invalid', 'not-found'],
  }).handle(async ({ caller, query }) => {
    const { organisation } = caller;
    const { from, to } = await rangeOf(ports, caller, query);
    const proof = await ports.database.tenant([organisation], 'app', (tx) =>
      ports.audit.proveRange(tx, organisation, from, to),
    );
    if (proof === null) throw new Refusal('not-found');
    const keys = await ports.audit.verifiers(organisation);
    await note(ports, caller, 'audit.manifest-issued', { from, to, size: proof.size });
    const text = (hashes: readonly Buffer[]) => hashes.map((each) => each.toString('base64'));
    return {
      status: 200,
      body: {
        format: 'sealpost-audit-export/1' as const,
        ...{ organisation, from, to, size: proof.size, checkpoint: proof.checkpoint },
        ...{ before: text(proof.before), behind: text(proof.behind), keys: keys.map(verifierText) },
      },
    };
  });
}
