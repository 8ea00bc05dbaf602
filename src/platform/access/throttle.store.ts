import type { Transaction } from '#platform/database';

/**
 * Counts a try before it is judged, in one statement, so that tries in parallel count as well. `blocked_until` grows from
 * the threshold on: one second, doubled with each further try, up to `capSeconds`; a try while blocked does not count.
 * Returns until when the subject was blocked before this try.
 */
export async function countTry(
  tx: Transaction,
  key: Buffer,
  now: Date,
  rule: { readonly threshold: number; readonly capSeconds: number; readonly windowSeconds: number },
): Promise<Date | null> {
  const row = await tx.one<{ before: Date | null }>({
    name: 'throttle.count',
    text: `insert into sealpost.throttle as t (key, failures, window_ends_at) values ($1, 1, $2)
           on conflict (key) do update set
             failures = case when t.window_ends_at <= $3 then 1 when t.blocked_until > $3 then t.failures
                        else t.failures + 1 end,
             window_ends_at = case when t.blocked_until > $3 then t.window_ends_at else excluded.window_ends_at end,
             blocked_until = case when t.window_ends_at <= $3 then null when t.blocked_until > $3 then t.blocked_until
               when t.failures + 1 >= $4
               then $3::timestamptz + make_interval(secs => least($5, power(2, least(t.failures + 1 - $4, 20)))) end
           returning case when old.blocked_until > $3 and old.window_ends_at > $3 then old.blocked_until end as before`,
    values: [key, new Date(now.getTime() + rule.windowSeconds * 1000), now, rule.threshold, rule.capSeconds],
  });
  return row.before;
}

/** Forgets the failures after a success. */
export async function forgetTries(tx: Transaction, key: Buffer): Promise<void> {
  await tx.execute({
    name: 'throttle.forget',
    text: 'delete from sealpost.throttle where key = $1',
    values: [key],
  });
}

/** Takes back one try that turned out well, where others share the counter. */
export async function refundTry(tx: Transaction, key: Buffer): Promise<void> {
  await tx.execute({
    name: 'throttle.refund',
    text: `update sealpost.throttle set failures = greatest(failures - 1, 0), blocked_until = null where key = $1`,
    values: [key],
  });
}

/** Removes rows whose window is over. */
export async function sweepThrottle(tx: Transaction, now: Date): Promise<number> {
  return tx.execute({
    name: 'throttle.sweep',
    text: 'delete from sealpost.throttle where window_ends_at <= $1',
    values: [now],
  });
}
