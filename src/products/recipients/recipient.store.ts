import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import type { Transaction } from '#platform/database';

export type FallbackKind = 'address' | 'text' | 'letter';

/** A record as its columns hold it. */
export interface RecipientRow {
  readonly id: string;
  readonly address: Buffer;
  readonly mobile: Buffer | null;
  readonly challenge_kind: ChallengeQuestion['kind'] | null;
  readonly challenge_prompt: Buffer | null;
  readonly challenge_mac: Buffer | null;
  readonly fallback_kind: FallbackKind | null;
  readonly fallback_address: Buffer | null;
  readonly fallback_same_person: boolean;
  readonly version: number;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

const COLUMNS = `id, address, mobile, challenge_kind, challenge_prompt, challenge_mac, fallback_kind, fallback_address,
  fallback_same_person, version, changed_by, changed_at`;

export function findRecipient(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
): Promise<RecipientRow | undefined> {
  return tx.maybe<RecipientRow>({
    name: 'recipient.find',
    text: `select ${COLUMNS} from sealpost.recipient_record where organisation = $1 and address_index = $2`,
    values: [organisation, addressIndex],
  });
}

/** Locked when it is about to change. */
export function recipientById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  lock: 'lock' | 'read' = 'read',
): Promise<RecipientRow | undefined> {
  return tx.maybe<RecipientRow>({
    name: `recipient.by-id-${lock}`,
    text: `select ${COLUMNS} from sealpost.recipient_record where organisation = $1 and id = $2
      ${lock === 'lock' ? 'for update' : ''}`,
    values: [organisation, id],
  });
}

/** A page, newest first. */
export function listRecipients(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<RecipientRow[]> {
  return tx.query<RecipientRow>({
    name: 'recipient.list',
    text: `select ${COLUMNS} from sealpost.recipient_record
      where organisation = $1 and id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
      order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}

const values = (organisation: OrganisationId, row: RecipientRow) => [
  row.id,
  organisation,
  row.address,
  row.mobile,
  row.challenge_kind,
  row.challenge_prompt,
  row.challenge_mac,
  row.fallback_kind,
  row.fallback_address,
  row.fallback_same_person,
  row.version,
  JSON.stringify(row.changed_by),
  row.changed_at,
];

/** False where the address has a record already. */
export async function insertRecipient(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
  row: RecipientRow,
): Promise<boolean> {
  const added = await tx.execute({
    name: 'recipient.insert',
    text: `insert into sealpost.recipient_record (id, organisation, address, mobile, challenge_kind, challenge_prompt,
        challenge_mac, fallback_kind, fallback_address, fallback_same_person, version, changed_by, changed_at, address_index)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (organisation, address_index) do nothing`,
    values: [...values(organisation, row), addressIndex],
  });
  return added === 1;
}

/** The row must be locked: its version is the caller's. */
export async function updateRecipient(
  tx: Transaction,
  organisation: OrganisationId,
  row: RecipientRow,
): Promise<void> {
  await tx.execute({
    name: 'recipient.update',
    text: `update sealpost.recipient_record set address = $3, mobile = $4, challenge_kind = $5, challenge_prompt = $6,
        challenge_mac = $7, fallback_kind = $8, fallback_address = $9, fallback_same_person = $10, version = $11,
        changed_by = $12, changed_at = $13
      where organisation = $2 and id = $1`,
    values: values(organisation, row),
  });
}

/** True where it was there. */
export async function deleteRecipient(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'recipient.delete',
    text: 'delete from sealpost.recipient_record where organisation = $1 and id = $2',
    values: [organisation, id],
  });
  return gone === 1;
}
