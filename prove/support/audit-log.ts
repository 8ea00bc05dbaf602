import { generateKeyPairSync, sign } from 'node:crypto';
import type { AuditEntry } from '#core/audit-entry';
import type { OrganisationId } from '#core/ids';
import { type Audit, auditOrigin, type NoteSigner } from '#platform/audit';
import type { Database } from '#platform/database';
import { newId } from '#platform/runtime';

/** A signer with a fresh key, named as the log of the organisation. */
export function freshSigner(organisation: OrganisationId): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    keyName: auditOrigin(organisation),
    publicKey,
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}

const ACTIONS = [
  'message.accepted',
  'delivery.delivered',
  'session.started',
  'policy.changed',
  'portal.read',
];

/** An entry like those of daily work; every tenth with a sealed reference. */
export function everydayEntry(organisation: OrganisationId, number: number): AuditEntry {
  return {
    organisation,
    action: ACTIONS[number % ACTIONS.length] ?? 'message.accepted',
    actor: { kind: 'system', component: 'prove' },
    origin: { address: '192.0.2.17', channel: 'worker' },
    result: number % 50 === 0 ? 'refused' : 'done',
    subjects: [{ kind: 'message', id: newId() }],
    details: { number, method: 'tls', policyVersion: 1 },
    sealedReference: number % 10 === 0 ? Buffer.from(`sealed bytes of reference ${number}`) : null,
    request: newId(),
  };
}

/** Writes `count` entries and sequences them in about `checkpoints` rounds, of uneven sizes. */
export async function growLog(
  database: Database,
  audit: Audit,
  organisation: OrganisationId,
  plan: {
    readonly count: number;
    readonly checkpoints: number;
    readonly onProgress?: (done: number) => void;
  },
): Promise<void> {
  const round = Math.ceil(plan.count / plan.checkpoints);
  let written = 0;
  while (written < plan.count) {
    const until = Math.min(written + round - (written % 7), plan.count);
    while (written < until) {
      const size = Math.min(500, until - written);
      const first = written;
      await database.tenant([organisation], 'app', (tx) =>
        audit.appendMany(
          tx,
          Array.from({ length: size }, (_, at) => everydayEntry(organisation, first + at)),
        ),
      );
      written += size;
    }
    const report = await audit.sequence(organisation);
    if (report.alarms.length > 0) throw new Error(`alarm while growing: ${report.alarms[0]?.reason}`);
    plan.onProgress?.(written);
  }
}
