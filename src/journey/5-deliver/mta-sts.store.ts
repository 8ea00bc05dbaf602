import type { Database, Transaction } from '#platform/database';
import type { KeptPolicy, MtaStsStore } from '#platform/net';

interface PolicyRow {
  readonly policy_id: string;
  readonly mode: KeptPolicy['mode'];
  readonly mx: readonly string[];
  readonly max_age: number;
  readonly fetched_at: Date;
  readonly expires_at: Date;
}

/** MTA-STS policies in the database: every process knows what one of them has fetched. */
export function createPolicyStore(database: Database): MtaStsStore {
  return {
    read: (domain) => database.system('worker', (tx) => selectPolicy(tx, domain)),
    write: (domain, policy) => database.system('worker', (tx) => upsertPolicy(tx, domain, policy)),
    stale: (before, most) => database.system('worker', (tx) => selectStale(tx, before, most)),
  };
}

async function selectPolicy(tx: Transaction, domain: string): Promise<KeptPolicy | null> {
  const [row] = await tx.query<PolicyRow>({
    name: 'deliver.mta-sts-read',
    text: `select policy_id, mode, mx, max_age, fetched_at, expires_at from sealpost.mta_sts_policy where domain = $1`,
    values: [domain],
  });
  if (row === undefined) return null;
  const { policy_id: id, mode, mx, max_age: maxAge, fetched_at: fetchedAt, expires_at: expiresAt } = row;
  return { id, mode, mx, maxAge, fetchedAt, expiresAt };
}

/** Of two processes that fetch at the same time the later fetch stays. */
async function upsertPolicy(tx: Transaction, domain: string, policy: KeptPolicy): Promise<void> {
  await tx.execute({
    name: 'deliver.mta-sts-write',
    text: `insert into sealpost.mta_sts_policy as p (domain, policy_id, mode, mx, max_age, fetched_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (domain) do update set policy_id = excluded.policy_id, mode = excluded.mode, mx = excluded.mx,
             max_age = excluded.max_age, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
           where excluded.fetched_at > p.fetched_at`,
    values: [
      domain,
      policy.id,
      policy.mode,
      [...policy.mx],
      policy.maxAge,
      policy.fetchedAt,
      policy.expiresAt,
    ],
  });
}

/** Some domains whose unexpired policy was fetched before that moment: any of them, so that dead ones are not in the way. */
async function selectStale(tx: Transaction, before: Date, most: number): Promise<string[]> {
  const rows = await tx.query<{ domain: string }>({
    name: 'deliver.mta-sts-stale',
    text: `select domain from sealpost.mta_sts_policy where fetched_at < $1 and expires_at > now()
           order by random() limit $2`,
    values: [before, most],
  });
  return rows.map(({ domain }) => domain);
}

/** Forgets policies that have bound nobody since that moment. Returns how many went. */
export function sweepPolicies(tx: Transaction, expiredBefore: Date): Promise<number> {
  return tx.execute({
    name: 'deliver.mta-sts-sweep',
    text: 'delete from sealpost.mta_sts_policy where expires_at < $1',
    values: [expiredBefore],
  });
}
