// npm run prove -- audit [--entries N] [--full] [--flips N] [--minutes M]
// Writes a log of N entries (default 100,000) into a temporary cluster, checks that verification finds nothing in it,
// then tampers with copies of it in every way that it knows, one at a time, and counts those that verification misses.
// Then single octets are changed in random rows and columns, each change verified alone and undone (default 200; none
// with `--full`, which is a million entries). `--minutes` ends it earlier: what is left over is named, and is a failure.
import { randomInt } from 'node:crypto';
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
import { newId, systemClock } from '#platform/runtime';
import { decodeLeaf } from '../src/platform/audit/list.ts';
import { connectOwner, type OwnerConnection } from '../src/platform/database/owner-connection.ts';
import { type Flip, flipOctet, LOG_TABLES } from './support/audit-flips.ts';
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
  /** Single octets to change. */
  readonly flips: number;
  /** Tampering begins no new try after so many milliseconds of the whole run. */
  readonly untilMs: number;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      ...{ entries: { type: 'string' }, full: { type: 'boolean' } },
      ...{ flips: { type: 'string' }, minutes: { type: 'string' } },
    },
  });
  const entries = Number(values.entries ?? (values.full === true ? 1_000_000 : 100_000));
  if (!Number.isInteger(entries) || entries < 600 || entries > 5_000_000) {
    throw new RangeError('--entries must be a whole number from 600 to 5,000,000');
  }
  const flips = Number(values.flips ?? (values.full === true ? 0 : 200));
  if (!Number.isInteger(flips) || flips < 0) throw new RangeError('--flips must be a whole number from 0');
  const minutes = Number(values.minutes ?? 600);
  if (!(minutes > 0)) throw new RangeError('--minutes must be a number above 0');
  return { entries, flips, untilMs: minutes * 60_000 };
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
  // Files are copied as they are: through the write-ahead log, the default, a million entries take a minute.
  await admin.script(`create database ${COPY} template ${ORIGINAL} strategy file_copy`);
}

/** True when every finding that the tampering must lead to is there. */
function isFound(tamper: Tamper, verification: Verification, size: number): boolean {
  const kinds = new Set(verification.findings.map((finding) => finding.kind));
  if (!tamper.found.every((kind) => kinds.has(kind))) return false;
  if (tamper.at === undefined) return true;
  const first = verification.findings.find((finding) => finding.kind === tamper.found[0]);
  return first?.from === tamper.at(size);
}

async function tryTamper(bench: Bench, tamper: Tamper, label: string): Promise<boolean> {
  const began = performance.now();
  await recopy(bench);
  const { organisation, signer, entries: size } = bench;
  const sql = await connectOwner(bench.addressOf(COPY, true));
  try {
    // Whoever is superuser can switch triggers off as well; row by row they cost more than the tampering.
    await sql.script('set session_replication_role = replica; begin');
    await tamper.apply({ sql, organisation, size, signer });
    await sql.script('commit');
  } finally {
    await sql.close();
  }
  const before = performance.now();
  const verification = await withAudit(bench, COPY, (audit) => audit.verify(organisation));
  const found = isFound(tamper, verification, size);
  const kinds = [...new Set(verification.findings.map((finding) => finding.kind))].join(', ');
  const prepared = Math.round((before - began) / 100) / 10;
  const took = `tampered in ${prepared} s, verified in ${seconds(before)} s, ${megabytes()} MB`;
  console.log(`${label} ${found ? 'found ' : 'MISSED'}  ${tamper.name}: ${kinds || 'nothing'} (${took})`);
  return found;
}

/** A change at random: the columns in turn, so that each gets its share. */
function randomFlip(entries: number, number: number): Flip {
  const columns = Object.entries(LOG_TABLES)
    .filter(([table]) => table !== 'audit_unordered') // empty: nothing waits
    .flatMap(([table, { columns }]) => Object.keys(columns).map((column) => ({ table, column })));
  const place = columns[number % columns.length];
  if (place === undefined) throw new Error('no columns');
  // In a full tile, so that there is one to change.
  const position = randomInt(Math.floor(entries / 256) * 256);
  return { ...place, position, at: Math.random(), mask: randomInt(1, 256) };
}

