import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** A row of signing_key. Keys of an organisation itself have an empty domain, so that the unique index holds. */
export interface SigningKeyRow {
  readonly id: string;
  readonly use: 'dkim' | 'proof' | 'audit' | 'pgp';
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256' | 'ed25519' | 'openpgp-v4';
  readonly domain: string;
  readonly selector: string;
  /** SubjectPublicKeyInfo, DER; for `pgp` the transferable public key (RFC 9580 §10.1). */
  readonly public_key: Buffer;
  /** PKCS #8, DER, or the transferable secret key, sealed. */
  readonly private_key: Buffer;
}

export function selectSigningKeys(
  tx: Transaction,
  organisation: OrganisationId,
  use: SigningKeyRow['use'],
  domain: string,
): Promise<SigningKeyRow[]> {
  return tx.query<SigningKeyRow>({
    name: 'keyring.select',
    text: `select id, use, algorithm, domain, selector, public_key, private_key
             from sealpost.signing_key
            where organisation = $1 and use = $2 and domain = $3 and retired_at is null
            order by selector`,
    values: [organisation, use, domain],
  });
}

/** Adds a key unless one with that use, domain and selector is in use already. */
export async function insertSigningKey(
  tx: Transaction,
  organisation: OrganisationId,
  row: SigningKeyRow,
): Promise<void> {
  await tx.execute({
    name: 'keyring.insert',
    text: `insert into sealpost.signing_key (id, organisation, use, algorithm, domain, selector, public_key, private_key)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (organisation, use, domain, selector) where retired_at is null do nothing`,
    values: [
      row.id,
      organisation,
      row.use,
      row.algorithm,
      row.domain,
      row.selector,
      row.public_key,
      row.private_key,
    ],
  });
}
