import type { Transaction } from '#platform/database';

/** Removes codes, sessions, devices and limits a day after their end, over all organisations. Returns how many rows went. */
export async function sweepEnded(tx: Transaction, moment: Date): Promise<number> {
  const row = await tx.one<{ gone: number }>({
    name: 'portal-sweep',
    text: 'select sealpost.sweep_portal($1) as gone',
    values: [moment],
  });
  return row.gone;
}
