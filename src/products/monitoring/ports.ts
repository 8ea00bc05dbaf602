import type { Actor, Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { AuditEntry } from '#core/audit-entry';
import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import type { Notice } from '#core/notice';
import type { PlaceOf } from '#core/place';
import { hasAccess } from '#platform/access';
import type { Audit } from '#platform/audit';
import type { Database, Transaction } from '#platform/database';
import type { Clock, Locale, Logger } from '#platform/runtime';
import type { TextGateway } from '#platform/text';
import type { Vault } from '#platform/vault';

/** What came of a request to somebody's web address. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly code: string };

export interface Operator {
  readonly organisation: OrganisationId;
  readonly address: Address;
  readonly locale: Locale;
}

export interface MonitoringPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: Pick<Audit, 'append' | 'state'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where addresses are; null where the operator has no database of them. Rules about places then find nothing. */
  readonly placeOf: PlaceOf | null;
  /** IANA name of the organisation's time zone. */
  zone(organisation: OrganisationId): Promise<string>;
  locale(organisation: OrganisationId): Promise<Locale>;
  /** A member's address while they may read incidents; null for everybody else. */
  reader(organisation: OrganisationId, identity: IdentityId): Promise<Address | null>;
  /**
   * Who operates the installation, with the organisation by which their mail is sent: its own incidents are told to them,
   * because it has no channels.
   */
  operators(): Promise<readonly Operator[]>;
  /** Lines up a content-free mail in the open transaction. */
  sendNotice(tx: Transaction, notice: Notice, giveUpAt: Date): Promise<void>;
  /** Where this organisation's texts are handed over; null where nobody has set up a gateway. */
  gateway(organisation: OrganisationId): Promise<TextGateway | null>;
  /** By HTTPS to a public address and nowhere else. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Posted>;
}

export const SYSTEM: Actor = { kind: 'system', component: 'monitoring' };

/** An entry of what the rules do by themselves. */
export function bySystem(
  organisation: OrganisationId,
  action: string,
  more: Partial<Pick<AuditEntry, 'subjects' | 'details' | 'result'>>,
): AuditEntry {
  return {
    organisation,
    action,
    actor: SYSTEM,
    origin: { address: null, channel: 'worker' },
    result: more.result ?? 'done',
    subjects: more.subjects ?? [],
    details: more.details ?? {},
    sealedReference: null,
    request: null,
  };
}

/** Whose incidents a caller may see: an operator's also those of the installation itself (sign-ins of nobody known). */
export function logsOf(caller: Caller): readonly OrganisationId[] {
  return hasAccess(caller, 'installation:operate')
    ? [caller.organisation, INSTALLATION]
    : [caller.organisation];
}
