import type { IdentityId, OrganisationId } from '#core/ids';
import type { Access } from '#platform/access';
import type { Audit } from '#platform/audit';
import type { Database, Transaction } from '#platform/database';
import type { Route } from '#platform/http';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** Something that people must hear of at once. Ids and codes only. */
export interface Alarm {
  readonly kind: 'break-glass-started';
  readonly organisation: OrganisationId;
  readonly id: string;
  readonly who: IdentityId;
  /** Who may review it, the person behind it left out. */
  readonly reviewers: readonly IdentityId[];
}

/** What this product stands on, and what other rooms do for it. */
export interface SafeguardPorts {
  readonly database: Database;
  readonly vault: Pick<Vault, 'sealValue' | 'openValue'>;
  readonly audit: Pick<Audit, 'append' | 'list'>;
  readonly clock: Clock;
  readonly access: Access;
  /**
   * Tells the channels of alerts, in the transaction of what it tells of: what was lined up is sent by the worker, repeated until it
   * arrives. The mails to the reviewers do not stand or fall with the channels.
   */
  alarm(tx: Transaction, alarm: Alarm): Promise<void>;
  /** Every route of the API, filled in when all are known: a held act is done by its own. */
  readonly heldRoutes: { current: readonly Route[] };
  /** A held act failed by a fault of ours. */
  fault(error: unknown, route: string): void;
}
