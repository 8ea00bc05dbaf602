import { z } from 'zod';
import { isUuid, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { idTime } from '#platform/runtime';
import { LEAF_FORMAT } from './leaf.ts';
import { type ListedRow, readPlaced, readState, readWaiting } from './list.store.ts';

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
  readonly result?: 'done' | 'refused' | 'failed';
  /** Id of a subject. */
  readonly subject?: string;
}

/** Rows looked at by one call: with a rare filter a page may come back short, with a cursor to go on from. */
const MOST_SCANNED = 5000;
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

type Cursor =
  | { readonly kind: 'waiting'; readonly before: string }
  | { readonly kind: 'placed'; readonly before: number };

function readCursor(text: string | null | undefined): Cursor | null {
  if (text == null) return { kind: 'waiting', before: HIGHEST_ID };
  const value = text.slice(2);
  if (text.startsWith('w.') && isUuid(value)) return { kind: 'waiting', before: value };
  if (text.startsWith('p.') && /^\d{1,15}$/.test(value)) return { kind: 'placed', before: Number(value) };
  return null;
}

function writeCursor(cursor: Cursor): string {
  return cursor.kind === 'waiting' ? `w.${cursor.before}` : `p.${cursor.before}`;
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

/** The log from its newest line backwards: first what waits for its place, then by position. Null: no such cursor. */
export async function listLog(
  tx: Transaction,
  organisation: OrganisationId,
  query: AuditQuery,
): Promise<AuditPage | null> {
  const limit = Math.max(1, Math.min(200, query.limit));
  const filtered = query.action !== undefined || query.result !== undefined || query.subject !== undefined;
  const lines: AuditLine[] = [];
  let cursor = readCursor(query.cursor);
  if (cursor === null) return null;
  for (let scanned = 0; scanned < MOST_SCANNED && lines.length < limit; ) {
    const most = filtered ? 500 : limit - lines.length;
    const rows: ListedRow[] =
      cursor.kind === 'waiting'
        ? await readWaiting(tx, organisation, cursor.before, most)
        : await readPlaced(tx, organisation, cursor.before, most);
    for (const row of rows) {
      cursor =
        row.position === null
          ? { kind: 'waiting', before: row.id }
          : { kind: 'placed', before: row.position };
      const line = {
        id: row.id,
        position: row.position,
        entry: row.leaf === null ? null : decodeLeaf(row.leaf),
      };
      if (!filtered || matches(line.entry, query)) lines.push(line);
      if (lines.length === limit) return { lines, next: writeCursor(cursor) };
    }
    scanned += Math.max(1, rows.length);
    if (rows.length < most) {
      if (cursor.kind === 'placed') return { lines, next: null };
      cursor = { kind: 'placed', before: Number.MAX_SAFE_INTEGER };
    }
  }
  return { lines, next: writeCursor(cursor) };
}

function matches(entry: AuditLeaf | null, query: AuditQuery): boolean {
  if (entry === null) return false;
  const { action, result, subject } = query;
  if (
    action !== undefined &&
    !(action.endsWith('.') ? entry.action.startsWith(action) : entry.action === action)
  ) {
    return false;
  }
  if (result !== undefined && entry.result !== result) return false;
  return subject === undefined || entry.subjects.some((each) => each.id === subject);
}

/** Where the log stands, for the console and for metrics. */
export interface AuditState {
  readonly size: number;
  /** Entries that wait for their place, and since when the oldest of them does. */
  readonly unplaced: number;
  readonly oldestUnplaced: Date | null;
  readonly lastCheckpoint: { readonly size: number; readonly root: string; readonly at: Date } | null;
  readonly witnessed: { readonly size: number; readonly at: Date } | null;
}

export async function logState(tx: Transaction, organisation: OrganisationId): Promise<AuditState> {
  const row = await readState(tx, organisation);
  const { signedSize, signedRoot, signedAt, witnessedSize, witnessedAt } = row;
  return {
    size: row.size,
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
