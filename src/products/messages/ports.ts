import type { Actor, Caller } from '#core/actor';
import type { Address, NamedAddress } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId, PortalPersonId, ProofId } from '#core/ids';
import type { SensitivityClass, Stream } from '#core/method';
import type { CareMessage } from '#platform/access';
import type { EntryProof } from '#platform/audit';
import type { Blobs } from '#platform/blobs';
import type { Database, Transaction } from '#platform/database';
import type { RecordPorts } from '#platform/record';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** A message as a caller hands it in; intake validates, seals and commits it. */
export interface Submission {
  readonly sender: Address;
  readonly recipients: readonly Address[];
  /** RFC 5322 with CRLF line ends. */
  readonly content: AsyncIterable<Buffer> | Buffer;
  readonly options: {
    readonly class?: SensitivityClass;
    readonly stream?: Stream;
    readonly priority?: number;
    readonly dueAt?: Date;
    readonly cause: string;
    /** Runs in the accepting transaction: the idempotent answer. */
    readonly within: (tx: Transaction, accepted: Accepted) => Promise<void>;
  };
}

export interface Accepted {
  readonly id: MessageId;
  readonly deliveries: readonly { readonly id: DeliveryId; readonly recipient: Address }[];
}

/** Verifier keys as text (C2SP signed-note): of the proof key in use, and of the log. */
export interface PublicKeys {
  readonly proofKeyId: string;
  readonly proofKey: string;
  readonly logKey: string;
}

/** What the portal knows of a delivery that waits or was read there. */
export interface PortalView {
  readonly delivery: DeliveryId;
  readonly expiresAt: Date;
  readonly firstReadAt: Date | null;
  /** When too many wrong answers ended access; null while it stands. */
  readonly lockedAt: Date | null;
  /** When somebody first came without a possible second proof; null where nobody did. */
  readonly unprovableAt: Date | null;
  readonly acts: readonly {
    readonly act: 'opened' | 'downloaded' | 'replied' | 'printed';
    readonly by: 'recipient' | 'caregiver';
    readonly at: Date;
  }[];
}

/** Something that was sent or done about a delivery beside its mail. */
export interface FollowUp {
  readonly delivery: DeliveryId;
  readonly kind:
    | 'text-queued'
    | 'text-sent'
    | 'text-failed'
    | 'text-expired'
    | 'other-address'
    | 'letter-due'
    | 'letter-written';
  readonly code: string | null;
  readonly at: Date;
}

export interface MessagePorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly blobs: Blobs;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
  /** The road's entrance. */
  submit(caller: Caller, submission: Submission): Promise<Accepted>;
  /** The organisation's sender for messages that name none. */
  defaultSender(caller: Caller): Promise<NamedAddress>;
  /** Our name in generated Message-IDs. */
  readonly hostName: string;
  portalViews(
    tx: Transaction,
    organisation: OrganisationId,
    deliveries: readonly DeliveryId[],
  ): Promise<readonly PortalView[]>;
  followUps(
    tx: Transaction,
    organisation: OrganisationId,
    deliveries: readonly DeliveryId[],
  ): Promise<readonly FollowUp[]>;
  /** Addresses of recipients who wrote through the portal. */
  portalWriters(
    tx: Transaction,
    organisation: OrganisationId,
    people: readonly PortalPersonId[],
  ): Promise<ReadonlyMap<PortalPersonId, Address>>;
  retractFromPortal(
    tx: Transaction,
    organisation: OrganisationId,
    message: MessageId,
  ): Promise<{ readonly unread: readonly DeliveryId[]; readonly read: readonly DeliveryId[] }>;
  /** Gives a recipient access in the portal again; false where it was not locked, or there is no such delivery. */
  unlockInPortal(caller: Caller, message: MessageId, delivery: DeliveryId): Promise<boolean>;
  proofKey(tx: Transaction, organisation: OrganisationId, key: string): Promise<string | null>;
  /** Where the entry that carries a proof stands in the log; null until a checkpoint covers it. */
  proofInLog(tx: Transaction, organisation: OrganisationId, proof: ProofId): Promise<EntryProof | null>;
  /** The organisation's public keys as verifier texts. */
  publicKeys(tx: Transaction, organisation: OrganisationId): Promise<PublicKeys>;
  organisationName(organisation: OrganisationId): Promise<string>;
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
  /** Where the right to read content hangs on care: throws Refusal `not-permitted` with its reason, or `not-found`. */
  requireCare(tx: Transaction, caller: Caller, message: CareMessage): Promise<void>;
  /** Start of today in the organisation's zone. */
  startOfDay(organisation: OrganisationId): Promise<Date>;
}
