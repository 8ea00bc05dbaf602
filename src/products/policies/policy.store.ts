import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface PolicyRow {
  readonly version: number;
  readonly document: Buffer;
  readonly created_by: Actor;
  readonly created_at: Date;
}

const COLUMNS = 'version, document, created_by, created_at';

/** The newest version, sealed. */
export async function newestPolicy(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<PolicyRow | undefined> {
  return tx.maybe<PolicyRow>({
    name: 'policies.newest',
    text: `select ${COLUMNS} from sealpost.policy where organisation = $1 order by version desc limit 1`,
    values: [organisation],
  });
}

export async function policyVersions(
  tx: Transaction,
  organisation: OrganisationId,
  before: number | null,
  limit: number,
): Promise<PolicyRow[]> {
  return tx.query<PolicyRow>({
    name: 'policies.versions',
    text: `select ${COLUMNS} from sealpost.policy where organisation = $1 and ($2::int is null or version < $2)
      order by version desc limit $3`,
    values: [organisation, before, limit],
  });
}

/** Adds a version; false when that number is taken (somebody else was faster). */
export async function insertPolicy(
  tx: Transaction,
  organisation: OrganisationId,
  version: number,
  document: Buffer,
  actor: Actor,
): Promise<boolean> {
  const added = await tx.execute({
    name: 'policies.insert',
    text: `insert into sealpost.policy (organisation, version, document, created_by) values ($1, $2, $3, $4)
      on conflict do nothing`,
    values: [organisation, version, document, JSON.stringify(actor)],
  });
  return added === 1;
}

/** These versions, sealed; what does not exist is left out. */
export async function policiesByVersion(
  tx: Transaction,
  organisation: OrganisationId,
  versions: readonly number[],
): Promise<PolicyRow[]> {
  return tx.query<PolicyRow>({
    name: 'policies.by-version',
    text: `select ${COLUMNS} from sealpost.policy where organisation = $1 and version = any ($2::int[])`,
    values: [organisation, versions],
  });
}
