import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { PortalSignInRule } from '#core/portal';
import type { Access, FetchKeySet } from '#platform/access';
import type { Audit } from '#platform/audit';
import type { Database, Transaction } from '#platform/database';
import type { Clock } from '#platform/runtime';

/** A record to publish in DNS before a domain can send. */
export interface DomainRecord {
  readonly name: string;
  readonly type: 'TXT';
  readonly value: string;
}

/** What this product stands on, and what other rooms do for it. */
export interface OrganisationPorts {
  readonly access: Access;
  readonly database: Database;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  readonly version: string;
  /**
   * Gives a new organisation (or a further domain of one) its signing keys and its first policy, in the transaction that makes it.
   * Idempotent.
   */
  prepare(tx: Transaction, organisation: OrganisationId, domain: string, actor: Actor): Promise<void>;
  /** What must stand in DNS for the domain. */
  domainRecords(
    tx: Transaction,
    organisation: OrganisationId,
    domain: string,
  ): Promise<readonly DomainRecord[]>;
  /** The recovery kit of the root key; null where a key service keeps it. */
  recoveryKit(): Promise<{ readonly text: string; readonly code: string } | null>;
  /** After the commit that changed the public addresses or ended the sandbox. */
  installationChanged(now: {
    readonly mode: 'sandbox' | 'live';
    readonly consoleUrl: string | null;
    readonly portalUrl: string | null;
  }): Promise<void>;
  /** A key set's document from an https address that an organisation named; null when it cannot be had. */
  readonly fetchKeySet: FetchKeySet;
  /** Addresses as they are now, where nothing is stored yet. */
  addresses(): { readonly console: string | null; readonly portal: string | null };
  /** Where programs hand in mail; a port is null when this process does not listen. */
  submission(): {
    readonly host: string;
    readonly startTlsPort: number | null;
    readonly implicitTlsPort: number | null;
  };
  /** How recipients sign in to the portal, read from what is kept; the usual where nothing is. */
  signInRule(kept: unknown): PortalSignInRule;
  /** The first organisation's domain while in sandbox mode. */
  readonly sandboxDomain: string;
}
