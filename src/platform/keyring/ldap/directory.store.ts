import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface DirectoryRow {
  readonly id: string;
  readonly settings: Buffer;
  readonly password: Buffer | null;
  readonly changed_at: Date;
}

/** Most directories of an organisation: a delivery may wait for all of them. */
export const MOST_DIRECTORIES = 5;

const COLUMNS = 'id, settings, password, changed_at';

export function selectDirectories(tx: Transaction, organisation: OrganisationId): Promise<DirectoryRow[]> {
  return tx.query<DirectoryRow>({
    name: 'certificate-directory.select',
    text: `select ${COLUMNS} from sealpost.certificate_directory
            where organisation = $1 order by id limit ${MOST_DIRECTORIES}`,
    values: [organisation],
  });
}

/** Held until the transaction ends, where it is to be changed. */
export function selectDirectory(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<DirectoryRow | undefined> {
  return tx.maybe<DirectoryRow>({
    name: 'certificate-directory.one',
    text: `select ${COLUMNS} from sealpost.certificate_directory
            where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function upsertDirectory(
  tx: Transaction,
  organisation: OrganisationId,
  row: DirectoryRow,
): Promise<void> {
  await tx.execute({
    name: 'certificate-directory.upsert',
    text: `insert into sealpost.certificate_directory as held (id, organisation, settings, password, changed_at)
           values ($1, $2, $3, $4, $5)
           on conflict (id) do update set settings = excluded.settings, password = excluded.password,
             changed_at = excluded.changed_at where held.organisation = $2`,
    values: [row.id, organisation, row.settings, row.password, row.changed_at],
  });
}

/** False where it was not there. */
export async function deleteDirectory(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'certificate-directory.delete',
    text: 'delete from sealpost.certificate_directory where organisation = $1 and id = $2',
    values: [organisation, id],
  });
  return gone === 1;
}
