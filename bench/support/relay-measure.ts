import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Credentials } from '../../src/sandbox/certificates.ts';
import { cpuByName, cpuSeconds, MemoryWatch } from './process-tree.ts';
import type { LoadReport, LoadSpec } from './relay-load.ts';
import type { SinkReport, SinkSpec } from './relay-sink.ts';

export interface RelayTask {
  readonly root: string;
  readonly messages: number;
  readonly connections: number;
  readonly size: number;
  readonly sinkHost: string;
  readonly domain: string;
  readonly authorityFile: string;
  readonly authority: string;
  readonly sinkCertificate: Credentials;
  readonly serverCertificate: Credentials;
}

/** A relay that can be measured. */
export interface RelaySide {
  start(sinkPort: number): Promise<RelayUnderTest>;
}

export interface RelayUnderTest {
  readonly port: number;
  readonly credentials: LoadSpec['credentials'];
  /** Processes that, with everything below them, are the relay. */
  readonly roots: readonly number[];
  stop(): Promise<void>;
}

export interface RelayFigures {
  /** From the first accept to the last delivery. */
  readonly perSecond: number;
  readonly acceptedPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  readonly cpuSecondsPer1000: number;
  readonly duplicates: number;
  /** A second run at a rate below what either side manages, where the latency is not that of a backlog. */
  readonly pacedPerSecond: number;
  readonly pacedP50Ms: number;
  readonly pacedP99Ms: number;
  readonly cpuByProgram: string;
}

const WARM_UP = 200;
const PACED_PER_SECOND = 100;
const DEADLINE_MS = 300_000;

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** One question to a helper process, one answer. */
function ask<Answer>(child: ChildProcess, question: object | string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const died = (): void => reject(new Error('a helper process of the benchmark ended'));
    child.once('exit', died);
    child.once('message', (answer: Answer) => {
      child.off('exit', died);
      resolve(answer);
    });
    child.send(question);
  });
}

async function withHelper<T>(name: string, work: (child: ChildProcess) => Promise<T>): Promise<T> {
  const child = fork(program(name), [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    return await work(child);
  } finally {
    if (child.connected) child.disconnect(); // it ends itself then
  }
}

interface Run {
  readonly load: LoadReport;
  readonly sink: SinkReport;
}

/** Sends and waits until the sink has everything. */
async function drive(
  task: RelayTask,
  sink: ChildProcess,
  relay: RelayUnderTest,
  { first, messages, perSecond }: { first: number; messages: number; perSecond: number | null },
): Promise<Run> {
  await ask<string>(sink, 'reset');
  const spec: LoadSpec = {
    port: relay.port,
    credentials: relay.credentials,
    connections: Math.min(task.connections, messages),
    messages,
    first,
    size: task.size,
    from: 'staff@clinic.test',
    to: Array.from({ length: 50 }, (_, index) => `patient${index}@${task.domain}`),
    perSecond,
  };
  const load = await withHelper('./relay-load.ts', (child) => ask<LoadReport>(child, spec));
  const wanted = load.accepted.filter((at) => at > 0).length;
  const giveUpAt = Date.now() + DEADLINE_MS;
  for (;;) {
    const report = await ask<SinkReport>(sink, 'report');
    const arrived = report.arrivals.slice(first).filter((at) => at > 0).length;
    if (arrived >= wanted) return { load, sink: report };
    if (Date.now() > giveUpAt) throw new Error(`only ${arrived} of ${wanted} messages arrived`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function latencies({ load, sink }: Run, first: number): number[] {
  return load.accepted
    .map((at, index) => (sink.arrivals[first + index] ?? 0) - at)
    .map((ms) => Math.max(0, ms)) // a relay may deliver before its 250 has been read
    .sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;

/** Warms up, runs as fast as it goes, then paced. */
export async function measure(task: RelayTask, side: RelaySide): Promise<RelayFigures> {
  return withHelper('./relay-sink.ts', async (sink) => {
    const spec: SinkSpec = { host: task.sinkHost, ...task.sinkCertificate };
    const sinkPort = await ask<number>(sink, spec);
    const relay = await side.start(sinkPort);
    try {
      await drive(task, sink, relay, { first: 0, messages: WARM_UP, perSecond: null });
      const memory = new MemoryWatch(relay.roots);
      const cpuBefore = cpuSeconds(relay.roots);
      const before = cpuByName(relay.roots);
      const first = WARM_UP;
      const run = await drive(task, sink, relay, { first, messages: task.messages, perSecond: null });
      // What is left to be written after the last delivery (outcomes, audit order) belongs to the work.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const cpu = cpuSeconds(relay.roots) - cpuBefore;
      const after = cpuByName(relay.roots);
      const rssMb = memory.stop();
      const second = first + task.messages;
      const pacedMessages = Math.min(1_000, task.messages);
      const paced = await drive(task, sink, relay, {
        first: second,
        messages: pacedMessages,
        perSecond: PACED_PER_SECOND,
      });
      if (run.sink.clear + paced.sink.clear > 0) throw new Error('a message came to the sink in clear');
      console.log(`  outgoing connections: ${JSON.stringify(run.sink.ciphers)}`);
      const waits = latencies(run, first);
      const pacedWaits = latencies(paced, second);
      const firstAccept = Math.min(...run.load.accepted.filter((time) => time > 0));
      const lastDelivery = Math.max(...run.sink.arrivals);
      return {
        perSecond: Math.round((task.messages * 1000) / (lastDelivery - firstAccept)),
        acceptedPerSecond: Math.round((task.messages * 1000) / (run.load.endedAt - run.load.startedAt)),
        p50Ms: at(waits, 0.5),
        p99Ms: at(waits, 0.99),
        rssMb: Math.round(rssMb),
        cpuSecondsPer1000: Math.round((cpu * 1_000 * 1_000) / task.messages) / 1_000,
        duplicates: run.sink.repeated,
        pacedPerSecond: PACED_PER_SECOND,
        pacedP50Ms: at(pacedWaits, 0.5),
        pacedP99Ms: at(pacedWaits, 0.99),
        cpuByProgram: [...after]
          .map(([name, seconds]) => ({ name, seconds: seconds - (before.get(name) ?? 0) }))
          .filter(({ seconds }) => seconds >= 0.05)
          .sort((a, b) => b.seconds - a.seconds)
          .map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`)
          .join(', '),
      };
    } finally {
      await relay.stop();
    }
  });
}
