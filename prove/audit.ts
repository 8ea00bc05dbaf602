// npm run prove -- audit [--entries N] [--full] [--minutes M]
// Writes a log of N entries (default 100,000) into a temporary cluster, checks that verification finds nothing in it,
// then tampers with copies of it in every way that it knows, one at a time, and counts those that verification misses.
// `--full` is a million entries, of which at most nine minutes go into tampering: what is left over is named.
import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { OrganisationId } from '#core/ids';
import {
  type AuditQuery,
  createAudit,
  createFileWitness,
  type NoteSigner,
  type Verification,
  type Witness,
} from '#platform/audit';
import { migrate, openDatabase, startEmbedded } from '#platform/database';
import { idTime, newId, systemClock } from '#platform/runtime';
import { connectOwner, type OwnerConnection } from '../src/platform/database/owner-connection.ts';
import { freshSigner, growLog } from './support/audit-log.ts';
import { TAMPERS, type Tamper } from './support/audit-tampers.ts';
import { openScratch } from './support/scratch.ts';

const ORIGINAL = 'audit_proof';
const COPY = 'audit_proof_copy';

interface Bench {
  readonly admin: OwnerConnection;
  readonly addressOf: (database: string, superuser: boolean) => string;
  readonly organisation: OrganisationId;
  readonly signer: NoteSigner;
  readonly witness: Witness;
  readonly entries: number;
  /** A directory that goes with the cluster. */
  readonly scratch: string;
}

const started = performance.now();
const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
const megabytes = (): number => Math.round(process.memoryUsage().rss / 1_048_576);

interface Plan {
  readonly entries: number;
  /** Tampering begins no new try after so many milliseconds of the whole run. */
  readonly untilMs: number;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: { entries: { type: 'string' }, full: { type: 'boolean' }, minutes: { type: 'string' } },
  });
  const entries = Number(values.entries ?? (values.full === true ? 1_000_000 : 100_000));
  if (!Number.isInteger(entries) || entries < 600 || entries > 5_000_000) {
    throw new RangeError('--entries must be a whole number from 600 to 5,000,000');
  }
  const minutes = Number(values.minutes ?? (values.full === true ? 9 : 600));
  if (!(minutes > 0)) throw new RangeError('--minutes must be a number above 0');
  return { entries, untilMs: minutes * 60_000 };
}

/** Opens one of the databases as the program would, for as long as the work takes. */
async function withAudit<T>(
  bench: Bench,
  database: string,
  work: (audit: ReturnType<typeof createAudit>, pool: ReturnType<typeof openDatabase>) => Promise<T>,
): Promise<T> {
  const pool = openDatabase({ url: bench.addressOf(database, false), poolSize: 4 });
  try {
    const audit = createAudit({
      database: pool,
      clock: systemClock,
      signer: () => Promise.resolve(bench.signer),
      verifiers: () => Promise.resolve([bench.signer]),
      witness: bench.witness,
    });
    return await work(audit, pool);
  } finally {
    await pool.close();
  }
}

async function grow(bench: Bench): Promise<void> {
  const { organisation, entries } = bench;
  await withAudit(bench, ORIGINAL, async (audit, pool) => {
    const before = performance.now();
    await growLog(pool, audit, organisation, { count: entries, checkpoints: 40 });
    console.log(`written and placed ${entries} entries in ${seconds(before)} s`);
  });
}

/** Places a backlog of the same size at once, in a copy: the sequencer's own speed. */
async function placeBacklog(bench: Bench): Promise<number> {
  await recopy(bench);
  const owner = await connectOwner(bench.addressOf(COPY, true));
  await owner.script(`
    insert into sealpost.audit_unordered (id, organisation) select entry, organisation from sealpost.audit_order;
    truncate sealpost.audit_order, sealpost.audit_tile, sealpost.audit_checkpoint`);
  await owner.close();
  const blind = { ...bench, witness: createFileWitness(join(bench.scratch, 'backlog-witness')) };
  return withAudit(blind, COPY, async (audit) => {
    const before = performance.now();
    // One call leaves the others their turn after some hundred thousand.
    let placed = 0;
    for (let more = -1; more !== 0; placed += more) more = (await audit.sequence()).placed;
    const took = (performance.now() - before) / 1000;
    if (placed !== bench.entries) throw new Error('the backlog was not placed whole');
    return took;
  });
}

async function recopy({ admin }: Bench): Promise<void> {
  await admin.script(`drop database if exists ${COPY} with (force)`);
  await admin.script(`create database ${COPY} template ${ORIGINAL}`);
}

/** True when every finding that the tampering must lead to is there. */
function isFound(tamper: Tamper, verification: Verification, size: number): boolean {
  const kinds = new Set(verification.findings.map((finding) => finding.kind));
  if (!tamper.found.every((kind) => kinds.has(kind))) return false;
  if (tamper.at === undefined) return true;
  const first = verification.findings.find((finding) => finding.kind === tamper.found[0]);
  return first?.from === tamper.at(size);
}

async function tryTamper(bench: Bench, tamper: Tamper): Promise<boolean> {
  await recopy(bench);
  const { organisation, signer, entries: size } = bench;
  const sql = await connectOwner(bench.addressOf(COPY, true));
  try {
    await sql.script('begin');
    await tamper.apply({ sql, organisation, size, signer });
    await sql.script('commit');
  } finally {
    await sql.close();
  }
  const before = performance.now();
  const verification = await withAudit(bench, COPY, (audit) => audit.verify(organisation));
  const found = isFound(tamper, verification, size);
  const kinds = [...new Set(verification.findings.map((finding) => finding.kind))].join(', ');
  console.log(`${found ? 'found ' : 'MISSED'}  ${tamper.name}: ${kinds || 'nothing'} (${seconds(before)} s)`);
  return found;
}

