import type { Transaction } from '#platform/database';

/** Counts one use and returns how many there are in the window, this one included. A window starts with its first use. */
export async function countUse(tx: Transaction, key: Buffer, now: Date, endsAt: Date): Promise<number> {
  const row = await tx.one<{ used: number }>({
    name: 'portal-limit-count',
    text: `insert into sealpost.portal_limit as l (key, used, ends_at) values ($1, 1, $3)
           on conflict (key) do update set
             used = case when l.ends_at <= $2 then 1 else l.used + 1 end,
             ends_at = case when l.ends_at <= $2 then $3 else l.ends_at end
           returning used`,
    values: [key, now, endsAt],
  });
  return row.used;
}

/** How often in the running window, and when it ends; undefined when none runs. */
export function readUse(
  tx: Transaction,
  key: Buffer,
  now: Date,
): Promise<{ used: number; endsAt: Date } | undefined> {
  return tx.maybe({
    name: 'portal-limit-read',
    text: 'select used, ends_at as "endsAt" from sealpost.portal_limit where key = $1 and ends_at > $2',
    values: [key, now],
  });
}

/** Starts or replaces a window. */
export async function setUse(tx: Transaction, key: Buffer, used: number, endsAt: Date): Promise<void> {
  await tx.execute({
    name: 'portal-limit-set',
    text: `insert into sealpost.portal_limit (key, used, ends_at) values ($1, $2, $3)
           on conflict (key) do update set used = excluded.used, ends_at = excluded.ends_at`,
    values: [key, used, endsAt],
  });
}

/** Takes one use back: it turned out to be none that counts. */
export async function takeBackUse(tx: Transaction, key: Buffer): Promise<void> {
  await tx.execute({
    name: 'portal-limit-take-back',
    text: 'update sealpost.portal_limit set used = used - 1 where key = $1 and used > 0',
    values: [key],
  });
}
