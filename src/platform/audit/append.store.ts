import { binary, type Transaction } from '#platform/database';

/** An entry ready to be written. */
export interface EntryRow {
  readonly id: string;
  readonly organisation: string;
  readonly leaf: Buffer;
  readonly sealedReference: Buffer | null;
}

/** Writes one entry and puts it into the sequencer's waiting room: one statement, one round trip. */
export async function insertEntry(tx: Transaction, row: EntryRow): Promise<void> {
  await tx.execute({
    name: 'audit.append',
    text: `with entry as (
             insert into sealpost.audit_entry (id, organisation, leaf, sealed_reference) values ($1, $2, $3, $4)
           )
           insert into sealpost.audit_unordered (id, organisation) values ($1, $2)`,
    values: [row.id, row.organisation, row.leaf, row.sealedReference],
  });
}

/** The same for many entries, still one statement. */
export async function insertEntries(tx: Transaction, rows: readonly EntryRow[]): Promise<void> {
  await tx.execute({
    name: 'audit.append-many',
    text: `with given as (
             select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[]) as t (id, organisation, leaf, reference)
           ), entry as (
             insert into sealpost.audit_entry (id, organisation, leaf, sealed_reference)
             select id, organisation, leaf, reference from given
           )
           insert into sealpost.audit_unordered (id, organisation) select id, organisation from given`,
    values: [
      binary.uuids(rows.map((row) => row.id)),
      binary.uuids(rows.map((row) => row.organisation)),
      binary.octets(rows.map((row) => row.leaf)),
      binary.octets(rows.map((row) => row.sealedReference)),
    ],
  });
}
