import type { AuditEntry } from '#core/audit-entry';
import type { OrganisationId } from '#core/ids';
import type { Blobs } from '#platform/blobs';
import type { Database, Transaction } from '#platform/database';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** Writes audit entries in the acting transaction; throws when it cannot, so that the act fails with it. */
export interface AuditPort {
  append(tx: Transaction, entry: AuditEntry): Promise<unknown>;
  appendMany(tx: Transaction, entries: readonly AuditEntry[]): Promise<unknown>;
}

/** Signs proofs of protection with the organisation's Ed25519 key (RFC 8032). */
export interface ProofSigner {
  readonly keyId: string;
  sign(bytes: Uint8Array): Buffer;
}

export interface RecordPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly blobs: Blobs;
  readonly audit: AuditPort;
  readonly clock: Clock;
  /** Keep what was just accepted at hand: of use only where a worker runs in the same process. */
  readonly keepFresh: boolean;
  proofSigner(tx: Transaction, organisation: OrganisationId): Promise<ProofSigner>;
}
