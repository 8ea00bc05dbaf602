// npm run prove -- crash [--messages N] [--kills N]
// Accepts N messages (default 2,000) over SMTP and API while the system is killed with SIGKILL at random and at named
// points, and its database too, and is started again each time. The receiving peers live in this process and survive.
// At the end every accepted message must be delivered, bounced or waiting in the portal, for each of its recipients.
//
// In flight at a kill of the process: deliveries whose sending had begun and whose outcome was not known to be committed,
// written down by the process itself in a file that survives it. At a kill of the database, which the process survives:
// deliveries that it had claimed at that moment, read under a lock that holds claims and outcomes still while the
// postmaster is killed. A delivery that is in flight at both kills of one round counts once.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, silentLogger } from '#platform/runtime';
import { startSandbox } from '#sandbox';
import { connectOwner } from '../src/platform/database/owner-connection.ts';
import { openFoundation } from '../src/system/foundation.ts';
import { readLedger } from './support/crash-ledger.ts';
import { feed, type LoadState, type Target } from './support/crash-load.ts';
import { tableOf } from './support/peer-table.ts';
import { type RunningSystem, startSystem } from './support/run-system.ts';
import { openScratch } from './support/scratch.ts';
import { readSending } from './support/sending-file.ts';
import type { KillPoint } from './support/system-process.ts';
import type { SystemSpec } from './support/system-spec.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '2000' }, kills: { type: 'string' } },
});
const messages = Number(values.messages);
if (!Number.isInteger(messages) || messages < 20 || messages > 100_000)
  throw new RangeError('--messages must be a whole number from 20 to 100,000');
const rounds = Number(values.kills ?? Math.max(8, Math.round(messages / 65)));

type Plan = 'random' | 'database' | KillPoint;
const PLANS: readonly Plan[] = [
  'after-data',
  'random',
  'before-outcome',
  'database',
  'after-commit',
  'before-send',
  'random',
  'claimed',
  'after-outcome',
];
/** A named point is passed so often before the kill at most: a round's share of the messages must get there. */
const latestVisit = Math.max(2, Math.min(12, Math.floor(messages / rounds / 8)));
const LONGEST_ROUND_MS = 6_000;
const LONGEST_END_MS = 240_000;

const started = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const between = (least: number, most: number): number =>
  least + Math.floor(Math.random() * (most - least + 1));

const scratch = openScratch('prove-crash');
const { root } = scratch;
const sendingFile = join(root, 'sending');
const sandbox = await startSandbox({ messages: 1_000_000, bytes: 2 ** 31 });
const state: LoadState = { accepted: [], unanswered: 0, refused: 0 };
const sum = { kills: 0, inFlight: 0 };
/** Claims of processes that are dead, as `delivery fence`: they stay in the table until somebody claims them again. */
let stale: ReadonlySet<string> = new Set();

let target: Target | null = null;
let secret = '';
let share = 0;
let failed: unknown = null;

const spec = (plan: Plan | null): SystemSpec => ({
  home: join(root, 'home'),
  peers: tableOf(sandbox),
  limits: { leaseSeconds: 2 },
  logLevel: 'warn',
  logFile: join(root, 'system.log'),
  sendingFile,
  ...(plan === null || plan === 'random' || plan === 'database'
    ? {}
    : { killAt: { point: plan, nth: between(1, latestVisit) } }),
});

async function startAgain(plan: Plan | null): Promise<RunningSystem> {
  const system = await startSystem(spec(plan));
  if (system === null) throw new Error('the system did not start');
  secret ||= system.ready.secret ?? '';
  const now: Target = { ready: system.ready, secret, gone: false };
  target = now;
  void system.ended.then(() => {
    now.gone = true;
  });
  return system;
}

const addressOf = (system: RunningSystem): string => {
  const url = new URL(system.ready.adminUrl ?? '');
  url.pathname = '/sealpost';
  return url.href;
};

interface Claim {
  readonly item: string;
  readonly fence: string;
}

const CLAIMED = "select item, fence::text as fence from sealpost.queue where leased and kind = 'delivery'";
const nameOf = ({ item, fence }: Claim): string => `${item} ${fence}`;

/** Kills the postmaster while nothing can be claimed or concluded; returns what the living process had claimed. */
async function killDatabase(system: RunningSystem): Promise<string[]> {
  const owner = await connectOwner(addressOf(system));
  try {
    await owner.script('begin; lock table sealpost.queue in share mode');
    const rows = await owner.query<Claim>(CLAIMED);
    const [server] = await owner.query<{ pid: number }>(
      `select (regexp_split_to_array(pg_read_file('postmaster.pid'), E'\\n'))[1]::int as pid`,
    );
    process.kill(server?.pid ?? 0, 'SIGKILL');
    return rows.filter((row) => !stale.has(nameOf(row))).map(({ item }) => item);
  } finally {
    await owner.close().catch(() => undefined); // its server is dead: that was the point
  }
}

