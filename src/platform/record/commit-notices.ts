import type { EventId, NoticeId, OrganisationId } from '#core/ids';
import type { Notice, NoticeBody } from '#core/notice';
import { newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { loadDeliveries, loadNotices, type NoticeRow } from './load.store.ts';
import { type OpenedGroup, type OpenPorts, splitAddress, type Unreadable } from './open-work.ts';
import { insertEvents, moveDelivery, updateNotices } from './outcome.store.ts';
import type { NoticeOutcome } from './outcome.ts';
import { type ClaimedItem, dequeue, requeue } from './queue.store.ts';
import type { RecordPorts } from './record-ports.ts';
import { writeNotices } from './write-notices.ts';

type NoticeClaim = ClaimedItem & { readonly kind: 'notice' };

/** A claimed notice, opened. */
export interface OpenedNotice {
  readonly claim: NoticeClaim;
  readonly notice: Notice;
  readonly attempts: number;
  readonly giveUpAt: Date;
}

/** Opens claimed notices of one organisation. */
export async function openNotices(
  ports: OpenPorts,
  organisation: OrganisationId,
  claims: readonly NoticeClaim[],
): Promise<OpenedGroup<OpenedNotice, NoticeClaim>> {
  const items = claims.map((claim) => claim.item);
  const rows = await ports.database.tenant([organisation], 'worker', (tx) => loadNotices(tx, items));
  const byId = new Map<NoticeId, NoticeRow>(rows.map((row) => [row.id, row]));
  const opened: OpenedNotice[] = [];
  const unreadable: Unreadable<NoticeClaim>[] = [];
  for (const claim of claims) {
    try {
      opened.push(await openNotice(ports.vault, claim, byId.get(claim.item)));
    } catch (fault) {
      unreadable.push({ claim, fault, giveUpAt: byId.get(claim.item)?.give_up_at ?? null });
    }
  }
  return { opened, unreadable };
}

async function openNotice(
  vault: Vault,
  claim: NoticeClaim,
  row: NoticeRow | undefined,
): Promise<OpenedNotice> {
  if (row?.state !== 'queued') throw new Error('a queued notice has no row that waits');
  const key = await vault.openObjectKey(row.organisation, row.object_key);
  const bind = (field: string) => ({ organisation: row.organisation, field, row: row.id });
  return {
    claim,
    notice: {
      id: row.id,
      organisation: row.organisation,
      to: splitAddress(vault.openText(key, bind('notice.recipient'), row.recipient)),
      locale: row.locale,
      body: parseNoticeBody(vault.openText(key, bind('notice.body'), row.body)),
    },
    attempts: row.attempts,
    giveUpAt: row.give_up_at,
  };
}

/** Commits the ends of notice tries of one organisation in one transaction. */
export async function commitNotices(
  ports: RecordPorts,
  organisation: OrganisationId,
  outcomes: readonly NoticeOutcome[],
): Promise<void> {
  await ports.database.tenant([organisation], 'worker', async (tx) => {
    const finished = outcomes
      .filter((one) => one.nextAt === null)
      .map((one) => ({ item: one.id, fence: one.fence }));
    const later = outcomes.flatMap((one) =>
      one.nextAt === null ? [] : [{ item: one.id, fence: one.fence, dueAt: one.nextAt }],
    );
    const held = new Set([
      ...(finished.length > 0 ? await dequeue(tx, finished) : []),
      ...(later.length > 0 ? await requeue(tx, later) : []),
    ]);
    const owned = outcomes.filter((one) => held.has(one.id));
    if (owned.length === 0) return;
    await updateNotices(
      tx,
      owned.map((one) => ({
        id: one.id,
        state: one.state,
        code: one.code,
        finished: one.nextAt === null,
        at: one.at,
      })),
    );
    for (const outcome of owned) await failDelivery(ports, tx, organisation, outcome);
    await ports.audit.appendMany(
      tx,
      owned.flatMap((one) => one.audit),
    );
  });
}

/** The notice was the only way to the recipient: its delivery fails with it, and the sender is told. */
async function failDelivery(
  ports: RecordPorts,
  tx: Parameters<typeof moveDelivery>[0],
  organisation: OrganisationId,
  outcome: NoticeOutcome,
): Promise<void> {
  const lost = outcome.undeliverable;
  if (lost === null) return;
  const moved = await moveDelivery(
    tx,
    lost.delivery,
    ['portal-waiting'],
    'bounced',
    lost.lastStatus,
    outcome.at,
  );
  if (!moved) return;
  const [row] = await loadDeliveries(tx, [lost.delivery]);
  if (row) {
    await insertEvents(tx, [
      {
        id: newId() as EventId,
        organisation,
        type: 'delivery.bounced',
        subjects: [
          { kind: 'message', id: row.message },
          { kind: 'delivery', id: row.id },
        ],
        actor: { kind: 'system', component: 'conveyor' },
        cause: outcome.id,
        occurredAt: outcome.at,
        payload: null,
      },
    ]);
  }
  await writeNotices(ports, tx, lost.notices, outcome.at);
}

/** Dates come back as text from the sealed JSON; everything else is as it was written by writeNotices. */
function parseNoticeBody(text: string): NoticeBody {
  const dates = new Set(['expiresAt', 'acceptedAt', 'readAt', 'addedAt', 'changedAt', 'startedAt']);
  return JSON.parse(text, (name: string, value: unknown) =>
    dates.has(name) && typeof value === 'string' ? new Date(value) : value,
  ) as NoticeBody;
}
