import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface SignInRow {
  readonly id: string;
  readonly identity: IdentityId;
  readonly at: Date;
  readonly network: string;
  readonly device: string | null;
  readonly decision: string;
  readonly facts: unknown;
  readonly reasons: unknown;
}

const COLUMNS = 'id, identity, at, network, device, decision, facts, reasons';

/** Keeps a sign-in as it was judged, and drops the organisation's from before `keptSince`. */
export async function insertSignIn(
  tx: Transaction,
  row: Omit<SignInRow, 'facts' | 'reasons'> & {
    readonly organisation: OrganisationId;
    readonly facts: object;
    readonly reasons: readonly object[];
  },
  keptSince: Date,
): Promise<void> {
  await tx.execute({
    name: 'access-sign-in.sweep',
    text: 'delete from sealpost.access_sign_in where organisation = $1 and at < $2',
    values: [row.organisation, keptSince],
  });
  await tx.execute({
    name: 'access-sign-in.insert',
    text: `insert into sealpost.access_sign_in
             (id, organisation, identity, at, network, device, decision, facts, reasons)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      row.id,
      row.organisation,
      row.identity,
      row.at,
      row.network,
      row.device,
      row.decision,
      JSON.stringify(row.facts),
      JSON.stringify(row.reasons),
    ],
  });
}

/** Sign-ins since then, newest first; with `identity` of one person, and then only those that were let in. */
export async function listSignIns(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId | null,
  since: Date,
  most: number,
): Promise<SignInRow[]> {
  return tx.query<SignInRow>({
    name: 'access-sign-in.list',
    text: `select ${COLUMNS} from sealpost.access_sign_in
           where organisation = $1 and at >= $3
             and ($2::uuid is null or (identity = $2 and decision <> 'deny'))
           order by at desc limit $4`,
    values: [organisation, identity, since, most],
  });
}
