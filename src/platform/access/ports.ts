import type { Origin } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import type { OrganisationId } from '#core/ids';
import type { Notice } from '#core/notice';
import type { PlaceOf } from '#core/place';
import type { Audit } from '#platform/audit';
import type { Database, Transaction } from '#platform/database';
import type { ClientRevocation } from '#platform/keyring';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import type { BreachedPassphrases } from './breached-passphrases.ts';
import type { Throttle } from './throttle.ts';

/** What the whole room stands on. */
export interface AccessPorts {
  readonly database: Database;
  readonly vault: Pick<Vault, 'mac' | 'indexVersion' | 'blindIndex' | 'sealValue' | 'openValue'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  /** Null where the operator has brought no list. */
  readonly breached: BreachedPassphrases | null;
  /** What is known of the revocation of client certificates; null where the operator has named no authorities of them. */
  readonly clientCertificates: ClientRevocation | null;
  /** Null where the operator has brought no file of places. */
  readonly placeOf: PlaceOf | null;
  /**
   * Lines a text with a code up for a number in E.164; false where none can go now: the organisation has no gateway, the number said
   * STOP, or it or the organisation had its share of texts.
   */
  sendText(
    tx: Transaction,
    text: {
      readonly organisation: OrganisationId;
      readonly number: string;
      readonly locale: 'en' | 'es';
      readonly code: string;
      readonly expiresAt: Date;
    },
  ): Promise<boolean>;
  /** Lines a mail up in the transaction of the act that it tells of. */
  sendNotice(tx: Transaction, notice: Notice): Promise<void>;
}

export interface GuardedPorts extends AccessPorts {
  readonly throttle: Throttle;
}

/** Where a request came from: what every audit entry of this room names. */
export interface From {
  readonly origin: Origin;
  readonly request: string | null;
}

/** An audit entry with the parts that most entries of this room leave empty. */
export function auditEntry(
  from: From,
  entry: Pick<AuditEntry, 'organisation' | 'action' | 'actor'> & Partial<AuditEntry>,
): AuditEntry {
  return {
    result: 'done',
    subjects: [],
    details: {},
    sealedReference: null,
    origin: from.origin,
    request: from.request,
    ...entry,
  };
}
