import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { type Clock, idFloor } from '#platform/runtime';
import { auditOrigin } from './checkpoint.ts';
import { WitnessDamaged } from './file-witness.ts';
import { type Finding, Findings } from './findings.ts';
import { TILE_WIDTH } from './frontier.ts';
import { HASH_BYTES, runRoot, splitHashes } from './merkle.ts';
import type { NoteVerifier } from './note.ts';
import { readTiles } from './tree.store.ts';
import {
  type CheckpointRow,
  readCheckpoints,
  readOverdue,
  readPlaces,
  readStrays,
  readSurplusTiles,
  readVerifyHead,
  type VerifyHead,
} from './verify.store.ts';
import { type Anchor, databaseAnchors, UpTo, witnessAnchors } from './verify-anchors.ts';
import { UpperTiles } from './verify-tiles.ts';
import { LogWalk } from './verify-walk.ts';
import type { Witness, WitnessedState } from './witness.ts';

/** The state of one organisation's log, as found. */
export interface Verification {
  readonly organisation: OrganisationId;
  /** True when nothing was found. */
  readonly ok: boolean;
  /** Entries with a place. */
  readonly size: number;
  /** Root over them in hex, as the places give it. */
  readonly root: string;
  /** Size of the newest checkpoint; 0 before the first. */
  readonly signedSize: number;
  /** Size that the witness vouches for; null without a witness or before its first checkpoint. */
  readonly witnessedSize: number | null;
  readonly witness: 'present' | 'none';
  readonly findings: readonly Finding[];
  /** Findings beyond the 500 listed. */
  readonly moreFindings: number;
  readonly durationMs: number;
}

export interface VerifyOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly verifiers: (organisation: OrganisationId) => Promise<readonly NoteVerifier[]>;
  readonly witness: Witness | null;
}

