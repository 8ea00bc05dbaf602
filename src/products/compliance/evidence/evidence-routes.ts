import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { bytes, defineRoute, idParams, pageById, pageOf, pageQuery, type Route, raw } from '#platform/http';
import { newId } from '#platform/runtime';
import type { ObjectKey } from '#platform/vault';
import type { AuditRoutePorts } from '../ports.ts';
import { type EvidenceRow, evidence, findEvidence, insertEvidence, putFile } from './evidence.store.ts';

const TAGS = ['audit'];
const READ = { permission: 'audit:read' } as const;
const MOST_BYTES = 25 * 1024 * 1024;

const evidenceSchema = z
  .strictObject({
    id: z.uuid(),
    source: z.string(),
    note: z.string(),
    fileName: z.string(),
    periodFrom: z.iso.date(),
    periodUntil: z.iso.date(),
    filedBy: z.string(),
    filedAt: z.iso.datetime(),
    incident: z.uuid().nullable().meta({ description: 'The incident that it tells more of' }),
    size: z.int().nullable().meta({ description: 'Octets; null until the file has come' }),
    sha256: z.string().nullable(),
  })
  .meta({ id: 'AuditEvidence' });

/** Reports of outside systems, filed beside the log: sealed, their hash in the log. */
export function evidenceRoutes(ports: AuditRoutePorts): Route[] {
  return [list(ports), file(ports), upload(ports), download(ports)];
}

const binding = ({ organisation }: Caller, field: string, row: string) => ({
  ...{ organisation, row },
  field: `audit-evidence.${field}`,
});

async function view(ports: AuditRoutePorts, caller: Caller, row: EvidenceRow) {
  const key = await ports.vault.openObjectKey(caller.organisation, row.objectKey);
  const text = (field: string, sealed: Buffer) =>
    ports.vault.openText(key, binding(caller, field, row.id), sealed);
  return {
    id: row.id,
    source: text('source', row.source),
    note: text('note', row.note),
    fileName: text('file-name', row.fileName),
    ...{ periodFrom: row.periodFrom, periodUntil: row.periodUntil },
    filedBy: (await ports.labelPerson(caller, row.filedBy)).label,
    filedAt: row.filedAt.toISOString(),
    incident: row.incident,
    size: row.size,
    sha256: row.contentHash?.toString('hex') ?? null,
  };
}

function list(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit-evidence',
    summary: 'Reports of outside systems that were filed, newest first',
    tags: TAGS,
    access: READ,
    query: z.strictObject({ ...pageQuery, incident: z.uuid().optional() }),
    responses: { 200: pageOf(evidenceSchema) },
  }).handle(async ({ caller, query }) => {
    const { organisation } = caller;
    await ports.database.tenant([organisation], 'app', (tx) =>
      ports.audit.append(tx, doneBy(caller, 'audit.evidence-listed')),
    );
    const read = (before: string | null, most: number) =>
      ports.database.tenant([organisation], 'app', (tx) =>
        evidence(tx, organisation, query.incident ?? null, before, most),
      );
    return { status: 200, body: await pageById(query, read, (row) => view(ports, caller, row)) };
  });
}

function file(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit-evidence',
    summary: 'File a report of an outside system; its file is put to it next',
    tags: TAGS,
    access: { permission: 'audit:review' },
    body: z.strictObject({
      source: z.string().trim().min(1).max(200).meta({ description: 'Such as the firewall’s name' }),
      note: z.string().trim().max(2_000).default(''),
      fileName: z.string().trim().min(1).max(200),
      periodFrom: z.iso.date(),
      periodUntil: z.iso.date(),
      incident: z.uuid().nullable().default(null).meta({
        description: 'The incident that it tells more of; who names one must hold `incidents:read`',
      }),
    }),
    responses: { 201: z.strictObject({ id: z.uuid() }) },
    errors: ['not-permitted', 'invalid'],
  }).handle(async ({ caller, body }) => {
    const { organisation, actor } = caller;
    if (actor.kind !== 'person') throw new Refusal('not-permitted');
    if (body.periodUntil < body.periodFrom) throw new Refusal('invalid', { path: 'periodUntil' });
    if (body.incident !== null && !(await ports.incidentStands(caller, body.incident)))
      throw new Refusal('invalid', { path: 'incident' });
    const id = newId();
    const key = await ports.vault.newObjectKey(organisation, 'record');
    const seal = (field: string, text: string) => ports.vault.seal(key, binding(caller, field, id), text);
    await ports.database.tenant([organisation], 'app', async (tx) => {
      await insertEvidence(tx, organisation, {
        ...{ id, objectKey: key.wrapped, filedBy: actor.identity, filedAt: ports.clock.now() },
        ...{ periodFrom: body.periodFrom, periodUntil: body.periodUntil, incident: body.incident },
        source: seal('source', body.source),
        note: seal('note', body.note),
        fileName: seal('file-name', body.fileName),
      });
      const about = body.incident === null ? [] : [{ kind: 'incident', id: body.incident }];
      const subjects = [{ kind: 'audit-evidence', id }, ...about];
      const details = { from: body.periodFrom, until: body.periodUntil };
      await ports.audit.append(tx, doneBy(caller, 'audit.evidence-filed', { subjects, details }));
    });
    return { status: 201, body: { id } };
  });
}