/** Changes single octets of one copy, each verified alone and undone; returns how many were missed. */
async function tryFlips(
  bench: Bench,
  flips: number,
  untilMs: number,
): Promise<{ tried: number; missed: number }> {
  if (flips === 0) return { tried: 0, missed: 0 };
  const { organisation, entries } = bench;
  await recopy(bench);
  const sql = await connectOwner(bench.addressOf(COPY, true));
  const verify = () => withAudit(bench, COPY, (audit) => audit.verify(organisation));
  let missed = 0;
  let tried = 0;
  try {
    await sql.script('set session_replication_role = replica');
    while (tried < flips && performance.now() - started < untilMs) {
      const flip = randomFlip(entries, tried);
      const flipped = await flipOctet(sql, organisation, flip);
      if (flipped === null) continue; // the database cannot hold that: another one
      tried += 1;
      const verification = await verify();
      if (verification.ok) {
        missed += 1;
        console.log(`MISSED  a changed octet: ${JSON.stringify(flip)}`);
      }
      await flipped.undo();
      if (tried % 20 === 0) console.log(`${tried} of ${flips} single octets changed, ${missed} missed`);
    }
    // All of them undone nothing is found: so each finding was of its change.
    if (!(await verify()).ok) throw new Error('the log is not what it was before its octets were changed');
  } finally {
    await sql.close();
  }
  return { tried, missed };
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
    const subject = await subjectAt(bench, Math.floor(bench.entries / 3));
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

/** Id of the subject of the entry at a position. */
async function subjectAt(bench: Bench, position: number): Promise<string> {
  const sql = await connectOwner(bench.addressOf(ORIGINAL, true));
  const [row] = await sql.query<{ leaf: Buffer }>(
    `select e.leaf from sealpost.audit_order o join sealpost.audit_entry e on e.id = o.entry
     where o.organisation = $1 and o.position = $2`,
    [bench.organisation, position],
  );
  await sql.close();
  return decodeLeaf(row?.leaf ?? Buffer.alloc(0))?.subjects[0]?.id ?? '';
}

/** Every tampering, each in a fresh copy. */
async function tryTampers(
  bench: Bench,
  untilMs: number,
): Promise<{ tampers: number; notTried: number; missed: number }> {
  const possible = TAMPERS.filter((tamper) => (tamper.least ?? 0) <= bench.entries);
  let missed = 0;
  let tried = 0;
  for (const tamper of possible) {
    if (performance.now() - started > untilMs) break;
    tried += 1;
    if (!(await tryTamper(bench, tamper, `${tried}/${possible.length}`))) missed += 1;
  }
  for (const { name } of possible.slice(tried)) console.log(`not tried for want of time: ${name}`);
  return { tampers: tried, notTried: possible.length - tried, missed };
}

/** What went wrong: tamperings and changes that were missed or, for want of time, not tried. */
async function prove(bench: Bench, { flips, untilMs }: Plan): Promise<number> {
  await grow(bench);
  const clean = await verifyClean(bench);
  const placeSeconds = await placeBacklog(bench);
  console.log(`a backlog of ${bench.entries} entries is placed in ${placeSeconds.toFixed(2)} s`);
  // Before the index is filled: it is no part of the log, and the copies are smaller.
  const tampered = await tryTampers(bench, untilMs);
  const changed = await tryFlips(bench, flips, untilMs);
  const searched = await searchAll(bench);
  console.log(
    JSON.stringify({
      entries: bench.entries,
      ...tampered,
      octets: changed.tried,
      octetsMissed: changed.missed,
      seconds: seconds(started),
      verifySeconds: clean.seconds,
      verifyRssMb: clean.rssMb,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      ...searched,
      placeSeconds: Math.round(placeSeconds * 100) / 100,
    }),
  );
  return tampered.missed + tampered.notTried + changed.missed + flips - changed.tried;
}

const plan = readPlan();
const { entries } = plan;
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
    const wrong = await prove(
      { admin, addressOf, organisation, signer, witness, entries, scratch: root },
      plan,
    );
    process.exitCode = wrong > 0 ? 1 : 0;
  } finally {
    await admin.close();
  }
} finally {
  await server.stop();
  scratch.end();
}
