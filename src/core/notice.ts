import type { Address } from './address.ts';
import type { DeliveryId, MessageId, NoticeId, OrganisationId } from './ids.ts';

/**
 * What leaves without content. The type has no place for a subject, a body or free text of ours: only codes and
 * parameters that platform code chose. It alone may travel by opportunistic TLS, and where the path is not verified
 * it is worded neutrally (no organisation name, no brand host): that someone is a patient somewhere is PHI.
 */
export interface Notice {
  readonly id: NoticeId;
  readonly organisation: OrganisationId;
  readonly to: Address;
  readonly locale: 'en' | 'es';
  readonly body: NoticeBody;
}

export type NoticeBody =
  | {
      /** A message waits in the portal. */
      readonly kind: 'portal-message';
      readonly message: MessageId;
      readonly delivery: DeliveryId;
      /** Opaque portal link token, 256 bit; stored hashed, sealed here. */
      readonly linkToken: string;
      readonly expiresAt: Date;
      /** To another address on record (PO-6): that it does not arrive there says nothing of the copy's own recipient. */
      readonly elsewhere?: true;
    }
  | {
      /** Six-digit sign-in code. */ readonly kind: 'sign-in-code';
      readonly code: string;
      readonly expiresAt: Date;
    }
  | {
      /** RFC 3464 delivery status without the original's content or subject. */
      readonly kind: 'dsn';
      readonly message: MessageId;
      readonly messageId: string;
      readonly acceptedAt: Date;
      readonly recipients: readonly DsnRecipient[];
    }
  | {
      /** The password of a protected PDF waits in the portal. It comes beside the mail that brings the PDF, never within it. */
      readonly kind: 'pdf-password';
      readonly message: MessageId;
      readonly delivery: DeliveryId;
      readonly expiresAt: Date;
    }
  | {
      /** To the sender: a recipient opened the message in the portal. */
      readonly kind: 'portal-read';
      readonly message: MessageId;
      readonly delivery: DeliveryId;
      readonly readAt: Date;
      /** Who opened it; absent in notices of releases that knew no caregivers. */
      readonly by?: 'recipient' | 'caregiver';
    }
  | {
      /** To a caregiver: a message waits in the portal for somebody whom they care for. Names nobody. */
      readonly kind: 'portal-caregiver';
      readonly message: MessageId;
      readonly expiresAt: Date;
    }
  | {
      /**
       * To the sender: a recipient cannot open the message. `locked`: wrong answers ended access until staff unlock it;
       * `unprovable`: it asks for a second proof, and none is on record.
       */
      readonly kind: 'portal-unproved';
      readonly message: MessageId;
      readonly delivery: DeliveryId;
      readonly reason: 'locked' | 'unprovable';
    }
  | {
      /** To a recipient: a passkey was added (NIST SP 800-63B-4 §4.1.2.1). */ readonly kind: 'passkey-added';
      readonly addedAt: Date;
    }
  | {
      /** To a person of the organisation: what they sign in with was changed (NIST SP 800-63B-4). */
      readonly kind: 'account-changed';
      readonly change: AccountChange;
      readonly changedAt: Date;
    }
  | {
      /** To a person of the organisation: a sign-in as them that they may not know of. Says neither where nor by what. */
      readonly kind: 'sign-in-noticed';
      readonly what: 'failed-tries' | 'factor-failed' | 'new-device';
      readonly at: Date;
    }
  | {
      /** To staff who watch over the organisation: an incident. Codes and its id alone; all else is in the console. */
      readonly kind: 'security-alert';
      /** Null for a test of the channel. */
      readonly incident: string | null;
      /** Code of a ready rule; null for one of the organisation's own, whose name people wrote. */
      readonly rule: string | null;
      readonly severity: 'low' | 'medium' | 'high' | 'critical';
      /** `emergency`: somebody took emergency access; of no incident. */
      readonly reason: 'opened' | 'raised' | 'reopened' | 'escalated' | 'emergency' | 'test';
    }
  | {
      /** To who may review it: somebody took emergency access. Neither who nor why: both stand in the console. */
      readonly kind: 'emergency-access';
      readonly emergency: string;
      readonly startedAt: Date;
      readonly expiresAt: Date;
    };

/** What happened to a person's account. */
export type AccountChange =
  | 'factor-added'
  | 'factor-renamed'
  | 'factor-removed'
  | 'recovery-codes-renewed'
  | 'passphrase-changed'
  | 'recovery-started'
  | 'recovered';

export interface DsnRecipient {
  readonly address: Address;
  /** `expired`: given up on the way. `unread`: it waited in the portal until its time was over; `waiting`: it still waits. */
  readonly action: 'failed' | 'delayed' | 'expired' | 'unread' | 'waiting';
  /** RFC 3463, such as `5.1.1`. */
  readonly status: string;
  readonly remoteHost: string | null;
  readonly diagnosticCode: number | null;
}
