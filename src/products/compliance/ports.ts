import type { Actor, Caller } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Audit } from '#platform/audit';
import type { Blobs } from '#platform/blobs';
import type { Database } from '#platform/database';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** What the pages about the audit log need of other rooms. */
export interface AuditRoutePorts {
  readonly audit: Audit;
  readonly database: Database;
  readonly clock: Clock;
  /** Of this program, for files that name their maker. */
  readonly version: string;
  readonly vault: Vault;
  readonly blobs: Pick<Blobs, 'write' | 'record' | 'read' | 'reserveOk'>;
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
  /** The name of a person of the organisation. */
  labelPerson(caller: Caller, identity: string): Promise<{ label: string }>;
  /** True for people who work in the caller's organisation. */
  isMember(caller: Caller, identity: string): Promise<boolean>;
  /** Whether there is such an incident that the caller may see. Refusal `not-permitted` without `incidents:read`. */
  incidentStands(caller: Caller, incident: string): Promise<boolean>;
  timeZone(organisation: OrganisationId): Promise<string>;
  /** Ids of people of the organisation whose name or address holds the text. */
  findPeople(caller: Caller, text: string): Promise<readonly string[]>;
  /** The address of a recipient on record; null when there is no such record. */
  recipientAddress(caller: Caller, record: string): Promise<string | null>;
}
