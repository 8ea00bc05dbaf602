import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { makeProof } from '../../test/support/prover.ts';

export interface ApiLoad {
  readonly url: string;
  readonly path: string;
  readonly seconds: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Where each request is to be proven by a browser's key. */
  readonly proof?: { readonly jwk: JsonWebKey; readonly csrf: string };
}

export interface ApiLoadFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const LANES = 8;

/** Asks for the path again and again over eight kept connections, in a thread of its own. */
export function askInThread(load: ApiLoad): Promise<ApiLoadFigures> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: load });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function run({ url, path, seconds, headers, proof }: ApiLoad): Promise<ApiLoadFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: LANES });
  const key = proof === undefined ? null : createPrivateKey({ key: proof.jwk, format: 'jwk' });
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const signed =
        key === null || proof === undefined
          ? {}
          : { 'sealpost-proof': makeProof(key, 'GET', path, proof.csrf, Date.now()) };
      const sent = request(new URL(path, url), { agent, headers: { ...headers, ...signed } }, (answer) => {
        answer.resume();
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
        );
      });
      sent.once('error', reject);
      sent.end();
    });
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now();
      await ask();
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((times[Math.floor(times.length * share)] ?? 0) * 100) / 100;
  return { perSecond: Math.round(times.length / seconds), p50Ms: at(0.5), p95Ms: at(0.95) };
}

if (!isMainThread) parentPort?.postMessage(await run(workerData));
