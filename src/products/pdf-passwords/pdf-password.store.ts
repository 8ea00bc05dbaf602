import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface PdfPasswordRow {
  readonly id: string;
  readonly address: Buffer;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

export interface NewPdfPassword {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly addressIndex: Buffer;
  readonly address: Buffer;
  readonly password: Buffer;
  readonly changedBy: Actor;
  readonly changedAt: Date;
}

/** Sealed password of an address, for the worker. */
export async function findPassword(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
): Promise<{ readonly id: string; readonly password: Buffer } | undefined> {
  return tx.maybe({
    name: 'pdf-password.find',
    text: 'select id, password from sealpost.pdf_password where organisation = $1 and address_index = $2',
    values: [organisation, addressIndex],
  });
}

/** Puts a new password in the place of the one before, under an id of its own, to which it is sealed. */
export async function replacePassword(tx: Transaction, row: NewPdfPassword): Promise<void> {
  await tx.execute({
    name: 'pdf-password.replace',
    text: `insert into sealpost.pdf_password (id, organisation, address_index, address, password, changed_by, changed_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (organisation, address_index) do update set id = excluded.id, address = excluded.address,
        password = excluded.password, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    values: [
      row.id,
      row.organisation,
      row.addressIndex,
      row.address,
      row.password,
      JSON.stringify(row.changedBy),
      row.changedAt,
    ],
  });
}

/** Those of the addresses (as indexes) with whom a password is agreed. */
export async function passwordsAmong(
  tx: Transaction,
  organisation: OrganisationId,
  indexes: readonly Buffer[],
): Promise<Buffer[]> {
  const rows = await tx.query<{ address_index: Buffer }>({
    name: 'pdf-password.among',
    text: `select address_index from sealpost.pdf_password
      where organisation = $1 and address_index = any ($2::bytea[])`,
    values: [organisation, indexes],
  });
  return rows.map((row) => row.address_index);
}

/** A page, newest first. */
export async function listPasswords(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<PdfPasswordRow[]> {
  return tx.query<PdfPasswordRow>({
    name: 'pdf-password.list',
    text: `select id, address, changed_by, changed_at from sealpost.pdf_password
      where organisation = $1 and id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
      order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}

/** True when it was there. */
export async function deletePassword(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'pdf-password.delete',
    text: 'delete from sealpost.pdf_password where organisation = $1 and id = $2',
    values: [organisation, id],
  });
  return gone === 1;
}
