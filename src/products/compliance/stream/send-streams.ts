import type { OrganisationId } from '#core/ids';
import type { NetworkProfile } from '#core/network';
import type { Audit, PlacedEntry } from '#platform/audit';
import type { Database } from '#platform/database';
import { sendByTls } from '#platform/net';
import type { Clock, Logger } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { framed, syslogMessage } from '../formats/syslog.ts';
import { advanceStream, claimStream, failStream, restStream, streamsDue } from './stream.store.ts';
import { openSettings, type StreamSettings } from './stream-settings.ts';

export interface StreamPorts {
  readonly audit: Pick<Audit, 'placed'>;
  readonly database: Database;
  readonly vault: Pick<Vault, 'openValue'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  readonly hostName: string;
  readonly network: () => Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>;
}

/** Entries of one connection: what is repeated at most when it breaks. */
const BATCH = 500;
/** Connections of one organisation before the others have their turn. */
const MOST_ROUNDS = 20;
const SEND_MS = 30_000;
const LEASE_MS = 60_000;
const MOST_WAIT_MS = 300_000;

/**
 * Sends what is due to the receivers that organisations named, in the log's order. A batch counts as sent when the
 * receiver has answered the end of its TLS session; what breaks before is sent again, so everything arrives at
 * least once. Returns how many entries arrived.
 */
export async function sendStreams(ports: StreamPorts): Promise<number> {
  const due = await ports.database.system('worker', (tx) => streamsDue(tx, ports.clock.now()));
  let sent = 0;
  for (const organisation of due) {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const batch = await sendBatch(ports, organisation);
      sent += batch;
      if (batch < BATCH) break;
    }
  }
  return sent;
}

async function sendBatch(ports: StreamPorts, organisation: OrganisationId): Promise<number> {
  const { audit, database, clock, vault, logger } = ports;
  const now = clock.now();
  const work = await database.tenant([organisation], 'worker', async (tx) => {
    const row = await claimStream(tx, organisation, now, new Date(now.getTime() + LEASE_MS));
    return row && { row, batch: await audit.placed(tx, organisation, row.cursor, BATCH) };
  });
  if (work === undefined) return 0;
  const { row, batch } = work;
  const last = batch.at(-1);
  if (last === undefined) {
    await database.tenant([organisation], 'worker', (tx) => restStream(tx, organisation, now));
    return 0;
  }
  const settings = await openSettings(vault, organisation, row.settings);
  const outcome = await sendByTls(
    destinationOf(settings),
    messages(batch, settings, ports),
    ports.network(),
    AbortSignal.timeout(SEND_MS),
  );
  if (outcome.kind === 'taken') {
    const move = { from: row.cursor, to: last.position + 1, changedAt: row.changed_at, now: clock.now() };
    const moved = await database.tenant([organisation], 'worker', (tx) =>
      advanceStream(tx, organisation, move),
    );
    return moved ? batch.length : 0;
  }
  const error = outcome.detail === null ? outcome.code : `${outcome.code} ${outcome.detail}`;
  const wait = Math.min(MOST_WAIT_MS, 1_000 * 2 ** Math.min(row.failures, 20));
  const dueAt = new Date(clock.now().getTime() + wait);
  await database.tenant([organisation], 'worker', (tx) =>
    failStream(tx, organisation, { error, now: clock.now(), dueAt }),
  );
  logger.warn('audit.stream-failed', { organisation, reason: error, attempt: row.failures + 1 });
  return 0;
}

function destinationOf({ host, port, authorities, clientCertificate, clientKey }: StreamSettings) {
  const client =
    clientCertificate === null || clientKey === null
      ? null
      : { certificate: clientCertificate, key: clientKey };
  return { host, port, authorities, client };
}

async function* messages(
  batch: readonly PlacedEntry[],
  { format }: StreamSettings,
  { hostName, version }: StreamPorts,
): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const entry of batch) {
    yield framed(syslogMessage({ ...entry, people: null }, format, { host: hostName, version }));
  }
}
