import type { Caller, Permission, Scope } from '#core/actor';
import type { Address } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { MessageSource } from '#core/message';
import type { SensitivityClass, Stream } from '#core/method';
import type { NetworkProfile } from '#core/network';
import type { Policy } from '#core/policy';
import type { MessageRecordPort } from '#core/ports';
import type { Blobs } from '#platform/blobs';
import type { ScanLimits } from '#platform/mail';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** What intake asks of the rooms around it. `Tx` is the record's transaction. */
export interface IntakePorts<Tx> {
  readonly vault: Pick<
    Vault,
    'newObjectKey' | 'tryNewObjectKey' | 'seal' | 'sealValue' | 'sealStream' | 'blindIndex' | 'blindTerms'
  >;
  readonly blobs: Pick<Blobs, 'write' | 'reserveOk'>;
  readonly record: MessageRecordPort<Tx>;
  readonly policies: {
    /** The policy in force: its version stands on the message, its days bound it, its trigger words are heard. */
    current(
      organisation: OrganisationId,
    ): Promise<
      Pick<Policy, 'version' | 'giveUpDays' | 'portalExpiryDays' | 'triggers' | 'tlsHighestClass' | 'waivers'>
    >;
  };
  readonly limits: {
    /** Counts a message with so many recipients. Throws Refusal `limit-reached` or `too-many-requests`. */
    take(organisation: OrganisationId, recipients: number): Promise<void>;
  };
  readonly senders: {
    /** Whether this caller may write as that address: for staff, one on a domain of the organisation. */
    mayUse(caller: Caller, source: MessageSource, address: Address): Promise<boolean>;
  };
  /** The network profile of now; the sandbox's routes go away with it. */
  readonly network: () => Pick<NetworkProfile, 'mayRoute'>;
  readonly hasAccess: (caller: Caller, permission: Permission, scope?: Scope) => boolean;
  /** For which things alone a permission is held; empty where it is not. */
  readonly accessScopes: (caller: Caller, permission: Permission) => 'everywhere' | readonly Scope[];
  readonly clock: Clock;
  /** Our name in Received fields and generated Message-IDs. */
  readonly hostName: string;
}

export interface IntakeLimits extends ScanLimits {
  readonly maxRecipients: number;
  /** How far ahead a message may be scheduled. */
  readonly maxDelayDays: number;
}

export interface Envelope {
  readonly sender: Address;
  readonly recipients: readonly Address[];
}

/** What a caller may set beside the content; each goes over the message's own X-Sealpost fields. */
export interface SubmitOptions<Tx> {
  readonly source: MessageSource;
  /** For the Received field: `ESMTPSA` by SMTP submission, `HTTPS` by API and portal. */
  readonly protocol?: 'ESMTPSA' | 'HTTPS';
  /** Chosen beforehand by callers that must know it. */
  readonly id?: MessageId;
  readonly class?: SensitivityClass;
  readonly stream?: Stream;
  /** 0 (first) to 99. */
  readonly priority?: number;
  readonly dueAt?: Date;
  readonly inReplyTo?: MessageId;
  /** REQUIRETLS (RFC 8689). A `TLS-Required: No` field in the message has no say: it could only ask for less. */
  readonly requireTls?: boolean;
  /** The event or request that led to this message. */
  readonly cause?: string;
  /** Runs in the accepting transaction, such as storing an idempotent answer. */
  readonly within?: (tx: Tx, accepted: Accepted) => Promise<void>;
}

/** A message that is durably on the road. */
export interface Accepted {
  readonly id: MessageId;
  readonly deliveries: readonly { readonly id: DeliveryId; readonly recipient: Address }[];
  readonly acceptedAt: Date;
  readonly dueAt: Date;
  readonly size: number;
  /** Message-ID field with its angle brackets. */
  readonly messageId: string;
}

/** The only way onto the road. */
export interface Intake<Tx> {
  readonly limits: IntakeLimits;
  /**
   * Checks, scans, seals and records a message for all its recipients; resolves only after the commit is durable.
   * `content` is an RFC 5322 message with CRLF line ends, taken once. Throws Refusal with the codes of REFUSALS;
   * any other error is a fault, after which nothing was accepted.
   */
  submit(
    caller: Caller,
    envelope: Envelope,
    content: Buffer | AsyncIterable<Buffer>,
    options: SubmitOptions<Tx>,
  ): Promise<Accepted>;
  /** The checks of an envelope sender alone, so that SMTP can answer MAIL FROM. */
  checkSender(caller: Caller, source: MessageSource, sender: Address): Promise<void>;
  /** The check of one recipient alone, so that SMTP can answer RCPT TO. */
  checkRecipient(recipient: Address): void;
  /** Throws Refusal `storage-low` below the disk reserve. */
  checkReserve(): void;
}
