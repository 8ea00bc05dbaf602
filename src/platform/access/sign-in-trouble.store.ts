import type { IdentityId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { TroubleKind } from './sign-in-trouble.ts';

const DAY = `interval '1 day'`;
const COUNT = `on conflict (account_index, kind) do update set
    count = case when t.window_ends_at <= $3 then 1 else t.count + 1 end,
    told_at = case when t.window_ends_at <= $3 then null else t.told_at end,
    window_ends_at = case when t.window_ends_at <= $3 then excluded.window_ends_at else t.window_ends_at end`;

/** Counts for the day that began with the first; the same statement whoever the address belongs to, or nobody. */
export async function countTrouble(
  tx: Transaction,
  index: Buffer,
  kind: TroubleKind,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'sign-in-trouble.count',
    text: `insert into sealpost.sign_in_trouble as t (account_index, kind, count, window_ends_at)
           values ($1, $2, 1, $3::timestamptz + ${DAY}) ${COUNT}`,
    values: [index, kind, at],
  });
}

/** The same by the person, where it is known who they are. */
export async function countTroubleOf(
  tx: Transaction,
  identity: IdentityId,
  kind: TroubleKind,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'sign-in-trouble.count-of',
    text: `insert into sealpost.sign_in_trouble as t (account_index, kind, count, window_ends_at)
           select i.address_index, $2, 1, $3::timestamptz + ${DAY} from sealpost.identity i where i.id = $1 ${COUNT}`,
    values: [identity, kind, at],
  });
}

export interface DueTrouble {
  readonly account_index: Buffer;
  readonly kind: TroubleKind;
  readonly identity: IdentityId;
}

/** What has reached its measure, concerns somebody, and was not told of. At most a hundred. */
export async function dueTrouble(
  tx: Transaction,
  measures: Readonly<Record<TroubleKind, number>>,
  at: Date,
): Promise<DueTrouble[]> {
  return tx.query<DueTrouble>({
    name: 'sign-in-trouble.due',
    text: `select t.account_index, t.kind, i.id as identity
           from sealpost.sign_in_trouble t join sealpost.identity i on i.address_index = t.account_index
           where t.told_at is null and t.window_ends_at > $1 and i.disabled_at is null
             and t.count >= ($2::jsonb ->> t.kind)::integer
           order by t.window_ends_at limit 100`,
    values: [at, JSON.stringify(measures)],
  });
}

/** False when another worker has told it meanwhile. */
export async function markTold(
  tx: Transaction,
  { account_index, kind }: DueTrouble,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    name: 'sign-in-trouble.told',
    text: `update sealpost.sign_in_trouble set told_at = $3
           where account_index = $1 and kind = $2 and told_at is null`,
    values: [account_index, kind, at],
  });
  return touched === 1;
}

export async function sweepTrouble(tx: Transaction, now: Date): Promise<number> {
  return tx.execute({
    name: 'sign-in-trouble.sweep',
    text: 'delete from sealpost.sign_in_trouble where window_ends_at <= $1',
    values: [now],
  });
}
