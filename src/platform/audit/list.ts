import { z } from 'zod';
import { isUuid, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { idFloor, idTime } from '#platform/runtime';
import { readCheckpoint } from './checkpoint.ts';
import type { AuditKind } from './kind.ts';
import { LEAF_FORMAT } from './leaf.ts';
import { readLines, readLinesOf, readState } from './list.store.ts';
import { isFiltered, matches } from './match.ts';
import { findLines } from './search.ts';

const leafShape = z.strictObject({
  action: z.string(),
  actor: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('person'), identity: z.string(), session: z.string() }),
    z.strictObject({ kind: z.literal('api-key'), apiKey: z.string() }),
    z.strictObject({ kind: z.literal('recipient'), person: z.string() }),
    z.strictObject({ kind: z.literal('system'), component: z.string() }),
  ]),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  format: z.literal(LEAF_FORMAT),
  id: z.string(),
  organisation: z.string(),
  origin: z.strictObject({
    address: z.string().nullable(),
    channel: z.enum(['api', 'console', 'portal', 'smtp', 'cli', 'worker']),
  }),
  reference: z.string().nullable(),
  request: z.string().nullable(),
  result: z.enum(['done', 'refused', 'failed']),
  subjects: z.array(z.strictObject({ kind: z.string(), id: z.string() })),
  time: z.iso.datetime(),
});

/** An entry as it stands in its leaf. `reference` is the SHA-256 of the sealed reference, or null. */
export type AuditLeaf = z.infer<typeof leafShape>;

/** A line of the log. `entry` is null when the bytes are gone or are no entry: verification says more. */
export interface AuditLine {
  readonly id: string;
  /** Null while the entry waits for its place. */
  readonly position: number | null;
  readonly entry: AuditLeaf | null;
  /** The entry's very bytes; null when they are gone. */
  readonly leaf: Buffer | null;
}

export interface AuditPage {
  readonly lines: readonly AuditLine[];
  /** Pass as `cursor` for what comes before; null at the log's beginning. */
  readonly next: string | null;
}

export interface AuditQuery {
  readonly cursor?: string | null;
  /** 1 to 200. */
  readonly limit: number;
  /** The action itself, or with a trailing dot everything below it (`session.`). */
  readonly action?: string;
  /** One of these, each as `action`. */
  readonly actions?: readonly string[];
  /** Entries of one of these kinds. */
  readonly kinds?: ReadonlySet<AuditKind>;
  /** Written at or after this moment, to the millisecond. */
  readonly since?: Date;
  /** Written before this moment. */
  readonly until?: Date;
  readonly result?: 'done' | 'refused' | 'failed';
  /** Id of a subject. */
  readonly subject?: string;
  readonly subjectKind?: string;
  /** Ids of which one is a subject, or whoever acted. */
  readonly about?: ReadonlySet<string>;
  /** Ids of whom one acted. */
  readonly actors?: ReadonlySet<string>;
  readonly channel?: string;
  /** The network address that it came from, as it stands in the entry. */
  readonly network?: string;
  readonly request?: string;
}

/** Rows looked at by one call: with a rare filter a page may come back short, with a cursor to go on from. */
const MOST_SCANNED = 5000;
/** Asked of the index beyond what a page takes: for the few that it names wrongly, and to see whether more follows. */
const SPARE = 10;
const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The id that the next page begins below; null for a text that is no cursor of ours. */
function readCursor(text: string | null | undefined): string | null {
  if (text == null) return HIGHEST_ID;
  const id = text.slice(2);
  return text.startsWith('i.') && isUuid(id) ? id.toLowerCase() : null;
}

/** Reads an entry's bytes; null when they are not a leaf of ours. */
export function decodeLeaf(bytes: Uint8Array): AuditLeaf | null {
  try {
    return leafShape.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * The log from its newest entry backwards, in the order of the entries' ids, which begin with the time of writing; what
 * still waits for its place stands among them. Null: no such cursor.
 *
 * A line whose bytes are gone or are no entry is never filtered out by what they would have said: nobody can say that
 * it does not match, and hiding it would hide a tampering.
 */
export async function listLog(
  tx: Transaction,
  organisation: OrganisationId,
  query: AuditQuery,
): Promise<AuditPage | null> {
  const limit = Math.max(1, Math.min(200, query.limit));
  const cursor = readCursor(query.cursor);
  if (cursor === null) return null;
  const from = query.since === undefined ? LEAST_ID : idFloor(query.since);
  const until = query.until === undefined ? HIGHEST_ID : idFloor(query.until);
  let before = until;
  if (cursor < until) before = cursor;
  const filtered = isFiltered(query);
  const lines: AuditLine[] = [];
  for (let scanned = 0; scanned < MOST_SCANNED; ) {
    // Nearly all that the index names is what is looked for; of the log itself, read in its place, little may be.
    const named = limit - lines.length + SPARE;
    const found = filtered ? await findLines(tx, organisation, query, { from, before, most: named }) : null;
    const whole = filtered ? 500 : limit - lines.length;
    const most = found === null ? whole : named;
    const rows = found ?? (await readLines(tx, organisation, { from, before, most }));
    for (const row of rows) {
      before = row.id;
      const entry = row.leaf === null ? null : decodeLeaf(row.leaf);
      if (entry === null || matches(entry, query)) lines.push({ ...row, entry });
      if (lines.length === limit) return { lines, next: `i.${before}` };
    }
    if (rows.length < most) return { lines, next: null };
    scanned += rows.length;
  }
  return { lines, next: `i.${before}` };
}

/** Lines by their ids, oldest first; ids that name no entry of the organisation are left out. */
export async function linesOf(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<AuditLine[]> {
  const rows = await readLinesOf(tx, organisation, ids);
  return rows.map((row) => ({ ...row, entry: row.leaf === null ? null : decodeLeaf(row.leaf) }));
}

/** Where the log stands, for the console and for metrics. */
export interface AuditState {
  readonly size: number;
  /** Entries that wait for their place, and since when the oldest of them does. */
  readonly unplaced: number;
  readonly oldestUnplaced: Date | null;
  readonly lastCheckpoint: { readonly size: number; readonly root: string; readonly at: Date } | null;
  readonly witnessed: { readonly size: number; readonly at: Date } | null;
  /** Since when the oldest checkpoint waits that no witness has taken; null where none waits. */
  readonly oldestUnwitnessed: Date | null;
}

/** When a checkpoint was signed, as its note says; null for none, or for a text that is no checkpoint. */
function timeOf(note: string | null): Date | null {
  return note === null ? null : (readCheckpoint(note)?.time ?? null);
}

export async function logState(tx: Transaction, organisation: OrganisationId): Promise<AuditState> {
  const row = await readState(tx, organisation);
  const { signedSize, signedRoot, witnessedSize, witnessedAt } = row;
  const signedAt = timeOf(row.signedNote);
  return {
    size: row.size,
    oldestUnwitnessed: timeOf(row.oldestUnwitnessed),
    unplaced: row.unplaced,
    oldestUnplaced: row.oldest === null ? null : (idTime(row.oldest) ?? null),
    lastCheckpoint:
      signedSize === null || signedRoot === null || signedAt === null
        ? null
        : { size: signedSize, root: signedRoot.toString('hex'), at: signedAt },
    witnessed:
      witnessedSize === null || witnessedAt === null ? null : { size: witnessedSize, at: witnessedAt },
  };
}
