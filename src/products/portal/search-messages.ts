import { readMessage, searchWords } from '#platform/mail';
import { organisationsOf, placeOf, viewerAt } from './find-places.ts';
import { guards } from './guard.ts';
import { withinLimit } from './limits.ts';
import type { PortalNeeds } from './needs.ts';
import type { Place } from './place.ts';
import type { Viewer } from './portal-session.ts';
import { openReplyBody } from './reply-body.ts';
import { type SearchedItem, type SearchedReply, searchedItems, searchedReplies } from './search.store.ts';
import { contentBinding, openSummary } from './summary.ts';

export const MOST_WORDS = 200;
/** Messages, and replies, that one search looks at; it opens at most 8 MiB of sealed content. */
const MOST_SEARCHED = 200;
const MOST_OCTETS = 8 * 1024 * 1024;
const SEARCHES_PER_HOUR = 120;

export interface Hit {
  readonly href: string;
  readonly place: Place;
  /** Null where it is what the person wrote in answer to a message. */
  readonly subject: string | null;
  /** Null for what the person wrote. */
  readonly from: string | null;
  readonly at: Date;
}

export type Searched =
  | {
      readonly kind: 'found';
      readonly hits: readonly Hit[];
      /** Where this search began; null: with the newest. */
      readonly before: string | null;
      /** Where the next search goes on; null: nothing older is there. */
      readonly older: string | null;
    }
  | { readonly kind: 'problem'; readonly problem: 'no-words' | 'too-often' };

/** As `searchWords` folds its words: without case and accents. */
function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
}

function hasAll(words: readonly string[], ...texts: readonly (string | null)[]): boolean {
  const whole = folded(texts.join('\n'));
  return words.every((word) => whole.includes(word));
}

/** What one search looks at: `rows` newest first, of which one more than `most` was asked for. */
function searchedPart<Row extends { readonly id: string; readonly octets?: number }>(rows: readonly Row[]) {
  const over = rows.findIndex(
    ({ octets = 0 }, index) => index >= MOST_SEARCHED || (index > 0 && octets > MOST_OCTETS),
  );
  const part = over === -1 ? rows : rows.slice(0, over);
  return { part, end: over === -1 ? null : (part.at(-1)?.id ?? null) };
}

/**
 * Messages and replies of one search. Where one of the lists goes on, both end at the same place in time (ids of both
 * carry it), so that the next search neither repeats nor leaves out anything.
 */
export function oneSearch<
  Item extends { readonly id: string; readonly octets: number },
  Reply extends { readonly id: string },
>(found: { readonly items: readonly Item[]; readonly replies: readonly Reply[] }) {
  const items = searchedPart(found.items);
  const replies = searchedPart(found.replies);
  const older = [items.end, replies.end].reduce(
    (a, b) => (a === null || (b !== null && b > a) ? b : a),
    null,
  );
  const within = ({ id }: { readonly id: string }): boolean => older === null || id >= older;
  return { items: items.part.filter(within), replies: replies.part.filter(within), older };
}

/**
 * Messages of all the viewer's places in which all words stand, newest first, from `before` on. What was not opened yet is found by its subject and
 * sender alone, as the list shows them, so that no word of a text is told that is not in the access log.
 */
export async function searchMessages(
  needs: PortalNeeds,
  viewer: Viewer,
  query: string,
  before: string | null,
): Promise<Searched> {
  const words = searchWords(query.slice(0, MOST_WORDS));
  if (words.length === 0) return { kind: 'problem', problem: 'no-words' };
  const { places } = viewer;
  const now = needs.clock.now();
  const rows = await needs.database.tenant(organisationsOf(viewer), 'app', async (tx) => {
    const limit = { name: 'searches', subject: viewer.person, most: SEARCHES_PER_HOUR } as const;
    if (!(await withinLimit(tx, needs.vault, limit, now))) return null;
    const bounds = { now, before, most: MOST_SEARCHED + 1 };
    const items = await searchedItems(tx, places, { ...bounds, octets: MOST_OCTETS });
    return oneSearch({ items, replies: await searchedReplies(tx, places, bounds) });
  });
  if (rows === null) return { kind: 'problem', problem: 'too-often' };
  const hits: Hit[] = [];
  // One after the other: a search must not hold every message open at once.
  for (const row of rows.items) {
    // What this session may not open is not found either: a hit would tell of its words.
    if (guards(viewerAt(viewer, placeOf(viewer, row)), row)) continue;
    const hit = await itemHit(needs, viewer, row, words);
    if (hit !== null) hits.push(hit);
  }
  for (const row of rows.replies) {
    if (guards(viewerAt(viewer, placeOf(viewer, row)), row)) continue;
    const hit = await replyHit(needs, viewer, row, words);
    if (hit !== null) hits.push(hit);
  }
  hits.sort((a, b) => b.at.getTime() - a.at.getTime());
  return { kind: 'found', hits, before, older: rows.older };
}

async function itemHit(
  needs: PortalNeeds,
  viewer: Viewer,
  row: SearchedItem,
  words: readonly string[],
): Promise<Hit | null> {
  const { organisation } = row;
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  const { subject, senderName, senderAddress, sentAt } = openSummary(
    needs.vault,
    key,
    organisation,
    row.copy,
    row.summary,
  );
  const address = `${senderAddress.local}@${senderAddress.domain}`;
  const about = { place: placeOf(viewer, row), subject, from: senderName ?? address };
  const hit = { href: `/messages/${row.id}`, at: new Date(sentAt), ...about };
  if (hasAll(words, subject, senderName, address)) return hit;
  if (row.content === null) return null;
  const content = needs.vault.open(key, contentBinding(organisation, row.copy), row.content);
  const { text } = await readMessage(content);
  return hasAll(words, subject, senderName, address, text) ? hit : null;
}

async function replyHit(
  needs: PortalNeeds,
  viewer: Viewer,
  row: SearchedReply,
  words: readonly string[],
): Promise<Hit | null> {
  const { organisation } = row;
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  const { text, files, letter } = openReplyBody(needs.vault, key, organisation, row.id, row.body);
  const subject = letter?.subject ?? null;
  if (!hasAll(words, subject, text, ...files)) return null;
  const href = row.item === null ? `/written/${row.id}` : `/messages/${row.item}`;
  return { href, place: placeOf(viewer, row), subject, from: null, at: row.createdAt };
}
