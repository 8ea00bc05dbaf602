import type { PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readMessage } from '#platform/mail';
import { guards } from './guard.ts';
import { type ItemState, shownState } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import type { Viewer } from './portal-session.ts';
import { listReplies, type ThreadReply } from './reply.store.ts';
import { openReply, type ShownReply } from './reply-body.ts';
import { type CopySummary, contentBinding, openSummary } from './summary.ts';
import { type ThreadItem, threadItems } from './thread.store.ts';

/** Messages of one conversation that are shown around the one that was opened. */
const MOST_MESSAGES = 20;

/** A message of the organisation's beside the one that was opened. */
export interface ThreadMessage {
  readonly kind: 'message';
  readonly item: PortalItemId;
  readonly state: ItemState;
  readonly at: Date;
  /** Null once the copy is destroyed, and where it is guarded. */
  readonly summary: CopySummary | null;
  /** This session may not open it: nothing of it is shown. */
  readonly guarded?: boolean;
  /** Null where it was not opened yet, or where it is to be opened on a page of its own. */
  readonly text: string | null;
  readonly attachments: number;
}

export type ThreadEntry = ThreadMessage | ({ readonly kind: 'reply' } & ShownReply);

/** What stands before and after an entry in its conversation, oldest first. */
export interface Conversation {
  readonly earlier: readonly ThreadEntry[];
  readonly later: readonly ThreadEntry[];
}

export const ALONE: Conversation = { earlier: [], later: [] };

export interface ThreadRows {
  readonly items: readonly ThreadItem[];
  readonly replies: readonly ThreadReply[];
}

export async function loadThread(
  tx: Transaction,
  viewer: Viewer,
  thread: string,
  now: Date,
): Promise<ThreadRows> {
  return {
    items: await threadItems(tx, viewer, thread, { now, most: MOST_MESSAGES }),
    replies: await listReplies(tx, viewer, thread),
  };
}

/**
 * Opens the entries around `self`. Words of a message are shown only where its recipient opened it before, so nothing
 * is read here that is not in the access log.
 */
export async function openThread(
  needs: PortalNeeds,
  viewer: Viewer,
  rows: ThreadRows,
  self: string,
): Promise<Conversation> {
  const items = rows.items.filter(({ id }) => id !== self);
  const opened = await Promise.all([
    ...items.map(async (row) => ({ id: row.id as string, entry: await openEntry(needs, viewer, row) })),
    ...rows.replies
      .filter((row) => row.id !== self && !guards(viewer, row))
      .map(async (row) => ({
        id: row.id,
        entry: { kind: 'reply' as const, ...(await openReply(needs, viewer, row)) },
      })),
  ]);
  // Ids are UUIDv7: their order is that of time.
  opened.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    earlier: opened.filter(({ id }) => id < self).map(({ entry }) => entry),
    later: opened.filter(({ id }) => id > self).map(({ entry }) => entry),
  };
}

async function openEntry(needs: PortalNeeds, viewer: Viewer, row: ThreadItem): Promise<ThreadMessage> {
  const state = shownState(row.state, row.expiresAt, needs.clock.now());
  const guarded = guards(viewer, row);
  const entry = { kind: 'message', item: row.id, state, at: row.createdAt, guarded } as const;
  if (state === 'expired' || state === 'retracted' || row.summary === null || guarded)
    return { ...entry, summary: null, text: null, attachments: 0 };
  const { organisation } = viewer;
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  const summary = openSummary(needs.vault, key, organisation, row.copy, row.summary);
  if (state !== 'read' || row.content === null) return { ...entry, summary, text: null, attachments: 0 };
  const binding = contentBinding(organisation, row.copy);
  const message = await readMessage(needs.vault.open(key, binding, row.content));
  return { ...entry, summary, text: message.text, attachments: message.attachments.length };
}
