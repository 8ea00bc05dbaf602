import type { DeliveryId, MessageId, NoticeId, OrganisationId } from '#core/ids';
import { binary, type Transaction } from '#platform/database';

/** One claimed piece of due work. `fence` must still hold when its outcome is committed. */
export type ClaimedItem = {
  readonly organisation: OrganisationId;
  readonly domain: string;
  /** Place in the order of the queue: notices below 0, then as STREAM_PRIORITY divides it. */
  readonly priority: number;
  readonly fence: number;
  /** An earlier lease ran out: somebody may have sent this already. */
  readonly late: boolean;
} & (
  | { readonly kind: 'delivery'; readonly item: DeliveryId; readonly message: MessageId }
  | { readonly kind: 'notice'; readonly item: NoticeId; readonly message: MessageId | null }
);

export interface ClaimRequest {
  /** Most items wanted, over all organisations. With none, `reserve` is for newcomers only. */
  readonly free: number;
  readonly reserve: number;
  /** What an organisation may hold while others have due work, with what it holds already. */
  readonly share: number;
  /** What an organisation, or a more urgent stream of it, gets whatever else it holds. */
  readonly assured: number;
  /** What is held of one destination at most… */
  readonly perDomain: number;
  /** …and while others have due work. */
  readonly domainShare: number;
  /**
   * What the worker holds, by organisation: of transactional mail and notices, with business mail, of any stream, these
   * three without what goes to destinations that have their share already; and in all.
   */
  readonly held: Readonly<
    Record<string, readonly [urgent: number, ordinary: number, any: number, total: number]>
  >;
  /** What the worker holds, by destination. */
  readonly domains: Readonly<Record<string, number>>;
  /** Destinations that take nothing now. */
  readonly busy: readonly string[];
  /** The round begins at the organisation behind this one: that served last, so that everybody has a turn. */
  readonly start: string;
  readonly leaseSeconds: number;
}

interface ClaimedRow {
  readonly item: string;
  readonly kind: 'delivery' | 'notice';
  readonly organisation: OrganisationId;
  readonly message: MessageId | null;
  readonly domain: string;
  readonly priority: number;
  readonly fence: number;
  readonly late: boolean;
}

/**
 * Claims due work over all organisations (owner function; ids only). The commit is not waited to be on disk: a claim
 * that a crash of the server undoes is made again, and an outcome, which is waited for, takes the claim along.
 */
export async function claimDue(tx: Transaction, request: ClaimRequest): Promise<ClaimedItem[]> {
  const unflushed = tx.execute({
    name: 'record.unflushed',
    text: `select set_config('synchronous_commit', 'off', true)`,
  });
  const claim = tx.query<ClaimedRow>({
    name: 'record.claim-work',
    text: `select * from sealpost.claim_work($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, make_interval(secs => $11))`,
    values: [
      request.free,
      request.reserve,
      request.share,
      request.assured,
      request.perDomain,
      request.domainShare,
      JSON.stringify(request.held),
      JSON.stringify(request.domains),
      request.busy,
      request.start,
      request.leaseSeconds,
    ],
  });
  const [rows] = await Promise.all([claim, unflushed]);
  return rows.map(claimedItem);
}

function claimedItem(row: ClaimedRow): ClaimedItem {
  const { organisation, domain, priority, late } = row;
  const fence = Number(row.fence);
  if (row.kind === 'notice') {
    return {
      kind: 'notice',
      item: row.item as NoticeId,
      message: row.message,
      organisation,
      domain,
      priority,
      fence,
      late,
    };
  }
  if (row.message === null) throw new Error('a queued delivery has no message');
  return {
    kind: 'delivery',
    item: row.item as DeliveryId,
    message: row.message,
    organisation,
    domain,
    priority,
    fence,
    late,
  };
}

