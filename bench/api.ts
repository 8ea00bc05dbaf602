// npm run bench -- api [--calls N] [--seconds N]: what it costs to let a request in. The whole check of a warm session (cookie, kept
// session, CSRF value, proof, access rules, permission) and of an API key, call by call in process; and how many requests of
// a small route are answered in a second over kept connections, asked by another thread. The last line is one JSON object.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, silentLogger, systemClock } from '#platform/runtime';
import { openScratch } from '../prove/support/scratch.ts';
import { setUpFirst } from '../prove/support/tenant-doors.ts';
import { admissionParts } from '../src/platform/http/admission-parts.ts';
import { admit, type Gate } from '../src/platform/http/authenticate.ts';
import { createProofJudge } from '../src/platform/http/proof-judge.ts';
import { createRateLimiter } from '../src/platform/http/rate-limit.ts';
import { runSystem } from '../src/system/run-system.ts';
import { askInThread } from './support/api-load.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '20000' }, seconds: { type: 'string', default: '5' } },
});
const calls = Number(values.calls);
const seconds = Number(values.seconds);
if (!(calls >= 1_000 && calls <= 300_000)) throw new RangeError('--calls must be from 1,000 to 300,000');
if (!(seconds >= 1 && seconds <= 60)) throw new RangeError('--seconds must be from 1 to 60');

const PATH = '/v1/session-settings';
const say = (line: string) => void process.stdout.write(`${line}\n`);
const round = (ms: number): number => Math.round(ms * 10_000) / 10_000;

interface CheckFigures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Processor time of this process, all threads, per call. */
  readonly cpuMs: number;
}

/** Runs the check `calls` times, after a tenth of that to warm up. */
async function measure(check: (n: number) => Promise<unknown>): Promise<CheckFigures> {
  for (let n = 0; n < calls / 10; n += 1) await check(n);
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let n = 0; n < calls; n += 1) {
    const began = performance.now();
    await check(n);
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const at = (share: number): number => round(times[Math.floor(times.length * share)] ?? 0);
  return { p50Ms: at(0.5), p95Ms: at(0.95), cpuMs: round((user + system) / 1000 / calls) };
}

const scratch = openScratch('bench-api');
const ports = ['HTTP', 'PORTAL', 'SUBMISSION', 'SUBMISSIONS'].map((name) => [`SEALPOST_${name}_PORT`, '0']);
const config = loadConfig({}, { SEALPOST_HOME: join(scratch.root, 'home'), ...Object.fromEntries(ports) });
const running = await runSystem(config, silentLogger, { reach: () => undefined, volatile: true });
try {
  const apiUrl = `http://127.0.0.1:${running.servers.ports.http}`;
  const { browser, session } = await setUpFirst(running, apiUrl, 'bench');
  const { prover } = browser;
  const route = running.servers.api?.routes.find((one) => one.path === PATH && one.method === 'GET');
  if (prover === null || route === undefined) throw new Error('there is nothing to measure');
  const csrf = { 'x-sealpost-csrf': session.csrf };
  const made = await browser.ask('POST', '/v1/api-keys', {
    headers: csrf,
    body: { label: 'bench', permissions: ['access-rules:read'] },
  });
  const { secret } = made.json<{ secret: string }>();
  const { access } = running.parts.foundation;
  const gate: Gate = {
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    channel: 'api',
    limiter: createRateLimiter({ burst: 1_000, perSecond: 1_000 }, systemClock),
    proofs: createProofJudge(systemClock),
    parts: admissionParts(),
    posture: { header: undefined, proxies: [] },
    publicUrl: () => undefined,
    certificateOf: () => null,
  };
  const cookies = Object.fromEntries(browser.cookies);
  const request = (headers: Readonly<Record<string, string>>) =>
    // What the check reads of a request, and nothing else.
    ({
      method: 'GET',
      url: PATH,
      headers,
      cookies,
      ip: '127.0.0.1',
      protocol: 'http',
      host: '127.0.0.1',
      socket: { remoteAddress: '127.0.0.1' },
      id: 'bench',
      query: {},
    }) as unknown as Parameters<typeof admit>[2];

  const proven = () => request({ ...csrf, ...prover.headers('GET', PATH, session.csrf) });
  // Signing is the browser's work: the proofs are made beforehand, a thousand at a time because they are good for a minute.
  let ready: ReturnType<typeof proven>[] = [];
  const next = () => {
    const one = ready.pop();
    if (one !== undefined) return one;
    ready = Array.from({ length: 1_000 }, proven);
    return ready.pop() ?? proven();
  };
  const signing = await measure(async () => void next());
  const warm = await measure(() => admit(gate, route, next()));
  const key = await measure(() => admit(gate, route, request({ authorization: `Bearer ${secret}` })));
  const check = { ...warm, cpuMs: round(warm.cpuMs - signing.cpuMs) };
  say(
    `a warm session with its proof: p50 ${check.p50Ms} ms, p95 ${check.p95Ms} ms, ${check.cpuMs} ms of processor`,
  );
  say(`an API key: p50 ${key.p50Ms} ms, p95 ${key.p95Ms} ms, ${key.cpuMs} ms of processor`);
  const load = { url: apiUrl, path: PATH, seconds };
  const byKey = await askInThread({ ...load, headers: { authorization: `Bearer ${secret}` } });
  const bySession = await askInThread({
    ...load,
    headers: {
      ...csrf,
      cookie: Object.entries(cookies)
        .map(([name, value]) => `${name}=${value}`)
        .join('; '),
    },
    proof: { jwk: prover.jwk, csrf: session.csrf },
  });
  say(`GET ${PATH} over HTTP: ${bySession.perSecond} a second by session, ${byKey.perSecond} by API key`);
  say(JSON.stringify({ calls, session: check, apiKey: key, http: { session: bySession, apiKey: byKey } }));
} finally {
  await running.stop(1_000);
  scratch.end();
}
