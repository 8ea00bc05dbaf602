import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface BreakGlassRow {
  readonly id: string;
  readonly identity: IdentityId;
  readonly reason: Buffer;
  readonly reference: Buffer | null;
  readonly started_at: Date;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
  readonly ended_early: boolean | null;
  readonly reviewed_by: IdentityId | null;
  readonly reviewed_at: Date | null;
  readonly justified: boolean | null;
  readonly note: Buffer | null;
}

const COLUMNS = `id, identity, reason, reference, started_at, expires_at, ended_at, ended_early, reviewed_by, reviewed_at,
  justified, note`;

/** False where the person has one that runs. */
export async function insertBreakGlass(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<BreakGlassRow, 'id' | 'identity' | 'reason' | 'reference' | 'started_at' | 'expires_at'>,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.break_glass (id, organisation, identity, reason, reference, started_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (organisation, identity) where ended_at is null do nothing`,
    values: [row.id, organisation, row.identity, row.reason, row.reference, row.started_at, row.expires_at],
  });
  return touched === 1;
}

export async function runningOf(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<BreakGlassRow | undefined> {
  return tx.maybe<BreakGlassRow>({
    name: 'break-glass.running',
    text: `select ${COLUMNS} from sealpost.break_glass
           where organisation = $1 and identity = $2 and ended_at is null`,
    values: [organisation, identity],
  });
}

/** Held until the transaction ends. */
export async function lockBreakGlass(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<BreakGlassRow | undefined> {
  return tx.maybe<BreakGlassRow>({
    name: 'break-glass.lock',
    text: `select ${COLUMNS} from sealpost.break_glass where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function listBreakGlass(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  most: number,
): Promise<BreakGlassRow[]> {
  return tx.query<BreakGlassRow>({
    name: 'break-glass.list',
    text: `select ${COLUMNS} from sealpost.break_glass
           where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, most],
  });
}

export async function endBreakGlass(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
  early: boolean,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.break_glass set ended_at = $3, ended_early = $4
           where organisation = $1 and id = $2 and ended_at is null`,
    values: [organisation, id, at, early],
  });
}

export async function reviewBreakGlass(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  review: { readonly by: IdentityId; readonly at: Date; readonly justified: boolean; readonly note: Buffer },
): Promise<void> {
  await tx.execute({
    text: `update sealpost.break_glass set reviewed_by = $3, reviewed_at = $4, justified = $5, note = $6
           where organisation = $1 and id = $2 and reviewed_at is null`,
    values: [organisation, id, review.by, review.at, review.justified, review.note],
  });
}

/** Those whose time is over and that nobody has ended yet. */
export async function overdueBreakGlass(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<BreakGlassRow[]> {
  return tx.query<BreakGlassRow>({
    name: 'break-glass.over',
    text: `select ${COLUMNS} from sealpost.break_glass
           where organisation = $1 and ended_at is null and expires_at <= $2 for update skip locked`,
    values: [organisation, now],
  });
}
