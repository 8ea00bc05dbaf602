import type { Reason } from './decision.ts';
import type { DeliveryId, MessageId, OrganisationId, ProofId } from './ids.ts';
import type { Method } from './method.ts';
import type { PeerAuthentication } from './transport.ts';

/**
 * Proof of protection (SL-11): what was done for one recipient's copy, signed by the organisation's proof key. The
 * audit entry of the outcome has the same id and holds the record's SHA-256, so the Merkle log covers the record. The
 * recipient stands in it as a salted hash, so that a proof can be shown without PHI.
 */
export interface ProofRecord {
  readonly format: 'sealpost-proof/1';
  readonly id: ProofId;
  readonly organisation: OrganisationId;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  /** SHA-256 of salt and address, hex; the salt is sealed beside it. */
  readonly recipientHash: string;
  readonly recipientDomain: string;
  readonly method: Method | 'none';
  readonly outcome: 'delivered' | 'portal-waiting' | 'bounced' | 'expired' | 'not-delivered';
  readonly transport: {
    readonly host: string | null;
    readonly tlsVersion: string | null;
    readonly cipher: string | null;
    readonly certificateFingerprint: string | null;
    readonly authenticatedBy: PeerAuthentication;
  };
  readonly contentHash: string;
  readonly policyVersion: number;
  readonly reasons: readonly Reason[];
  readonly at: string;
}
