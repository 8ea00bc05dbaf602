import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { ListedRow } from './list.store.ts';
import type { AuditQuery } from './list.ts';
import {
  readFound,
  readLag,
  readUnindexed,
  readUnreadable,
  type WantedTerms,
  withoutCompiling,
} from './search.store.ts';
import { term } from './terms.ts';

/** An index further behind than this is being filled: the log itself is read until it has caught up. */
const MOST_BEHIND = 5000;

/**
 * Entries that may be what the query asks for, newest first, at most `most`: by the index, and what it does not reach yet
 * from the log. The caller compares each with its bytes. Null where the index cannot help: read the log.
 *
 * The index is a help and can be wrong (whoever owns the database can empty it): it hides nothing from verification and
 * from exports, which read the log.
 */
export async function findLines(
  tx: Transaction,
  organisation: OrganisationId,
  query: AuditQuery,
  range: { readonly from: string; readonly before: string; readonly most: number },
): Promise<ListedRow[] | null> {
  const terms = wantedTerms(query);
  if (terms === null) return null;
  await withoutCompiling(tx);
  const { indexed, size } = await readLag(tx, organisation);
  if (size - indexed > MOST_BEHIND) return null;
  const fresh = await readUnindexed(tx, organisation, { indexed, ...range });
  const found = await readFound(tx, organisation, terms, range);
  const unread = await readUnreadable(tx, organisation, range);
  const byId = new Map([...fresh, ...found, ...unread].map((row) => [row.id, row]));
  return [...byId.values()].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, range.most);
}

/** What a query asks of the index; null when it asks for nothing that stands there. */
function wantedTerms(query: AuditQuery): WantedTerms | null {
  const wanted: bigint[] = [];
  const oneOf: bigint[][] = [];
  if (query.action !== undefined) wanted.push(term.action(query.action));
  if (query.result !== undefined && query.result !== 'done') wanted.push(term.result(query.result));
  if (query.subject !== undefined) wanted.push(term.subject(query.subject));
  if (query.subjectKind !== undefined) wanted.push(term.subjectKind(query.subjectKind));
  if (query.channel !== undefined) wanted.push(term.channel(query.channel));
  if (query.network !== undefined) wanted.push(term.network(query.network));
  if (query.request !== undefined) wanted.push(term.request(query.request));
  if (query.actions !== undefined) oneOf.push(query.actions.map(term.action));
  if (query.actors !== undefined) oneOf.push([...query.actors].map(term.actor));
  if (query.kinds !== undefined) oneOf.push([...query.kinds].map(term.kind));
  if (query.about !== undefined) {
    oneOf.push([...query.about].flatMap((id) => [term.subject(id), term.actor(id)]));
  }
  return wanted.length === 0 && oneOf.length === 0 ? null : { wanted, oneOf };
}
