import type { OrganisationId } from '#core/ids';
import type { Audit } from '#platform/audit';
import type { Database } from '#platform/database';
import type { Clock } from '#platform/runtime';
import { markOverdueSaid, readSettings } from '../settings.store.ts';
import { reviewedTo } from './review.store.ts';

export interface OverduePorts {
  readonly audit: Pick<Audit, 'append'>;
  readonly database: Database;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;

/** Puts on record, once a day, that an organisation's review of its log is overdue. Returns for how many. */
export async function sayOverdue(
  { audit, database, clock }: OverduePorts,
  organisations: readonly OrganisationId[],
): Promise<number> {
  let said = 0;
  const now = clock.now();
  for (const organisation of organisations) {
    said += await database.tenant([organisation], 'worker', async (tx) => {
      const settings = await readSettings(tx, organisation);
      if (settings === undefined) return 0;
      const { at, to } = await reviewedTo(tx, organisation);
      const due = new Date((at ?? settings.changed_at).getTime() + settings.review_days * DAY_MS);
      const lately = settings.overdue_said_at ?? new Date(0);
      if (due > now || now.getTime() - lately.getTime() < DAY_MS) return 0;
      await markOverdueSaid(tx, organisation, now);
      await audit.append(tx, {
        ...{ organisation, action: 'audit.review-overdue', result: 'done' },
        actor: { kind: 'system', component: 'audit' },
        origin: { address: null, channel: 'worker' },
        details: { from: to, days: Math.floor((now.getTime() - due.getTime()) / DAY_MS) },
        ...{ subjects: [], sealedReference: null, request: null },
      });
      return 1;
    });
  }
  return said;
}