/** Keeps leases of work that is still under way. Returns whose: an item whose fence has moved on is left alone. */
export async function extendLeases(
  tx: Transaction,
  items: readonly { readonly item: string; readonly fence: number }[],
  leaseSeconds: number,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ item: string }>({
    name: 'record.extend-leases',
    text: `update sealpost.queue q set due_at = clock_timestamp() + make_interval(secs => $3)
      from unnest($1::uuid[], $2::bigint[]) as w (item, fence)
      where q.item = w.item and q.fence = w.fence and q.leased returning q.item`,
    values: [
      binary.uuids(items.map((one) => one.item)),
      binary.int8s(items.map((one) => one.fence)),
      leaseSeconds,
    ],
  });
  return new Set(rows.map((row) => row.item));
}

/**
 * Takes finished items off the queue. Returns those whose fence still held: only their outcomes may be written,
 * because the others belong to another worker by now.
 */
export async function dequeue(
  tx: Transaction,
  items: readonly { readonly item: string; readonly fence: number }[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ item: string }>({
    name: 'record.dequeue',
    text: `delete from sealpost.queue q using unnest($1::uuid[], $2::bigint[]) as w (item, fence)
      where q.item = w.item and q.fence = w.fence returning q.item`,
    values: [binary.uuids(items.map((one) => one.item)), binary.int8s(items.map((one) => one.fence))],
  });
  return new Set(rows.map((row) => row.item));
}

/**
 * Puts items back for a later moment, again only where the fence still holds and the item is leased: an outcome whose
 * commit was answered by a lost connection is tried again and must not count twice.
 */
export async function requeue(
  tx: Transaction,
  items: readonly { readonly item: string; readonly fence: number; readonly dueAt: Date }[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ item: string }>({
    name: 'record.requeue',
    text: `update sealpost.queue q set due_at = w.due_at, leased = false
      from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as w (item, fence, due_at)
      where q.item = w.item and q.fence = w.fence and q.leased returning q.item`,
    values: [
      binary.uuids(items.map((one) => one.item)),
      binary.int8s(items.map((one) => one.fence)),
      binary.times(items.map((one) => one.dueAt)),
    ],
  });
  return new Set(rows.map((row) => row.item));
}

/** Takes queued deliveries of a message off the queue before anyone has claimed them (HV-1 cancel). */
export async function cancelQueued(tx: Transaction, message: MessageId): Promise<readonly DeliveryId[]> {
  const rows = await tx.query<{ item: DeliveryId }>({
    name: 'record.cancel-queued',
    text: `delete from sealpost.queue where message = $1 and kind = 'delivery' and not leased returning item`,
    values: [message],
  });
  return rows.map((row) => row.item);
}

/** Takes notices of portal messages off the queue that nobody has begun to send: what they tell of is withdrawn. */
export async function cancelPortalNotices(tx: Transaction, message: MessageId, at: Date): Promise<number> {
  return tx.execute({
    name: 'record.cancel-portal-notices',
    text: `with gone as (
        delete from sealpost.queue q using sealpost.notice n
        where q.message = $1 and q.kind = 'notice' and not q.leased and n.id = q.item and n.kind = 'portal-message'
        returning q.item
      )
      update sealpost.notice n set state = 'cancelled', finished_at = $2, body = '' from gone where n.id = gone.item`,
    values: [message, at],
  });
}

/** Adds notices to the queue, due now and ahead of all mail. */
export async function enqueueNotices(
  tx: Transaction,
  notices: readonly {
    readonly id: NoticeId;
    readonly organisation: OrganisationId;
    readonly message: MessageId | null;
    readonly domain: string;
  }[],
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'record.enqueue-notices',
    text: `insert into sealpost.queue (item, kind, organisation, message, domain, priority, due_at)
      select n.item, 'notice', n.organisation, n.message, n.domain, -1, $5
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as n (item, organisation, message, domain)`,
    values: [
      notices.map((one) => one.id),
      notices.map((one) => one.organisation),
      notices.map((one) => one.message),
      notices.map((one) => one.domain),
      at,
    ],
  });
}

/** Items due and waiting by kind (owner function; numbers only). */
export async function queueDepth(tx: Transaction): Promise<{ kind: string; due: number; waiting: number }[]> {
  return tx.query({
    name: 'record.queue-depth',
    text: 'select kind, due, waiting from sealpost.queue_depth()',
  });
}
