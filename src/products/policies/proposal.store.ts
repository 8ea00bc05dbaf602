import type { Actor } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export type ProposalKind = 'document' | 'four-eyes-off';
export type ProposalEnd = 'approved' | 'rejected' | 'withdrawn';

export interface ProposalRow {
  readonly id: string;
  readonly kind: ProposalKind;
  readonly base_version: number;
  readonly document: Buffer | null;
  readonly proposed_by: Actor;
  readonly proposer: IdentityId;
  readonly proposed_at: Date;
  readonly expires_at: Date;
  readonly ended_as: ProposalEnd | null;
  readonly ended_by: Actor | null;
  readonly ended_at: Date | null;
  readonly comment: Buffer | null;
}

const COLUMNS = `id, kind, base_version, document, proposed_by, proposer, proposed_at, expires_at, ended_as, ended_by,
  ended_at, comment`;

export type NewProposal = Omit<ProposalRow, 'ended_as' | 'ended_by' | 'ended_at' | 'comment'> & {
  readonly organisation: OrganisationId;
};

/** False where `most` wait for a decision already. */
export async function insertProposal(tx: Transaction, row: NewProposal, most: number): Promise<boolean> {
  const added = await tx.execute({
    name: 'policy-proposal.insert',
    text: `insert into sealpost.policy_proposal
        (id, organisation, kind, base_version, document, proposed_by, proposer, proposed_at, expires_at)
      select $1, $2, $3, $4, $5, $6, $7, $8, $9
      where (select count(*) from sealpost.policy_proposal
        where organisation = $2 and ended_as is null and expires_at > $8) < $10`,
    values: [
      row.id,
      row.organisation,
      row.kind,
      row.base_version,
      row.document,
      JSON.stringify(row.proposed_by),
      row.proposer,
      row.proposed_at,
      row.expires_at,
      most,
    ],
  });
  return added === 1;
}

/** One proposal, held until the transaction ends: two people may not decide at once. */
export async function lockProposal(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ProposalRow | undefined> {
  return tx.maybe<ProposalRow>({
    name: 'policy-proposal.lock',
    text: `select ${COLUMNS} from sealpost.policy_proposal where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function endProposal(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  end: { readonly as: ProposalEnd; readonly by: Actor; readonly at: Date; readonly comment: Buffer | null },
): Promise<void> {
  await tx.execute({
    name: 'policy-proposal.end',
    text: `update sealpost.policy_proposal set ended_as = $3, ended_by = $4, ended_at = $5, comment = $6
      where organisation = $1 and id = $2`,
    values: [organisation, id, end.as, JSON.stringify(end.by), end.at, end.comment],
  });
}

/** A page, newest first. */
export async function listProposals(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<ProposalRow[]> {
  return tx.query<ProposalRow>({
    name: 'policy-proposal.list',
    text: `select ${COLUMNS} from sealpost.policy_proposal
      where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}

/**
 * Whether a second person decides on changes. A lock holds until the transaction ends: savings share it, who turns the
 * setting takes it alone, so that nothing is saved past a setting that is being turned on.
 */
export async function fourEyes(
  tx: Transaction,
  organisation: OrganisationId,
  lock: 'none' | 'shared' | 'alone',
): Promise<boolean> {
  if (lock !== 'none') {
    const take = lock === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
    await tx.execute({
      name: `policy-setting.lock-${lock}`,
      text: `select ${take}(hashtextextended('policy-setting ' || $1::text, 0))`,
      values: [organisation],
    });
  }
  const row = await tx.maybe<{ four_eyes: boolean }>({
    name: 'policy-setting.read',
    text: 'select four_eyes from sealpost.policy_setting where organisation = $1',
    values: [organisation],
  });
  return row?.four_eyes ?? false;
}

export async function setFourEyes(
  tx: Transaction,
  organisation: OrganisationId,
  on: boolean,
  by: Actor,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'policy-setting.set',
    text: `insert into sealpost.policy_setting (organisation, four_eyes, changed_by, changed_at) values ($1, $2, $3, $4)
      on conflict (organisation) do update set four_eyes = excluded.four_eyes, changed_by = excluded.changed_by,
        changed_at = excluded.changed_at`,
    values: [organisation, on, JSON.stringify(by), at],
  });
}
