import type { Transaction } from '#platform/database';

/** So many connections of one day with one outcome. */
export interface TlsCount {
  /** `YYYY-MM-DD`, UTC, as RFC 8460 §4.1 asks. */
  readonly day: string;
  readonly domain: string;
  readonly policy: string;
  readonly host: string;
  readonly result: string;
  readonly sessions: number;
}

/** Adds counts to what is there. */
export async function addTlsCounts(tx: Transaction, counts: readonly TlsCount[]): Promise<void> {
  const all = <T>(pick: (count: TlsCount) => T): T[] => counts.map(pick);
  await tx.execute({
    name: 'deliver.tls-results-add',
    text: `insert into sealpost.tls_result as r (day, domain, policy, host, result, sessions)
           select * from unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
             as c (day, domain, policy, host, result, sessions)
           order by day, domain, policy, host, result
           on conflict (day, domain, policy, host, result) do update set sessions = r.sessions + excluded.sessions`,
    values: [
      all(({ day }) => day),
      all(({ domain }) => domain),
      all(({ policy }) => policy),
      all(({ host }) => host),
      all(({ result }) => result),
      all(({ sessions }) => sessions),
    ],
  });
}

/** Forgets days before that one. Returns how many rows went. */
export function sweepTlsCounts(tx: Transaction, before: string): Promise<number> {
  return tx.execute({
    name: 'deliver.tls-results-sweep',
    text: 'delete from sealpost.tls_result where day < $1::date',
    values: [before],
  });
}
