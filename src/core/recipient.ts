import type { Address } from './address.ts';
import type { OrganisationId } from './ids.ts';

/** A question that only the recipient should be able to answer; the organisation put the answer on record (PO-1). */
export interface ChallengeQuestion {
  readonly kind: 'date-of-birth' | 'shared-secret';
  /** What is asked for, in the organisation's words, for `shared-secret`; null for a date of birth. */
  readonly prompt: string | null;
}

/** What staff put on record about how a recipient is recognised. `Tx` is the open transaction of the caller. */
export interface RecipientRecordPort<Tx> {
  /** The question on record for this recipient, or null. */
  challenge(tx: Tx, organisation: OrganisationId, recipient: Address): Promise<ChallengeQuestion | null>;
  /**
   * Whether the answer is the one on record: dates in any usual spelling, secrets without regard to case, blanks and
   * accents. False where there is no question. Counts nothing: limits are the asker's.
   */
  answers(tx: Tx, organisation: OrganisationId, recipient: Address, answer: string): Promise<boolean>;
}
