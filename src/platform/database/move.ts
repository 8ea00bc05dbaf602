import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import copyStreams from 'pg-copy-streams';
import { type Logger, silentLogger } from '#platform/runtime';
import {
  analyze,
  beginReading,
  beginWriting,
  type CopyTable,
  copyInText,
  copyOutText,
  dropOurSchema,
  finishTarget,
  hasOurSchema,
  listSequences,
  listTables,
  makePartitions,
  partitionMonths,
  prepareTarget,
  setSequence,
} from './copy.store.ts';
import { startEmbedded } from './embedded-launcher.ts';
import type { HomeDirectories } from './embedded-place.ts';
import { MIGRATIONS, migrate, pendingMigrations } from './migrate.ts';
import { connectOwner, type OwnerConnection } from './owner-connection.ts';

/** One end of a move: a server, or the embedded database of a home directory. */
export type MoveEnd =
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'home';
      readonly home: HomeDirectories;
      /** Directory of the PostgreSQL programs that wrote it, when they are of another major version. */
      readonly binaries?: string;
    };

export interface MoveOptions {
  readonly from: MoveEnd;
  readonly to: MoveEnd;
  readonly logger?: Logger;
  /** Another directory of migrations, for tests. */
  readonly migrations?: string;
}

export interface MovedTable {
  readonly name: string;
  readonly rows: number;
  /** SHA-256 of all rows in the order of the primary key, equal on both sides. */
  readonly sha256: string;
}

/** A move that was not made. The target is as it was before; the source is never changed. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
  readonly code: 'TARGET_NOT_EMPTY' | 'SOURCE_EMPTY' | 'DIFFERENT' | 'CIRCULAR';
  constructor(code: MoveRefused['code'], text: string) {
    super(text);
    this.code = code;
  }
}

/**
 * Copies the whole database to another server or home, logically: into freshly made tables, table by table, checked by
 * counts and hashes. The source is locked against writing meanwhile; stop Sealpost first. Blobs and keys are files and
 * not part of it. The source's schema is brought up to this release before (so a data directory of an older release can
 * be moved).
 */
export async function moveDatabase(options: MoveOptions): Promise<readonly MovedTable[]> {
  const logger = options.logger ?? silentLogger;
  const directory = options.migrations ?? MIGRATIONS;
  const from = await openEnd(options.from, logger);
  try {
    const to = await openEnd(options.to, logger);
    try {
      return await moveBetween(from.url, to.url, directory, logger);
    } finally {
      await to.end();
    }
  } finally {
    await from.end();
  }
}

async function openEnd(
  end: MoveEnd,
  logger: Logger,
): Promise<{ readonly url: string; end(): Promise<void> }> {
  if (end.kind === 'url') return { url: end.url, end: () => Promise.resolve() };
  const { home, binaries } = end;
  const server = await startEmbedded({ home, logger, ...(binaries === undefined ? {} : { binaries }) });
  return { url: server.url, end: () => server.stop() };
}

async function moveBetween(
  fromUrl: string,
  toUrl: string,
  directory: string,
  logger: Logger,
): Promise<readonly MovedTable[]> {
  const source = await connectOwner(fromUrl);
  const target = await connectOwner(toUrl);
  try {
    if (!(await hasOurSchema(source)))
      throw new MoveRefused('SOURCE_EMPTY', 'The source holds no Sealpost database.');
    if (await hasOurSchema(target)) {
      throw new MoveRefused(
        'TARGET_NOT_EMPTY',
        'The target holds a Sealpost database already. Choose an empty one, or drop the schemas sealpost and sealpost_meta there.',
      );
    }
    if ((await pendingMigrations({ url: fromUrl, directory })).length > 0) {
      await migrate({ url: fromUrl, logger, directory });
    }
    await migrate({ url: toUrl, logger, directory });
    try {
      return await copyAll(source, target, logger);
    } catch (error) {
      await target.script('rollback');
      await dropOurSchema(target);
      throw error;
    }
  } finally {
    await source.close();
    await target.close();
  }
}

async function copyAll(
  source: OwnerConnection,
  target: OwnerConnection,
  logger: Logger,
): Promise<readonly MovedTable[]> {
  await beginReading(source);
  await beginWriting(target);
  const tables = inOrder(await listTables(source));
  const months = await partitionMonths(source);
  const [first, last] = [months[0], months.at(-1)];
  if (first !== undefined && last !== undefined) await makePartitions(target, first, last);
  await prepareTarget(target, tables);

  const moved: MovedTable[] = [];
  for (const table of tables) {
    const reader = source.client.query(copyStreams.to(copyOutText(table)));
    const writer = target.client.query(copyStreams.from(copyInText(table)));
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(reader, hashing, writer);
    moved.push({ name: table.name, rows: reader.rowCount, sha256: hash.digest('hex') });
    logger.info('database.table-copied', { object: table.name, count: reader.rowCount });
  }
  for (const sequence of await listSequences(source)) await setSequence(target, sequence);
  for (const [index, table] of tables.entries()) await verify(target, table, moved[index]);
  await finishTarget(target, tables);
  await source.script('rollback');
  await analyze(target);
  return moved;
}

/** Reads the copy back, as the source was read. */
async function verify(
  target: OwnerConnection,
  table: CopyTable,
  expected: MovedTable | undefined,
): Promise<void> {
  const hash = createHash('sha256');
  const reader = target.client.query(copyStreams.to(copyOutText(table)));
  for await (const chunk of reader) hash.update(chunk);
  if (reader.rowCount !== expected?.rows || hash.digest('hex') !== expected.sha256) {
    throw new MoveRefused(
      'DIFFERENT',
      `Table ${table.name} is not the same after copying; nothing was moved.`,
    );
  }
}

/** What is referred to comes first. A table may refer to itself; a circle of several is refused. */
export function inOrder(tables: readonly CopyTable[]): readonly CopyTable[] {
  const ordered: CopyTable[] = [];
  const done = new Set<string>();
  let left = [...tables];
  while (left.length > 0) {
    const ready = left.filter(({ needs }) => needs.every((name) => done.has(name)));
    if (ready.length === 0) {
      throw new MoveRefused(
        'CIRCULAR',
        `These tables refer to each other in a circle: ${left.map(({ name }) => name).join(', ')}.`,
      );
    }
    for (const table of ready) {
      ordered.push(table);
      done.add(table.name);
    }
    left = left.filter(({ name }) => !done.has(name));
  }
  return ordered;
}
