import type { OrganisationId, PortalItemId } from '#core/ids';
import { organisationsOf, placeOf, viewerAt } from './find-places.ts';
import { guards } from './guard.ts';
import { type ItemState, type ListedEntry, listEntries, shownState } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import type { Place } from './place.ts';
import type { Viewer } from './portal-session.ts';
import { openReplyBody } from './reply-body.ts';
import { type CopySummary, openSummary } from './summary.ts';

/** A conversation as the list shows it: its newest message, and what of it is new. */
export interface ListedMessage {
  /** What its link opens: the oldest message that was not opened yet, else the newest. */
  readonly item: PortalItemId;
  /** Whose conversation, and with which organisation. */
  readonly place: Place;
  /** `waiting` while anything of the conversation is new. */
  readonly state: ItemState | 'sent';
  readonly expiresAt: Date;
  readonly placedAt: Date;
  /** Null once the copy is destroyed. */
  readonly summary: CopySummary | null;
  /** More must be proved before it opens: its subject is not shown. */
  readonly guarded?: boolean;
  /** Where the newest entry is a letter that the person wrote. */
  readonly written: { readonly subject: string; readonly to: string } | null;
  readonly messages: number;
  readonly unread: number;
}

export interface MessagePage {
  readonly messages: readonly ListedMessage[];
  /** Where the next page begins; null at the end. */
  readonly next: PortalItemId | null;
}

const PAGE = 25;

/**
 * The conversations of all places of the viewer's, or of one organisation, those with the newest message first, 25 a page.
 */
export async function listMessages(
  needs: PortalNeeds,
  viewer: Viewer,
  page: { readonly before: string | null; readonly only: OrganisationId | null },
): Promise<MessagePage> {
  const places = viewer.places.filter(({ organisation }) => page.only === null || organisation === page.only);
  if (places.length === 0) return { messages: [], next: null };
  const rows = await needs.database.tenant(organisationsOf({ places }), 'app', (tx) =>
    listEntries(tx, places, { before: page.before, most: PAGE + 1, now: needs.clock.now() }),
  );
  const shown = rows.slice(0, PAGE);
  const messages = await Promise.all(shown.map((row) => listed(needs, viewer, row)));
  return { messages, next: rows.length > PAGE ? (shown.at(-1)?.id ?? null) : null };
}

async function listed(needs: PortalNeeds, viewer: Viewer, row: ListedEntry): Promise<ListedMessage> {
  const state = shownState(row.state, row.expiresAt, needs.clock.now());
  const ended = state === 'expired' || state === 'retracted';
  const { organisation, expiresAt, createdAt: placedAt, messages, unread } = row;
  const place = placeOf(viewer, row);
  const guarded = guards(viewerAt(viewer, place), { level: row.level, lockedAt: null });
  const entry = { item: row.firstUnread ?? row.id, place, expiresAt, placedAt, messages, unread, guarded };
  if (ended || row.sealed === null)
    return { ...entry, state: unread > 0 ? 'waiting' : state, summary: null, written: null };
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  if (row.copy === null) {
    const { letter } = openReplyBody(needs.vault, key, organisation, row.id, row.sealed);
    if (letter === undefined) throw new Error('a letter has no subject');
    return { ...entry, state: 'sent', summary: null, written: letter };
  }
  const summary = openSummary(needs.vault, key, organisation, row.copy, row.sealed);
  return { ...entry, state: unread > 0 ? 'waiting' : state, summary, written: null };
}