export interface VerifyRequest {
  /** Entries older than so many milliseconds without a place are a finding; default 60,000. */
  readonly unplacedAfterMs?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Full tiles read by one transaction: short transactions, so that no snapshot stays open over a long log. */
const TILES_A_READ = 8;

/**
 * Reads the whole log and everything signed about it and says what does not fit. A log that grows
 * meanwhile is not taken for a tampered one. Faults are thrown; findings are values.
 */
export async function verifyLog(
  options: VerifyOptions,
  organisation: OrganisationId,
  request: VerifyRequest = {},
): Promise<Verification> {
  const started = options.clock.monotonic();
  const findings = new Findings();
  const read = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    options.database.tenant([organisation], 'app', work);
  // In this order each is at least as new as the one before: what is noted as witnessed, the witness, the log.
  const { witnessedSize } = await read((tx) => readVerifyHead(tx, organisation));
  const held = await heldByWitness(options.witness, organisation, findings);
  const head = { ...(await read((tx) => readVerifyHead(tx, organisation))), witnessedSize };
  const run: VerifyRun = { options, organisation, findings, read, head };

  const walk = new LogWalk(findings);
  await walkLog(run, walk, request.onProgress);
  walk.finish();
  judgeEnds(run, held);
  await judgeRest(run, request.unplacedAfterMs ?? 60_000);

  return {
    organisation,
    ok: findings.list().length === 0,
    size: head.size,
    root: walk.root().toString('hex'),
    signedSize: head.signedSize,
    witnessedSize: held?.size ?? null,
    witness: options.witness === null ? 'none' : 'present',
    findings: findings.list(),
    moreFindings: findings.dropped(),
    durationMs: Math.round(options.clock.monotonic() - started),
  };
}

interface VerifyRun {
  readonly options: VerifyOptions;
  readonly organisation: OrganisationId;
  readonly findings: Findings;
  readonly read: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
  readonly head: VerifyHead;
}

async function heldByWitness(
  witness: Witness | null,
  organisation: OrganisationId,
  findings: Findings,
): Promise<WitnessedState | null> {
  if (witness === null) return null;
  try {
    return await witness.latest(organisation);
  } catch (error) {
    if (!(error instanceof WitnessDamaged)) throw error;
    findings.add('witness-changed', null, null, 'last line');
    return null;
  }
}

async function walkLog(
  run: VerifyRun,
  walk: LogWalk,
  onProgress: VerifyRequest['onProgress'],
): Promise<void> {
  const { organisation, findings, read, head, options } = run;
  const removed = removedCheckpoints(findings);
  const context = {
    origin: auditOrigin(organisation),
    verifiers: await options.verifiers(organisation),
    findings,
  };
  const checkpoints = new UpTo(databaseAnchors(context, checkpointRows(run), removed));
  const notes = options.witness?.notes(organisation);
  const witnessed = notes === undefined ? null : new UpTo(witnessAnchors(context, notes));
  const upper = new UpperTiles(
    async (level, index) =>
      (await read((tx) => readTiles(tx, organisation, level, index, index + 1)))[0]?.hashes,
    findings,
  );
  try {
    for (let from = 0; from < head.size; from += TILES_A_READ * TILE_WIDTH) {
      const to = Math.min(from + TILES_A_READ * TILE_WIDTH, head.size);
      const firstTile = from / TILE_WIDTH;
      const [rows, tiles] = await read((tx) =>
        Promise.all([
          readPlaces(tx, organisation, from, to),
          readTiles(tx, organisation, 0, firstTile, Math.floor(to / TILE_WIDTH)),
        ]),
      );
      const tileAt = new Map(tiles.map((tile) => [tile.index, tile.hashes]));
      let at = 0;
      for (let start = from; start < to; start += TILE_WIDTH) {
        const end = Math.min(start + TILE_WIDTH, to);
        const first = at;
        while (at < rows.length && (rows[at]?.position ?? end) < end) at += 1;
        const anchors = await anchorsUpTo(end, checkpoints, witnessed, removed);
        const stretch = { from: start, to: end, rows: rows.slice(first, at), ...anchors };
        await walkTile(walk, upper, findings, stretch, tileAt.get(start / TILE_WIDTH));
      }
      onProgress?.(to, head.size);
    }
    // Those behind the end are still checked for their signatures and their order.
    await checkpoints.take(Number.POSITIVE_INFINITY);
  } finally {
    await checkpoints.close();
    await witnessed?.close();
  }
}

async function walkTile(
  walk: LogWalk,
  upper: UpperTiles,
  findings: Findings,
  stretch: Omit<Parameters<LogWalk['take']>[0], 'tile'>,
  stored: Buffer | undefined,
): Promise<void> {
  const full = stretch.to - stretch.from === TILE_WIDTH;
  const whole = stored?.length === TILE_WIDTH * HASH_BYTES ? stored : undefined;
  if (full && whole === undefined) {
    const label = `level 0 index ${stretch.from / TILE_WIDTH}`;
    findings.add(stored === undefined ? 'tile-removed' : 'tile-changed', null, null, label);
  }
  const hashes = walk.take({ ...stretch, tile: full && whole !== undefined ? splitHashes(whole) : null });
  if (!full) return;
  const computed = runRoot(hashes);
  const same = whole === undefined || Buffer.concat(hashes).equals(whole);
  await upper.push(1, same ? computed : runRoot(splitHashes(whole)), computed);
}

/** Checkpoints up to a size from both sides; one that only the witness has was removed from the database. */
async function anchorsUpTo(
  size: number,
  checkpoints: UpTo<Anchor>,
  witnessed: UpTo<Anchor> | null,
  removed: (size: number) => void,
): Promise<{ checkpoints: Anchor[]; witnessed: Anchor[] }> {
  const ours = await checkpoints.take(size);
  const theirs = (await witnessed?.take(size)) ?? [];
  const known = new Set(ours.map((anchor) => anchor.size));
  for (const anchor of theirs) if (!known.has(anchor.size)) removed(anchor.size);
  return { checkpoints: ours, witnessed: theirs };
}

/** Reports a removed checkpoint once, whether the next one or the witness tells of it first. */
function removedCheckpoints(findings: Findings): (size: number) => void {
  const reported = new Set<number>();
  return (size) => {
    if (reported.has(size)) return;
    if (reported.size < 10_000) reported.add(size);
    findings.add('checkpoint-removed', size);
  };
}

async function* checkpointRows(run: VerifyRun): AsyncGenerator<CheckpointRow> {
  const page = 500;
  for (let after = -1; ; ) {
    const rows = await run.read((tx) => readCheckpoints(tx, run.organisation, after, page));
    for (const row of rows) {
      // What was signed since the verification began belongs to the next one.
      if (row.size > Math.max(run.head.signedSize, run.head.size)) return;
      yield row;
      after = row.size;
    }
    if (rows.length < page) return;
  }
}

/** Compares where the entries, the signatures and the witness end. */
function judgeEnds({ head, findings }: VerifyRun, held: WitnessedState | null): void {
  const heldSize = held?.size ?? 0;
  if (head.below) findings.add('entry-inserted', null, null, 'before the log');
  if (head.beyond) findings.add('entry-inserted', null, null, 'far behind the log');
  if (head.size < head.signedSize) {
    const gone = head.signedSize - head.size;
    findings.addRange('log-truncated', head.size, head.signedSize - 1, gone);
  }
  if (head.size < heldSize) findings.addRange('rolled-back', head.size, heldSize - 1, heldSize - head.size);
  if (head.size > head.signedSize) {
    const unsigned = head.size - head.signedSize;
    findings.addRange('unsigned-entries', head.signedSize, head.size - 1, unsigned);
  }
  if (held !== null && head.witnessedSize > heldSize) {
    findings.addRange('witness-behind', heldSize, head.witnessedSize, 1);
  }
}

/** What lies outside of the walk: surplus tiles, entries that wait too long or stand nowhere. */
async function judgeRest(run: VerifyRun, unplacedAfterMs: number): Promise<void> {
  const { organisation, findings } = run;
  const youngest = idFloor(new Date(run.options.clock.now().getTime() - unplacedAfterMs));
  const [surplus, overdue] = await run.read((tx) =>
    Promise.all([readSurplusTiles(tx, organisation), readOverdue(tx, organisation, youngest)]),
  );
  const strays = await run.read((tx) => readStrays(tx, organisation));
  for (const tile of surplus) {
    findings.add('tile-inserted', null, null, `level ${tile.level} index ${tile.index}`);
  }
  for (const waiting of overdue) {
    findings.add(waiting.gone ? 'unplaced-removed' : 'unplaced-too-long', null, waiting.id);
  }
  for (const id of strays) findings.add('entry-inserted', null, id, 'outside of the log');
}
