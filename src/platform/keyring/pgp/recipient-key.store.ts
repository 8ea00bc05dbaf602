import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** Where a key came from. */
export type KeySource = 'console' | 'portal' | 'wkd' | 'hkps' | 'autocrypt';

/** `trusted` is used; `pending` waits for a person; the others are remembered so that they are not taken again. */
export type KeyState = 'trusted' | 'pending' | 'replaced' | 'rejected' | 'revoked';

export interface RecipientKeyRow {
  readonly id: string;
  readonly address_index: Buffer;
  readonly address: Buffer;
  readonly fingerprint_index: Buffer;
  readonly material: Buffer;
  readonly source: KeySource;
  readonly state: KeyState;
  readonly vouched_by: Actor | null;
  readonly vouched_at: Date | null;
  readonly expires_at: Date | null;
  readonly checked_at: Date;
  /** The date of the newest mail that brought it by Autocrypt. */
  readonly seen_at: Date | null;
  readonly created_at: Date;
}

const COLUMNS = `id, address_index, address, fingerprint_index, material, source, state, vouched_by, vouched_at,
  expires_at, checked_at, seen_at, created_at`;

/** All keys known of an address. */
export function keysOfAddress(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
): Promise<RecipientKeyRow[]> {
  return tx.query<RecipientKeyRow>({
    name: 'pgp.keys-of-address',
    text: `select ${COLUMNS} from sealpost.pgp_key where organisation = $1 and address_index = $2 order by id`,
    values: [organisation, addressIndex],
  });
}

/** One writer at a time for an address: what is known must not change between looking and writing. */
export async function lockAddress(tx: Transaction, addressIndex: Buffer): Promise<void> {
  await tx.execute({
    name: 'pgp.lock-address',
    text: `select pg_advisory_xact_lock(hashtextextended('pgp ' || encode($1, 'hex'), 0))`,
    values: [addressIndex],
  });
}

/** Newest first, from before an id on. */
export function listKeys(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<RecipientKeyRow[]> {
  return tx.query<RecipientKeyRow>({
    name: 'pgp.list',
    text: `select ${COLUMNS} from sealpost.pgp_key
      where organisation = $1 and state <> 'replaced' and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}

export function keyById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<RecipientKeyRow | undefined> {
  return tx.maybe<RecipientKeyRow>({
    name: 'pgp.by-id',
    text: `select ${COLUMNS} from sealpost.pgp_key where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

export async function insertKey(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<RecipientKeyRow, 'created_at' | 'seen_at'>,
): Promise<void> {
  await tx.execute({
    name: 'pgp.insert',
    text: `insert into sealpost.pgp_key (id, organisation, address_index, address, fingerprint_index, material, source,
        state, vouched_by, vouched_at, expires_at, checked_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      row.id,
      organisation,
      row.address_index,
      row.address,
      row.fingerprint_index,
      row.material,
      row.source,
      row.state,
      row.vouched_by === null ? null : JSON.stringify(row.vouched_by),
      row.vouched_at,
      row.expires_at,
      row.checked_at,
    ],
  });
}

export interface StateChange {
  readonly id: string;
  readonly state: KeyState;
  /** Null leaves who vouched as it was. */
  readonly voucher: { readonly by: Actor; readonly at: Date } | null;
}

export async function changeState(
  tx: Transaction,
  organisation: OrganisationId,
  change: StateChange,
): Promise<void> {
  await tx.execute({
    name: 'pgp.change-state',
    text: `update sealpost.pgp_key set state = $3, vouched_by = coalesce($4, vouched_by),
        vouched_at = coalesce($5, vouched_at), changed_at = now()
      where organisation = $1 and id = $2`,
    values: [
      organisation,
      change.id,
      change.state,
      change.voucher === null ? null : JSON.stringify(change.voucher.by),
      change.voucher?.at ?? null,
    ],
  });
}

/** A person has decided for another key: the trusted one gives way, and what waited is answered. */
export async function replaceOthers(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
): Promise<void> {
  await tx.execute({
    name: 'pgp.replace-others',
    text: `update sealpost.pgp_key set state = 'replaced', changed_at = now()
      where organisation = $1 and address_index = $2 and state in ('trusted', 'pending')`,
    values: [organisation, addressIndex],
  });
}

/** A newer copy of the same key. */
export async function updateMaterial(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<RecipientKeyRow, 'id' | 'material' | 'expires_at' | 'checked_at'>,
): Promise<void> {
  await tx.execute({
    name: 'pgp.update-material',
    text: `update sealpost.pgp_key set material = $3, expires_at = $4, checked_at = $5, changed_at = now()
      where organisation = $1 and id = $2`,
    values: [organisation, row.id, row.material, row.expires_at, row.checked_at],
  });
}

/** An unvouched key is known from another source too, which counts from now on. */
export async function changeSource(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  source: KeySource,
): Promise<void> {
  await tx.execute({
    name: 'pgp.change-source',
    text: `update sealpost.pgp_key set source = $3, changed_at = now()
      where organisation = $1 and id = $2 and vouched_by is null`,
    values: [organisation, id, source],
  });
}

/** A mail of that date brought the key. */
export async function noteSeen(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  date: Date,
): Promise<void> {
  await tx.execute({
    name: 'pgp.note-seen',
    text: 'update sealpost.pgp_key set seen_at = greatest(seen_at, $3) where organisation = $1 and id = $2',
    values: [organisation, id, date],
  });
}

export async function deleteKey(tx: Transaction, organisation: OrganisationId, id: string): Promise<void> {
  await tx.execute({
    name: 'pgp.delete',
    text: 'delete from sealpost.pgp_key where organisation = $1 and id = $2',
    values: [organisation, id],
  });
}

export interface LookupRow {
  readonly outcome: 'found' | 'none' | 'failed';
  readonly looked_at: Date;
}

export function lastLookup(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
): Promise<LookupRow | undefined> {
  return tx.maybe<LookupRow>({
    name: 'pgp.last-lookup',
    text: 'select outcome, looked_at from sealpost.pgp_lookup where organisation = $1 and address_index = $2',
    values: [organisation, addressIndex],
  });
}

export async function noteLookup(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
  row: LookupRow,
): Promise<void> {
  await tx.execute({
    name: 'pgp.note-lookup',
    text: `insert into sealpost.pgp_lookup (organisation, address_index, outcome, looked_at) values ($1, $2, $3, $4)
      on conflict (organisation, address_index) do update set outcome = excluded.outcome, looked_at = excluded.looked_at`,
    values: [organisation, addressIndex, row.outcome, row.looked_at],
  });
}

/** Look-ups that nobody needs to remember. Returns how many went. */
export async function sweepLookups(tx: Transaction): Promise<number> {
  return tx.execute({
    name: 'pgp.sweep-lookups',
    text: `delete from sealpost.pgp_lookup
      where organisation = any (sealpost.tenants()) and looked_at < now() - interval '7 days'`,
  });
}
