import type { BlobId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** A report of an outside system; source, note and file name sealed under its object key. Days as `YYYY-MM-DD`. */
export interface EvidenceRow {
  readonly id: string;
  readonly objectKey: Buffer;
  readonly source: Buffer;
  readonly note: Buffer;
  readonly fileName: Buffer;
  readonly periodFrom: string;
  readonly periodUntil: string;
  readonly filedBy: string;
  readonly filedAt: Date;
  /** The incident that it tells more of. */
  readonly incident: string | null;
  /** Null until the file has come. */
  readonly blob: BlobId | null;
  readonly size: number | null;
  readonly contentHash: Buffer | null;
}

const COLUMNS = `id, object_key as "objectKey", source, note, file_name as "fileName", period_from as "periodFrom",
  period_until as "periodUntil", filed_by as "filedBy", filed_at as "filedAt", incident, blob, size, content_hash as "contentHash"`;

/** Newest first; of one incident, or all. */
export async function evidence(
  tx: Transaction,
  organisation: OrganisationId,
  incident: string | null,
  before: string | null,
  most: number,
): Promise<EvidenceRow[]> {
  return tx.query<EvidenceRow>({
    name: 'audit-evidence.list',
    text: `select ${COLUMNS} from audit_evidence
           where organisation = $1 and ($2::uuid is null or id < $2) and ($4::uuid is null or incident = $4)
           order by id desc limit $3`,
    values: [organisation, before, most, incident],
  });
}

export async function findEvidence(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<EvidenceRow | undefined> {
  return tx.maybe<EvidenceRow>({
    name: 'audit-evidence.find',
    text: `select ${COLUMNS} from audit_evidence where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

export async function insertEvidence(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<EvidenceRow, 'blob' | 'size' | 'contentHash'>,
): Promise<void> {
  await tx.execute({
    name: 'audit-evidence.insert',
    text: `insert into audit_evidence
             (id, organisation, object_key, source, note, file_name, period_from, period_until, filed_by, filed_at,
              incident)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      ...[row.id, organisation, row.objectKey, row.source, row.note, row.fileName],
      ...[row.periodFrom, row.periodUntil, row.filedBy, row.filedAt],
      row.incident,
    ],
  });
}

/** Puts the file to it; false where there is one already. */
export async function putFile(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  file: { readonly blob: BlobId; readonly size: number; readonly contentHash: Buffer },
): Promise<boolean> {
  const put = await tx.execute({
    name: 'audit-evidence.put-file',
    text: `update audit_evidence set blob = $3, size = $4, content_hash = $5
           where organisation = $1 and id = $2 and blob is null`,
    values: [organisation, id, file.blob, file.size, file.contentHash],
  });
  return put === 1;
}