/** Counts and hashes what flows through. */
async function* measured(
  content: AsyncIterable<Uint8Array>,
  into: { size: number; readonly hash: ReturnType<typeof createHash> },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    into.size += chunk.length;
    into.hash.update(chunk);
    yield chunk;
  }
}

async function keyOf(ports: AuditRoutePorts, caller: Caller, row: EvidenceRow): Promise<ObjectKey> {
  return ports.vault.openObjectKey(caller.organisation, row.objectKey);
}

function upload(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/audit-evidence/:id/file',
    summary: 'Put the file to a filed report: at most 25 MiB, once',
    description: 'Sealed before it touches a disk; its SHA-256 stands in the audit log.',
    tags: TAGS,
    access: { permission: 'audit:review' },
    params: idParams,
    body: raw('application/octet-stream', { maxBytes: MOST_BYTES }),
    responses: { 200: evidenceSchema },
    errors: ['not-found', 'wrong-state', 'too-large', 'storage-low'],
  }).handle(async ({ caller, params, body }) => {
    const { organisation } = caller;
    const { database, blobs, vault, audit } = ports;
    if (!blobs.reserveOk()) throw new Refusal('storage-low');
    const found = await database.tenant([organisation], 'app', (tx) =>
      findEvidence(tx, organisation, params.id),
    );
    if (found === undefined) throw new Refusal('not-found');
    if (found.blob !== null) throw new Refusal('wrong-state');
    const measure = { size: 0, hash: createHash('sha256') };
    const key = await keyOf(ports, caller, found);
    const written = await blobs.write(
      vault.sealStream(key, binding(caller, 'file', found.id), measured(body, measure)),
    );
    const contentHash = measure.hash.digest();
    const put = { blob: written.id, size: measure.size, contentHash };
    await database.tenant([organisation], 'app', async (tx) => {
      if (!(await putFile(tx, organisation, found.id, put))) throw new Refusal('wrong-state');
      await blobs.record(tx, organisation, written);
      const subjects = [{ kind: 'audit-evidence', id: found.id }];
      const details = { size: measure.size, sha256: contentHash.toString('hex') };
      await audit.append(tx, doneBy(caller, 'audit.evidence-uploaded', { subjects, details }));
    });
    return { status: 200, body: await view(ports, caller, { ...found, ...put }) };
  });
}

function download(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit-evidence/:id/file',
    summary: 'The file of a filed report',
    tags: TAGS,
    access: READ,
    params: idParams,
    responses: { 200: bytes('application/octet-stream') },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const { organisation } = caller;
    const row = await ports.database.tenant([organisation], 'app', async (tx) => {
      const found = await findEvidence(tx, organisation, params.id);
      if (found?.blob == null) throw new Refusal('not-found');
      const subjects = [{ kind: 'audit-evidence', id: found.id }];
      await ports.audit.append(tx, doneBy(caller, 'audit.evidence-read', { subjects }));
      return { ...found, blob: found.blob };
    });
    const key = await keyOf(ports, caller, row);
    const name = ports.vault.openText(key, binding(caller, 'file-name', row.id), row.fileName);
    const content = ports.vault.openStream(key, binding(caller, 'file', row.id), ports.blobs.read(row.blob));
    return {
      status: 200,
      body: content,
      headers: { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}` },
    };
  });
}
