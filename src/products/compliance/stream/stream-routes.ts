import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { defineRoute, empty, type Route } from '#platform/http';
import { STREAM_FORMATS } from '../formats/syslog.ts';
import type { AuditRoutePorts } from '../ports.ts';
import { putStream, readStream, removeStream } from './stream.store.ts';
import { openSettings, sealSettings, streamSettings } from './stream-settings.ts';

const TAGS = ['audit'];
const SETTINGS = { permission: 'audit:settings' } as const;
const PATH = '/v1/audit-stream';

const viewSchema = z
  .strictObject({
    host: z.string(),
    port: z.int(),
    format: z.enum(STREAM_FORMATS),
    ownAuthorities: z.boolean(),
    clientCertificate: z.boolean(),
    next: z.int().meta({ description: 'The next position to be sent' }),
    waiting: z.int().meta({ description: 'Entries with a place that were not sent yet' }),
    failures: z.int().meta({ description: 'In a row' }),
    lastError: z.string().nullable(),
    lastErrorAt: z.iso.datetime().nullable(),
    lastSentAt: z.iso.datetime().nullable(),
    changedAt: z.iso.datetime(),
  })
  .meta({ id: 'AuditStream' });

/** Where the log is streamed to, and how far it has got. */
export function streamRoutes(ports: AuditRoutePorts): Route[] {
  return [show(ports), put(ports), remove(ports)];
}

async function view(ports: AuditRoutePorts, { organisation }: Caller) {
  const { database, audit, vault } = ports;
  const [row, { size }] = await database.tenant([organisation], 'app', (tx) =>
    Promise.all([readStream(tx, organisation), audit.state(tx, organisation)]),
  );
  if (row === undefined) throw new Refusal('not-found');
  const settings = await openSettings(vault, organisation, row.settings);
  return {
    ...{ host: settings.host, port: settings.port, format: settings.format },
    ownAuthorities: settings.authorities !== null,
    clientCertificate: settings.clientCertificate !== null,
    ...{ next: row.cursor, waiting: Math.max(0, size - row.cursor), failures: row.failures },
    lastError: row.last_error,
    lastErrorAt: row.last_error_at?.toISOString() ?? null,
    lastSentAt: row.last_sent_at?.toISOString() ?? null,
    changedAt: row.changed_at.toISOString(),
  };
}

function show(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: PATH,
    summary: 'The syslog receiver that the audit log is streamed to, its lag and its last error',
    tags: TAGS,
    access: SETTINGS,
    responses: { 200: viewSchema },
    errors: ['not-found'],
  }).handle(async ({ caller }) => ({ status: 200, body: await view(ports, caller) }));
}

function put(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: PATH,
    summary: 'Name the syslog receiver that the audit log is streamed to (RFC 5424 over TLS)',
    description:
      'In the log’s order and at least once; what arrives twice carries the same position. The receiver’s certificate must be made out to `host`. A private address must stand in a network that the operator named in SEALPOST_SYSLOG_NETWORKS. A first stream begins with the next entry; `from` begins elsewhere, or sends again.',
    tags: TAGS,
    access: SETTINGS,
    stepUp: true,
    fourEyes: 'audit-export',
    body: z.strictObject({ ...streamSettings.shape, from: z.int().min(0).optional() }),
    responses: { 200: viewSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => {
    const { organisation } = caller;
    const { from, ...settings } = body;
    if ((settings.clientCertificate === null) !== (settings.clientKey === null)) {
      throw new Refusal('invalid', { path: 'clientKey' });
    }
    const sealed = await sealSettings(ports.vault, organisation, settings);
    await ports.database.tenant([organisation], 'app', async (tx) => {
      const { size } = await ports.audit.state(tx, organisation);
      const place = { cursor: from ?? null, start: size };
      await putStream(tx, organisation, { settings: sealed, ...place, now: ports.clock.now() });
      const details = { format: settings.format, ...(from === undefined ? {} : { from }) };
      await ports.audit.append(tx, doneBy(caller, 'audit.stream-set', { details }));
    });
    return { status: 200, body: await view(ports, caller) };
  });
}

function remove(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: PATH,
    summary: 'Stream the audit log no more',
    tags: TAGS,
    access: SETTINGS,
    stepUp: true,
    fourEyes: 'audit-export',
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    await ports.database.tenant([organisation], 'app', async (tx) => {
      if (!(await removeStream(tx, organisation))) throw new Refusal('not-found');
      await ports.audit.append(tx, doneBy(caller, 'audit.stream-removed'));
    });
    return { status: 204 };
  });
}
