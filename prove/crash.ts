// npm run prove -- crash [--messages N] [--kills N]
// Accepts N messages (default 2,000) over SMTP and API while the system is killed with SIGKILL at random and at named
// points, and its database too, and is started again each time. The receiving peers live in this process and survive.
// At the end every accepted message must be delivered, bounced or waiting in the portal, for each of its recipients.
//
// In flight at a kill of the process: sends begun whose outcome was not known to be committed, counted by the process
// itself in a file that survives it. At a kill of the database: deliveries claimed by the worker at that moment,
// counted under a lock that holds claims and outcomes still while the postmaster is killed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, silentLogger } from '#platform/runtime';
import { startSandbox } from '#sandbox';
import { connectOwner } from '../src/platform/database/owner-connection.ts';
import { openFoundation } from '../src/system/foundation.ts';
import { readLedger } from './support/crash-ledger.ts';
import { feed, type LoadState, type Target } from './support/crash-load.ts';
import { readInFlight } from './support/in-flight-counter.ts';
import { tableOf } from './support/peer-table.ts';
import { type RunningSystem, startSystem } from './support/run-system.ts';
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
const LONGEST_ROUND_MS = 6_000;
const LONGEST_END_MS = 240_000;

const started = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const between = (least: number, most: number): number =>
  least + Math.floor(Math.random() * (most - least + 1));

const root = mkdtempSync(join(tmpdir(), 'sealpost-prove-crash-'));
const counterFile = join(root, 'in-flight');
const sandbox = await startSandbox({ messages: 1_000_000, bytes: 2 ** 31 });
const state: LoadState = { accepted: [], unanswered: 0, refused: 0 };
const sum = { kills: 0, inFlight: 0, leased: 0 };

let target: Target | null = null;
let secret = '';
let share = 0;
let failed: unknown = null;

const spec = (plan: Plan | null): SystemSpec => ({
  home: join(root, 'home'),
  peers: tableOf(sandbox),
  limits: { leaseSeconds: 2 },
  logLevel: 'error',
  counterFile,
  ...(plan === null || plan === 'random' || plan === 'database'
    ? {}
    : { killAt: { point: plan, nth: between(1, 12) } }),
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

/** Kills the postmaster while nothing can be claimed or concluded, and counts what was claimed. */
async function killDatabase(system: RunningSystem): Promise<number> {
  const owner = await connectOwner(addressOf(system));
  let count = 0;
  try {
    await owner.script('begin; lock table sealpost.queue in share mode');
    const [row] = await owner.query<{ count: number }>(
      'select count(*)::int as count from sealpost.queue where leased',
    );
    count = row?.count ?? 0;
    const [server] = await owner.query<{ pid: number }>(
      `select (regexp_split_to_array(pg_read_file('postmaster.pid'), E'\\n'))[1]::int as pid`,
    );
    process.kill(server?.pid ?? 0, 'SIGKILL');
  } finally {
    await owner.close().catch(() => undefined); // its server is dead: that was the point
  }
  return count;
}

async function leasedNow(system: RunningSystem): Promise<number> {
  const owner = await connectOwner(addressOf(system));
  try {
    const [row] = await owner.query<{ count: number }>(
      'select count(*)::int as count from sealpost.queue where leased',
    );
    return row?.count ?? 0;
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
  let claimed = 0;
  if (plan === 'database') {
    claimed = await killDatabase(system);
    sum.kills += 1;
    // The process lives on: it must find its database again, or be killed while it looks for it.
    await pause(between(0, 2_500));
  }
  await system.kill();
  sum.kills += 1;
  const sending = readInFlight(counterFile);
  sum.inFlight += sending + claimed;
  if (plan !== 'database') sum.leased += await leasedNow(system);
  say(
    `kill ${sum.kills} (${plan}): ${sending} being sent${plan === 'database' ? `, ${claimed} claimed when the database died` : ''}; ${state.accepted.length} of ${messages} accepted`,
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
        leasedAtKills: sum.leased,
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
  rmSync(root, { recursive: true, force: true });
}
