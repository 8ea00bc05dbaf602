import type { Address, NamedAddress } from '#core/address';
import type { Decision, MethodFailure, Reason, RecipientFacts, TlsRequirement } from '#core/decision';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { Content, Message } from '#core/message';
import type { Method } from '#core/method';
import type { Notice } from '#core/notice';
import type { Policy } from '#core/policy';
import type { PortalPort } from '#core/portal';
import type { Protector } from '#core/protection';
import type { AttemptResult } from '#core/transport';
import type { Transaction } from '#platform/database';
import type { MessageRecord } from '#platform/record';
import type { Clock, Logger } from '#platform/runtime';

/** An organisation's own mail server. */
export interface OwnHost {
  readonly host: string;
  readonly port: number;
  readonly mayConnect: (address: string) => boolean;
}

/** What the conveyor asks for messages from outside. */
export interface InboundStage {
  /** Where the mail of this domain of the organisation goes; null where nobody says so any more. */
  host(organisation: OrganisationId, domain: string): Promise<OwnHost | null>;
  /** Opens what can be opened; what was found, as reasons of the decision. */
  prepare(
    message: Message,
    content: Content,
    recipient: Address,
  ): Promise<{ readonly content: Content; readonly reasons: readonly Reason[] }>;
  decide(facts: {
    readonly host: string | null;
    readonly policyVersion: number;
    readonly failures: readonly MethodFailure[];
    readonly found: readonly Reason[];
  }): Decision;
}

/** What the conveyor asks of the delivery stage. */
export interface SendRequest {
  readonly domain: string;
  /** null is the null reverse-path of notices and DSNs (RFC 5321 §4.5.5). */
  readonly envelopeFrom: Address | null;
  readonly recipient: Address;
  readonly content: Content;
  /** With `opportunistic`: sent in place of `content` where the peer was verified. */
  readonly verifiedContent?: Content;
  readonly tls: TlsRequirement | 'opportunistic';
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  /** The sender said REQUIRETLS (RFC 8689). */
  readonly requireTls?: boolean;
  /** The one host that takes it, in place of those that DNS names for the domain. */
  readonly via?: OwnHost;
  /** Asked when a connection stands and before a word of the envelope is said; false: deferred. */
  readonly stillWanted?: () => Promise<boolean>;
}

export interface DeliverStage {
  send(request: SendRequest): Promise<AttemptResult>;
  /** Content with DKIM-Signature fields of the organisation's domain in front; unchanged where it has no keys. */
  sign(organisation: OrganisationId, domain: string, content: Content): Promise<Content>;
  /** Destinations at their limit: nothing more is claimed for them now. */
  busyDestinations(): readonly string[];
  /** Milliseconds from a failed try until the next. */
  nextTry(attempts: number): number;
}

/** How an organisation appears in content-free mail. */
export interface NoticeIdentity {
  readonly organisationName: string;
  /** From-address on a verified path. */
  readonly from: NamedAddress;
  /** From-address where the path is not verified: tells nothing about the organisation. */
  readonly neutralFrom: NamedAddress;
  readonly portalUrl: string;
  readonly hostName: string;
}

/** Named points where a crash must lose nothing; the crash proof stops the process at them. */
export type Point = 'claimed' | 'before-send' | 'after-data' | 'before-outcome' | 'after-outcome';

export interface ConveyorPorts {
  readonly record: MessageRecord;
  readonly portal: PortalPort<Transaction>;
  readonly protectors: ReadonlyMap<Method, Protector>;
  readonly deliver: DeliverStage;
  readonly inbound: InboundStage;
  decide(facts: RecipientFacts, policy: Policy): Decision;
  /** The policy in force now: the method is chosen at the moment of delivery (SL-2). */
  currentPolicy(organisation: OrganisationId): Promise<Policy>;
  /** Whether a waiver of this recipient is in force now (SL-12). */
  waiver(organisation: OrganisationId, recipient: Address): Promise<boolean>;
  noticeIdentity(organisation: OrganisationId): Promise<NoticeIdentity>;
  buildNotice(notice: Notice, neutral: boolean, identity: NoticeIdentity): Buffer;
  loadMessage(organisation: OrganisationId, message: MessageId): Promise<Message | null>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells where the road is; with the delivery, where it is about one. */
  reach(point: Point, delivery?: DeliveryId): void;
}

export interface ConveyorLimits {
  /** Items under way at once. */
  readonly concurrency: number;
  /** Places beyond those, for who has fewer than `assured` in hand: see shareOfSlots. */
  readonly reserve: number;
  readonly assured: number;
  /** Most items for one destination, even when it is alone. */
  readonly perDomain: number;
  readonly leaseSeconds: number;
}
