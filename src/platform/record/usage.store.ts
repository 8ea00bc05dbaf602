import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/**
 * Counts towards an hourly limit and says whether it still fits; what does not fit is not counted. One row per
 * organisation and hour, so that all processes share the count.
 */
export async function takeFromHour(
  tx: Transaction,
  organisation: OrganisationId,
  name: string,
  amount: number,
  limit: number,
): Promise<boolean> {
  if (amount > limit) return false;
  const taken = await tx.execute({
    name: 'record.take-from-hour',
    text: `insert into sealpost.usage_window (organisation, name, window_start, used)
      values ($1, $2, date_trunc('hour', now()), $3)
      on conflict (organisation, name, window_start) do update set used = usage_window.used + excluded.used
      where usage_window.used + excluded.used <= $4`,
    values: [organisation, name, amount, limit],
  });
  return taken === 1;
}

/** Forgets windows of more than two days ago. */
export async function sweepUsage(tx: Transaction): Promise<number> {
  return tx.execute({
    name: 'record.sweep-usage',
    text: `delete from sealpost.usage_window where window_start < now() - interval '2 days'`,
  });
}
