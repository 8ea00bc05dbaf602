import type { Actor } from '#core/actor';
import type { DeliveryId, MessageId, OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { FallbackKind } from './recipient.store.ts';

export interface NewPickup {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly item: PortalItemId;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly kind: FallbackKind;
  readonly reason: string | null;
  readonly address: Buffer;
  readonly fallbackIndex: Buffer | null;
  readonly at: Date;
}

export async function insertPickup(tx: Transaction, row: NewPickup): Promise<void> {
  await tx.execute({
    name: 'pickup.insert',
    text: `insert into sealpost.pickup_fallback (id, organisation, item, message, delivery, kind, reason, address,
        fallback_index, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      row.id,
      row.organisation,
      row.item,
      row.message,
      row.delivery,
      row.kind,
      row.reason,
      row.address,
      row.fallbackIndex,
      row.at,
    ],
  });
}

/** Where the further notice of this copy went, as a keyed hash; undefined where none went to another address. */
export async function otherAddressOf(
  tx: Transaction,
  organisation: OrganisationId,
  item: PortalItemId,
): Promise<Buffer | undefined> {
  const row = await tx.maybe<{ readonly fallback_index: Buffer }>({
    name: 'pickup.other-address',
    text: `select fallback_index from sealpost.pickup_fallback
      where organisation = $1 and item = $2 and kind = 'address' and fallback_index is not null`,
    values: [organisation, item],
  });
  return row?.fallback_index;
}

export interface LetterRow {
  readonly id: string;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly reason: string | null;
  readonly address: Buffer;
  readonly created_at: Date;
}

/** Letters that nobody has written yet, newest first. */
export function listLetters(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<LetterRow[]> {
  return tx.query<LetterRow>({
    name: 'pickup.letters',
    text: `select id, message, delivery, reason, address, created_at from sealpost.pickup_fallback
      where organisation = $1 and kind = 'letter' and done_at is null
        and id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
      order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}

/** Undefined where there is no such letter that waits. */
export function endLetter(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  by: Actor,
  at: Date,
): Promise<{ readonly message: MessageId; readonly delivery: DeliveryId } | undefined> {
  return tx.maybe({
    name: 'pickup.end-letter',
    text: `update sealpost.pickup_fallback set done_by = $3, done_at = $4
      where organisation = $1 and id = $2 and kind = 'letter' and done_at is null returning message, delivery`,
    values: [organisation, id, JSON.stringify(by), at],
  });
}

export async function letterStands(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const row = await tx.maybe({
    name: 'pickup.letter-stands',
    text: `select 1 as one from sealpost.pickup_fallback where organisation = $1 and id = $2 and kind = 'letter'`,
    values: [organisation, id],
  });
  return row !== undefined;
}

/** How an unread copy was followed up, for its sender. */
export interface FollowUpRow {
  readonly delivery: DeliveryId;
  readonly kind: FallbackKind;
  readonly created_at: Date;
  readonly done_at: Date | null;
}

export function followUpsOf(
  tx: Transaction,
  organisation: OrganisationId,
  deliveries: readonly DeliveryId[],
): Promise<FollowUpRow[]> {
  return tx.query<FollowUpRow>({
    name: 'pickup.of-deliveries',
    text: `select delivery, kind, created_at, done_at from sealpost.pickup_fallback
      where organisation = $1 and delivery = any ($2::uuid[]) order by id`,
    values: [organisation, deliveries],
  });
}
