import type { PortalItemId } from '#core/ids';
import { type ItemState, type ListedItem, listItems } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import type { Viewer } from './portal-session.ts';
import { type CopySummary, openSummary } from './summary.ts';

export interface ListedMessage {
  readonly item: PortalItemId;
  readonly state: ItemState;
  readonly expiresAt: Date;
  readonly placedAt: Date;
  /** Null once the copy is destroyed. */
  readonly summary: CopySummary | null;
}

export interface MessagePage {
  readonly messages: readonly ListedMessage[];
  /** Where the next page begins; null at the end. */
  readonly next: PortalItemId | null;
}

const PAGE = 25;

/** The state a reader sees: what is past its time has expired, whether or not the sweeper was there already. */
export function shownState(state: ItemState, expiresAt: Date, now: Date): ItemState {
  return (state === 'waiting' || state === 'read') && expiresAt <= now ? 'expired' : state;
}

/** A person's messages, newest first, 25 a page. */
export async function listMessages(
  needs: PortalNeeds,
  viewer: Viewer,
  before: string | null,
): Promise<MessagePage> {
  const rows = await needs.database.tenant([viewer.organisation], 'app', (tx) =>
    listItems(tx, viewer.person, before, PAGE + 1),
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
  return { item: row.id, state, expiresAt: row.expiresAt, placedAt: row.createdAt, summary };
}