async function noteStaleClaims(system: RunningSystem): Promise<void> {
  const owner = await connectOwner(addressOf(system));
  try {
    stale = new Set((await owner.query<Claim>(CLAIMED)).map(nameOf));
  } finally {
    await owner.close();
  }
}

async function round(number: number): Promise<void> {
  const plan = PLANS[number % PLANS.length] ?? 'random';
  const system = await startAgain(plan);
  share = Math.ceil((messages * (number + 1)) / rounds);
  const timer = pause(plan === 'random' || plan === 'database' ? between(150, 1_500) : LONGEST_ROUND_MS);
  await Promise.race([system.ended, timer]);
  let claimed: readonly string[] = [];
  if (plan === 'database') {
    claimed = await killDatabase(system);
    sum.kills += 1;
    // The process lives on: it must find its database again, or be killed while it looks for it.
    await pause(between(0, 2_500));
  }
  await system.kill();
  sum.kills += 1;
  const sending = readSending(sendingFile);
  sum.inFlight += new Set([...sending, ...claimed]).size;
  // With a database that died, the next start brings it up again; its claims are then those of a dead process too.
  if (plan !== 'database') await noteStaleClaims(system);
  const atDatabase = plan === 'database' ? `, ${claimed.length} claimed when the database died` : '';
  say(
    `kill ${sum.kills} (${plan}): ${sending.length} being sent${atDatabase}; ${state.accepted.length} of ${messages} accepted`,
  );
}

async function finish(): Promise<void> {
  const system = await startAgain(null);
  share = messages;
  const giveUpAt = performance.now() + LONGEST_END_MS;
  for (;;) {
    if (failed !== null) throw failed;
    const owner = await connectOwner(addressOf(system));
    const [row] = await owner.query<{ queued: number }>('select count(*)::int as queued from sealpost.queue');
    await owner.close();
    const queued = row?.queued ?? 0;
    if (queued === 0 && state.accepted.length >= messages) break;
    if (performance.now() > giveUpAt) {
      say(`${queued} still in the queue: given up`);
      break;
    }
    await pause(200);
  }
  say('the queue is empty');
  await system.stop();
}

async function judge(): Promise<number> {
  const config = loadConfig({}, { SEALPOST_HOME: join(root, 'home') });
  const foundation = await openFoundation(config, silentLogger);
  try {
    const organisation = target?.ready.organisation;
    if (organisation === undefined) throw new Error('nothing was started');
    const complaints: string[] = [];
    const ledger = await readLedger(foundation, organisation, state.accepted, sandbox, (text) =>
      complaints.push(text),
    );
    for (const text of complaints.slice(0, 20)) console.log(text);
    await foundation.audit.sequence(organisation);
    const audit = await foundation.audit.verify(organisation);
    say(
      `ends: ${JSON.stringify(ledger.states)}; ${state.unanswered} submissions by SMTP stayed without answer`,
    );
    say(
      `audit log of ${audit.size} entries: ${audit.ok ? 'verified' : `NOT in order: ${JSON.stringify(audit.findings[0])}`}`,
    );
    console.log(
      JSON.stringify({
        accepted: state.accepted.length,
        lost: ledger.lost,
        duplicates: ledger.duplicates,
        inFlightAtKills: sum.inFlight,
        kills: sum.kills,
        deliveries: ledger.deliveries,
        unexpected: ledger.unexpected,
        auditEntries: audit.size,
        auditOk: audit.ok,
      }),
    );
    const good =
      ledger.lost === 0 &&
      ledger.unexpected === 0 &&
      ledger.duplicates <= sum.inFlight &&
      audit.ok &&
      state.accepted.length >= messages;
    return good ? 0 : 1;
  } finally {
    await foundation.close();
  }
}

try {
  const load = feed(
    {
      wanted: messages,
      parallel: 6,
      async target() {
        while (target === null || target.gone) await pause(20);
        return target;
      },
      async mayGo(acceptedSoFar) {
        while (acceptedSoFar >= share && share < messages) await pause(20);
      },
    },
    state,
  ).catch((error: unknown) => {
    failed = error;
  });
  for (let number = 0; number < rounds && failed === null; number += 1) await round(number);
  await finish();
  await load;
  if (failed !== null) throw failed;
  process.exitCode = await judge();
} finally {
  await sandbox.stop();
  scratch.end();
}
