import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** Those of the addresses (as `pgp-address/1` indexes) that have a trusted OpenPGP key now. */
export async function withPgpKey(
  tx: Transaction,
  organisation: OrganisationId,
  indexes: readonly Buffer[],
): Promise<Buffer[]> {
  const rows = await tx.query<{ address_index: Buffer }>({
    name: 'keyring.with-pgp-key',
    text: `select address_index from sealpost.pgp_key
      where organisation = $1 and address_index = any ($2::bytea[]) and state = 'trusted'`,
    values: [organisation, indexes],
  });
  return rows.map((row) => row.address_index);
}

/** Those of the addresses (as `certificate-address/1` indexes) that have a certificate now, whatever it is worth. */
export async function withCertificate(
  tx: Transaction,
  organisation: OrganisationId,
  indexes: readonly Buffer[],
): Promise<Buffer[]> {
  const rows = await tx.query<{ address_index: Buffer }>({
    name: 'keyring.with-certificate',
    text: `select distinct address_index from sealpost.recipient_certificate
      where organisation = $1 and address_index = any ($2::bytea[])`,
    values: [organisation, indexes],
  });
  return rows.map((row) => row.address_index);
}
