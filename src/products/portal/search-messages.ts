import { readMessage, searchWords } from '#platform/mail';
import { guards } from './guard.ts';
import { withinLimit } from './limits.ts';
import type { PortalNeeds } from './needs.ts';
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
  /** Null where it is what the person wrote in answer to a message. */
  readonly subject: string | null;
  /** Null for what the person wrote. */
  readonly from: string | null;
  readonly at: Date;
}

export type Searched =
  | { readonly kind: 'found'; readonly hits: readonly Hit[] }
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

/**
 * A person's own messages in which all words stand, newest first. What was not opened yet is found by its subject and
 * sender alone, as the list shows them, so that no word of a text is told that is not in the access log.
 */
export async function searchMessages(needs: PortalNeeds, viewer: Viewer, query: string): Promise<Searched> {
  const words = searchWords(query.slice(0, MOST_WORDS));
  if (words.length === 0) return { kind: 'problem', problem: 'no-words' };
  const { organisation, person } = viewer;
  const now = needs.clock.now();
  const rows = await needs.database.tenant([organisation], 'app', async (tx) => {
    const limit = { name: 'searches', subject: person, most: SEARCHES_PER_HOUR } as const;
    if (!(await withinLimit(tx, needs.vault, limit, now))) return null;
    const items = await searchedItems(tx, person, { now, most: MOST_SEARCHED, octets: MOST_OCTETS });
    return { items, replies: await searchedReplies(tx, person, { now, most: MOST_SEARCHED }) };
  });
  if (rows === null) return { kind: 'problem', problem: 'too-often' };
  const hits: Hit[] = [];
  // One after the other: a search must not hold every message open at once.
  for (const row of rows.items) {
    // What this session may not open is not found either: a hit would tell of its words.
    if (guards(viewer, row)) continue;
    const hit = await itemHit(needs, viewer, row, words);
    if (hit !== null) hits.push(hit);
  }
  for (const row of rows.replies) {
    if (guards(viewer, row)) continue;
    const hit = await replyHit(needs, viewer, row, words);
    if (hit !== null) hits.push(hit);
  }
  hits.sort((a, b) => b.at.getTime() - a.at.getTime());
  return { kind: 'found', hits };
}

async function itemHit(
  needs: PortalNeeds,
  { organisation }: Viewer,
  row: SearchedItem,
  words: readonly string[],
): Promise<Hit | null> {
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  const { subject, senderName, senderAddress, sentAt } = openSummary(
    needs.vault,
    key,
    organisation,
    row.copy,
    row.summary,
  );
  const address = `${senderAddress.local}@${senderAddress.domain}`;
  const hit = { href: `/messages/${row.id}`, subject, from: senderName ?? address, at: new Date(sentAt) };
  if (hasAll(words, subject, senderName, address)) return hit;
  if (row.content === null) return null;
  const content = needs.vault.open(key, contentBinding(organisation, row.copy), row.content);
  const { text } = await readMessage(content);
  return hasAll(words, subject, senderName, address, text) ? hit : null;
}

async function replyHit(
  needs: PortalNeeds,
  { organisation }: Viewer,
  row: SearchedReply,
  words: readonly string[],
): Promise<Hit | null> {
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  const { text, files, letter } = openReplyBody(needs.vault, key, organisation, row.id, row.body);
  const subject = letter?.subject ?? null;
  if (!hasAll(words, subject, text, ...files)) return null;
  const href = row.item === null ? `/written/${row.id}` : `/messages/${row.item}`;
  return { href, subject, from: null, at: row.createdAt };
}
