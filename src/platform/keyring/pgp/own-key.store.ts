import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** Why a key of ours was revoked (RFC 9580 §5.2.3.31: key compromised, superseded, no longer used). */
export type RevocationReason = 'compromised' | 'superseded' | 'retired';

/** An OpenPGP key of the organisation: a row of signing_key with the use `pgp`. */
export interface OwnKeyRow {
  readonly id: string;
  /** The transferable public key as it is published: with its newest expiry, and its revocation. */
  readonly public_key: Buffer;
  /** The transferable secret key, sealed. */
  readonly private_key: Buffer;
  readonly created_at: Date;
  /** Null for the one that signs. */
  readonly retired_at: Date | null;
  /** Null for a key that an earlier release made: without end, until the job gives it one. */
  readonly expires_at: Date | null;
  readonly published_until: Date | null;
  readonly revoked_at: Date | null;
  readonly revocation_reason: RevocationReason | null;
  readonly extension_failed_at: Date | null;
}

/** All keys that the organisation ever had, the one that signs first. */
export function selectOwnKeys(tx: Transaction, organisation: OrganisationId): Promise<OwnKeyRow[]> {
  return tx.query<OwnKeyRow>({
    name: 'own-pgp.select',
    text: `select id, public_key, private_key, created_at, retired_at, expires_at, published_until, revoked_at,
        revocation_reason, extension_failed_at
      from sealpost.signing_key where organisation = $1 and use = 'pgp' and domain = ''
      order by retired_at is not null, id desc`,
    values: [organisation],
  });
}

/** Whoever makes, changes or replaces the organisation's key comes after whoever does so already. */
export async function lockOwnKeys(tx: Transaction, organisation: OrganisationId): Promise<void> {
  await tx.execute({
    name: 'own-pgp.lock',
    text: `select pg_advisory_xact_lock(hashtextextended('own-pgp ' || $1::text, 0))`,
    values: [organisation],
  });
}

type NewOwnKey = Pick<OwnKeyRow, 'id' | 'public_key' | 'private_key' | 'expires_at'>;

/** Adds the key that signs from now on. A process of the release before, which takes no lock, may have been faster: its key stays. */
export async function insertOwnKey(
  tx: Transaction,
  organisation: OrganisationId,
  row: NewOwnKey,
): Promise<void> {
  await tx.execute({
    name: 'own-pgp.insert',
    text: `insert into sealpost.signing_key
        (id, organisation, use, algorithm, domain, selector, public_key, private_key, expires_at)
      values ($1, $2, 'pgp', 'openpgp-v4', '', 'pgp', $3, $4, $5)
      on conflict (organisation, use, domain, selector) where retired_at is null do nothing`,
    values: [row.id, organisation, row.public_key, row.private_key, row.expires_at],
  });
}

/** The same key with a later end. */
export async function extendOwnKey(
  tx: Transaction,
  organisation: OrganisationId,
  row: NewOwnKey,
): Promise<void> {
  await tx.execute({
    name: 'own-pgp.extend',
    text: `update sealpost.signing_key
      set public_key = $3, private_key = $4, expires_at = $5, extension_failed_at = null
      where organisation = $1 and id = $2 and use = 'pgp'`,
    values: [organisation, row.id, row.public_key, row.private_key, row.expires_at],
  });
}

/** Notes that the end could not be put off; the first such moment stays. */
export async function noteExtensionFailed(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  now: Date,
): Promise<void> {
  await tx.execute({
    name: 'own-pgp.extension-failed',
    text: `update sealpost.signing_key set extension_failed_at = coalesce(extension_failed_at, $3)
      where organisation = $1 and id = $2 and use = 'pgp'`,
    values: [organisation, id, now],
  });
}

/** It signs no more; it is published until a moment. */
export async function retireOwnKey(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly id: string; readonly retired_at: Date; readonly published_until: Date },
): Promise<void> {
  await tx.execute({
    name: 'own-pgp.retire',
    text: `update sealpost.signing_key set retired_at = $3, published_until = $4
      where organisation = $1 and id = $2 and use = 'pgp' and retired_at is null`,
    values: [organisation, row.id, row.retired_at, row.published_until],
  });
}

export async function revokeOwnKey(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<OwnKeyRow, 'id' | 'public_key'> & {
    readonly at: Date;
    readonly reason: RevocationReason;
    readonly published_until: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'own-pgp.revoke',
    text: `update sealpost.signing_key set public_key = $3, revoked_at = $4, revocation_reason = $5,
        retired_at = coalesce(retired_at, $4), published_until = $6
      where organisation = $1 and id = $2 and use = 'pgp'`,
    values: [organisation, row.id, row.public_key, row.at, row.reason, row.published_until],
  });
}
