import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface DraftRow {
  readonly id: string;
  readonly document: Buffer;
  readonly base_version: number;
  readonly revision: number;
  readonly created_by: Actor;
  readonly created_at: Date;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

const COLUMNS = 'id, document, base_version, revision, created_by, created_at, changed_by, changed_at';

/** All drafts of an organisation, newest first; there are few (see MOST_DRAFTS). */
export async function listDrafts(tx: Transaction, organisation: OrganisationId): Promise<DraftRow[]> {
  return tx.query<DraftRow>({
    name: 'policy-draft.list',
    text: `select ${COLUMNS} from sealpost.policy_draft where organisation = $1 order by id desc`,
    values: [organisation],
  });
}

export async function draftById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<DraftRow | undefined> {
  return tx.maybe<DraftRow>({
    name: 'policy-draft.by-id',
    text: `select ${COLUMNS} from sealpost.policy_draft where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

export interface NewDraft {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly document: Buffer;
  readonly baseVersion: number;
  readonly by: Actor;
  readonly at: Date;
}

/** False where the organisation has `most` drafts already. */
export async function insertDraft(tx: Transaction, row: NewDraft, most: number): Promise<boolean> {
  const added = await tx.execute({
    name: 'policy-draft.insert',
    text: `insert into sealpost.policy_draft
        (id, organisation, document, base_version, created_by, created_at, changed_by, changed_at)
      select $1, $2, $3, $4, $5, $6, $5, $6
      where (select count(*) from sealpost.policy_draft where organisation = $2) < $7`,
    values: [row.id, row.organisation, row.document, row.baseVersion, JSON.stringify(row.by), row.at, most],
  });
  return added === 1;
}

/** The next revision in place of the one named; undefined where it is another by now, or gone. */
export async function updateDraft(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  revision: number,
  change: Pick<NewDraft, 'document' | 'by' | 'at'>,
): Promise<DraftRow | undefined> {
  return tx.maybe<DraftRow>({
    name: 'policy-draft.update',
    text: `update sealpost.policy_draft set document = $4, changed_by = $5, changed_at = $6, revision = revision + 1
      where organisation = $1 and id = $2 and revision = $3 returning ${COLUMNS}`,
    values: [organisation, id, revision, change.document, JSON.stringify(change.by), change.at],
  });
}

export async function deleteDraft(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'policy-draft.delete',
    text: 'delete from sealpost.policy_draft where organisation = $1 and id = $2',
    values: [organisation, id],
  });
  return gone === 1;
}