async function verifyClean(bench: Bench): Promise<{ seconds: number; rssMb: number }> {
  return withAudit(bench, ORIGINAL, async (audit) => {
    const before = performance.now();
    let peak = megabytes();
    const onProgress = (): void => {
      peak = Math.max(peak, megabytes());
    };
    const verification = await audit.verify(bench.organisation, { onProgress });
    if (!verification.ok || verification.size !== bench.entries) {
      throw new Error(`the untouched log does not verify: ${verification.findings[0]?.kind ?? 'wrong size'}`);
    }
    console.log(`the untouched log verifies clean in ${seconds(before)} s, process at ${peak} MB`);
    return { seconds: seconds(before), rssMb: peak };
  });
}

/** Fills the index of the whole log and searches it: for what is frequent, for what is rare, and for what is not there. */
async function searchAll(bench: Bench): Promise<{ indexSeconds: number; searchMs: number }> {
  const { organisation } = bench;
  return withAudit(bench, ORIGINAL, async (audit, pool) => {
    const before = performance.now();
    let indexed = 0;
    for (let done = -1; done !== 0; indexed += done) done = await audit.index(organisation);
    if (indexed !== bench.entries) throw new Error('the log was not indexed whole');
    const took = (performance.now() - before) / 1000;
    const list = (query: AuditQuery) =>
      pool.tenant([organisation], 'app', (tx) => audit.list(tx, organisation, query));
    const early = await list({
      limit: 50,
      until: idTime(await entryAt(bench, Math.floor(bench.entries / 2))) ?? new Date(),
    });
    const subject = early?.lines.flatMap(({ entry }) => entry?.subjects ?? [])[0]?.id;
    if (subject === undefined) throw new Error('no entry of the first half names a subject');
    const refused = Math.min(50, Math.ceil(bench.entries / 50));
    const questions: [string, Omit<AuditQuery, 'limit'>, number][] = [
      ['an action of every fifth entry', { action: 'policy.changed' }, 50],
      ['every fiftieth, refused', { result: 'refused' }, refused],
      ['an action that is refused', { action: 'message.', result: 'refused' }, refused],
      ['one subject among all', { subject }, 1],
      ['nothing', { actors: new Set([newId()]) }, 0],
    ];
    let slowest = 0;
    for (const [name, query, expected] of questions) {
      const began = performance.now();
      const found = (await list({ ...query, limit: 50 }))?.lines.length;
      const ms = performance.now() - began;
      slowest = Math.max(slowest, ms);
      console.log(`searched for ${name}: ${found} in ${ms.toFixed(1)} ms`);
      if (found !== Math.min(expected, 50)) throw new Error(`the search for ${name} found ${found}`);
    }
    return { indexSeconds: Math.round(took * 10) / 10, searchMs: Math.round(slowest) };
  });
}

/** Id of the entry at a position. */
async function entryAt(bench: Bench, position: number): Promise<string> {
  const sql = await connectOwner(bench.addressOf(ORIGINAL, true));
  const [row] = await sql.query<{ entry: string }>(
    'select entry from sealpost.audit_order where organisation = $1 and position = $2',
    [bench.organisation, position],
  );
  await sql.close();
  return row?.entry ?? '';
}

async function prove(bench: Bench, untilMs: number): Promise<number> {
  await grow(bench);
  const clean = await verifyClean(bench);
  const placeSeconds = await placeBacklog(bench);
  console.log(`a backlog of ${bench.entries} entries is placed in ${placeSeconds.toFixed(2)} s`);
  const searched = await searchAll(bench);
  const possible = TAMPERS.filter((tamper) => (tamper.least ?? 0) <= bench.entries);
  let missed = 0;
  let tried = 0;
  for (const tamper of possible) {
    if (performance.now() - started > untilMs) break;
    tried += 1;
    if (!(await tryTamper(bench, tamper))) missed += 1;
  }
  for (const { name } of possible.slice(tried)) console.log(`not tried for want of time: ${name}`);
  console.log(
    JSON.stringify({
      entries: bench.entries,
      tampers: tried,
      notTried: possible.length - tried,
      missed,
      seconds: seconds(started),
      verifySeconds: clean.seconds,
      verifyRssMb: clean.rssMb,
      ...searched,
      placeSeconds: Math.round(placeSeconds * 100) / 100,
    }),
  );
  return missed;
}

const { entries, untilMs } = readPlan();
/** In memory where there is room for it: the copies are thousands of files, and what is measured is not the disk. */
function scratchBase(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 20_000 * entries + 2 * 1024 ** 3 ? memory : tmpdir();
}
const scratch = openScratch('prove-audit', scratchBase());
const { root } = scratch;
const own = join(root, 'home');
const home = { root: own, data: join(own, 'data'), run: join(own, 'run') };
const server = await startEmbedded({ home, volatile: true });
try {
  const addressOf = (database: string, superuser: boolean): string => {
    const url = new URL(superuser ? server.adminUrl : server.url);
    url.pathname = `/${database}`;
    return url.href;
  };
  const admin = await connectOwner(server.adminUrl);
  try {
    await admin.script(`create database ${ORIGINAL} owner sealpost_owner`);
    await migrate({ url: addressOf(ORIGINAL, false) });
    const organisation = newId() as OrganisationId;
    const signer = freshSigner(organisation);
    const witness = createFileWitness(join(root, 'witness'));
    const missed = await prove(
      { admin, addressOf, organisation, signer, witness, entries, scratch: root },
      untilMs,
    );
    process.exitCode = missed > 0 ? 1 : 0;
  } finally {
    await admin.close();
  }
} finally {
  await server.stop();
  scratch.end();
}
