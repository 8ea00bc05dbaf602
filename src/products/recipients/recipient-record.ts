import type { Actor } from '#core/actor';
import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import { addressIndexForm, parseAddress } from '#platform/mail';
import type { Vault } from '#platform/vault';
import type { RecipientRow } from './recipient.store.ts';

/** What is done about a message that this recipient does not pick up. */
export type Fallback =
  | {
      readonly kind: 'address';
      readonly address: string;
      /** The mailbox is the recipient's own: codes for what the notice tells of may go there too. */
      readonly samePerson: boolean;
    }
  | { readonly kind: 'text' }
  | { readonly kind: 'letter' };

/** What staff put on record about one recipient, opened. The answer to the question cannot be opened. */
export interface RecipientRecord {
  readonly id: string;
  readonly address: string;
  readonly mobile: string | null;
  readonly challenge: ChallengeQuestion | null;
  readonly fallback: Fallback | null;
  readonly version: number;
  readonly changedBy: Actor;
  readonly changedAt: Date;
}

type Field = 'address' | 'mobile' | 'prompt' | 'fallback-address';

export const recordBinding = (organisation: OrganisationId, field: Field, row: string) => ({
  organisation,
  field: `recipient.${field}`,
  row,
});

export const recipientIndex = (
  vault: Vault,
  organisation: OrganisationId,
  address: Address,
): Promise<Buffer> => vault.blindIndex(organisation, 'recipient-record/1', addressIndexForm(address));

export async function openRecord(
  vault: Vault,
  organisation: OrganisationId,
  row: RecipientRow,
): Promise<RecipientRecord> {
  const open = async (field: Field, sealed: Buffer | null) =>
    sealed === null
      ? null
      : (await vault.openValue(recordBinding(organisation, field, row.id), sealed)).toString('utf8');
  const [address, mobile, prompt, other] = await Promise.all([
    open('address', row.address),
    open('mobile', row.mobile),
    open('prompt', row.challenge_prompt),
    open('fallback-address', row.fallback_address),
  ]);
  return {
    id: row.id,
    address: address ?? '',
    mobile,
    challenge: row.challenge_kind === null ? null : { kind: row.challenge_kind, prompt },
    fallback: fallbackOf(row, other),
    version: row.version,
    changedBy: row.changed_by,
    changedAt: row.changed_at,
  };
}

function fallbackOf(row: RecipientRow, address: string | null): Fallback | null {
  switch (row.fallback_kind) {
    case null:
      return null;
    case 'address':
      return address === null ? null : { kind: 'address', address, samePerson: row.fallback_same_person };
    case 'text':
    case 'letter':
      return { kind: row.fallback_kind };
  }
}

/** An address that was valid when it was sealed. */
export function addressOnRecord(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error('an address on record is none any more');
  return address;
}
