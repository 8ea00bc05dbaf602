import type { OrganisationId } from '#core/ids';
import type { Audit, Verification } from '#platform/audit';
import type { Database } from '#platform/database';
import { type Clock, type Logger, newId } from '#platform/runtime';
import { insertVerified, lastVerified, type VerifiedRow } from './verified.store.ts';

export interface VerifyPorts {
  readonly audit: Pick<Audit, 'verify' | 'append'>;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

const EVERY_MS = 24 * 3_600_000;
/** A log of fifty million entries; what takes longer is said to be unfinished, not silently skipped. */
const MOST_MS = 30 * 60_000;

class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Verifies each log whose last verification is a day old, one after the other. What is found is told outside of the log
 * too (a row of its own, the process' log, a metric), because the log is what is doubted. Returns how many were verified.
 */
export async function verifyLogs(
  ports: VerifyPorts,
  organisations: readonly OrganisationId[],
  mostMs = MOST_MS,
): Promise<number> {
  let verified = 0;
  for (const organisation of organisations) {
    const last = await ports.database.tenant([organisation], 'worker', (tx) =>
      lastVerified(tx, organisation),
    );
    if (last !== undefined && ports.clock.now().getTime() - last.ended_at.getTime() < EVERY_MS) continue;
    await verifyOne(ports, organisation, mostMs);
    verified += 1;
  }
  return verified;
}

async function verifyOne(ports: VerifyPorts, organisation: OrganisationId, mostMs: number): Promise<void> {
  const { audit, clock } = ports;
  const began = clock.monotonic();
  const onProgress = (): void => {
    if (clock.monotonic() - began > mostMs) throw new TookTooLong();
  };
  try {
    const found = await audit.verify(organisation, { onProgress });
    await keepVerification(ports, organisation, rowOf(found, clock));
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    await keepVerification(ports, organisation, {
      ...{ id: newId(clock), ended_at: clock.now(), size: 0, sound: false, findings: 1 },
      ...{ kinds: ['not-finished'], seconds: Math.round(mostMs / 1000) },
    });
  }
}

/** A verification as it is kept. */
export function rowOf(found: Verification, clock: Clock): VerifiedRow {
  return {
    ...{ id: newId(clock), ended_at: clock.now(), size: found.size, sound: found.ok },
    findings: found.findings.length + found.moreFindings,
    kinds: [...new Set(found.findings.map(({ kind }) => kind))],
    seconds: Math.round(found.durationMs / 1000),
  };
}

async function keepVerification(
  { audit, database, logger }: VerifyPorts,
  organisation: OrganisationId,
  row: VerifiedRow,
): Promise<void> {
  if (!row.sound) {
    logger.error('audit.verification-failed', {
      ...{ organisation, count: row.findings, reason: row.kinds.join(' ') },
    });
  }
  await database.tenant([organisation], 'worker', async (tx) => {
    await insertVerified(tx, organisation, row);
    if (row.sound) return;
    await audit.append(tx, {
      ...{ organisation, action: 'audit.verification-failed', result: 'failed' },
      actor: { kind: 'system', component: 'audit' },
      origin: { address: null, channel: 'worker' },
      details: {
        ok: false,
        findings: row.findings,
        kinds: row.kinds.join(' ').slice(0, 250),
        size: row.size,
      },
      ...{ subjects: [], sealedReference: null, request: null },
    });
  });
}
