import type { PortalItemId } from '#core/ids';
import { type ItemState, type ListedItem, listItems, shownState } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import type { Viewer } from './portal-session.ts';
import { type CopySummary, openSummary } from './summary.ts';

/** A conversation as the list shows it: its newest message, and what of it is new. */
export interface ListedMessage {
  /** What its link opens: the oldest message that was not opened yet, else the newest. */
  readonly item: PortalItemId;
  /** `waiting` while anything of the conversation is new. */
  readonly state: ItemState;
  readonly expiresAt: Date;
  readonly placedAt: Date;
  /** Null once the copy is destroyed. */
  readonly summary: CopySummary | null;
  readonly messages: number;
  readonly unread: number;
}

export interface MessagePage {
  readonly messages: readonly ListedMessage[];
  /** Where the next page begins; null at the end. */
  readonly next: PortalItemId | null;
}

const PAGE = 25;

/** A person's conversations, those with the newest message first, 25 a page. */
export async function listMessages(
  needs: PortalNeeds,
  viewer: Viewer,
  before: string | null,
): Promise<MessagePage> {
  const rows = await needs.database.tenant([viewer.organisation], 'app', (tx) =>
    listItems(tx, viewer.person, { before, most: PAGE + 1, now: needs.clock.now() }),
  );
  const shown = rows.slice(0, PAGE);
  const messages = await Promise.all(shown.map((row) => listed(needs, viewer, row)));
  return { messages, next: rows.length > PAGE ? (shown.at(-1)?.id ?? null) : null };
}

async function listed(needs: PortalNeeds, viewer: Viewer, row: ListedItem): Promise<ListedMessage> {
  const state = shownState(row.state, row.expiresAt, needs.clock.now());
  const ended = state === 'expired' || state === 'retracted';
  let summary: CopySummary | null = null;
  if (!ended && row.summary !== null) {
    const key = await needs.vault.openObjectKey(viewer.organisation, row.objectKey);
    summary = openSummary(needs.vault, key, viewer.organisation, row.copy, row.summary);
  }
  const { expiresAt, createdAt: placedAt, messages, unread } = row;
  const item = row.firstUnread ?? row.id;
  return { item, state: unread > 0 ? 'waiting' : state, expiresAt, placedAt, summary, messages, unread };
}
