import { mkdtempSync, rmSync } from 'node:fs';
import { fork } from 'node:child_process';
import { PERMISSIONS } from '#core/actor';
import { newId, loadConfig, silentLogger } from '#platform/runtime';
import { openSystem } from '../src/system/open-system.ts';
import { prepareOrganisation } from '../src/system/prepare-organisation.ts';
import { networkOf } from '../prove/support/peer-table.ts';
import { cpuSeconds } from './support/process-tree.ts';
import { createAuthority } from '../src/sandbox/certificates.ts';
const root = mkdtempSync('/dev/shm/sp-road-');
const N = Number(process.argv[2] ?? 3000);
const authority = await createAuthority(new Date());
const sink = fork(new URL('./support/relay-sink.ts', import.meta.url).pathname, [], { execArgv: [] });
const ask = (q: any) => new Promise<any>((r) => { sink.once('message', r); sink.send(q); });
const port = await ask({ host: 'localhost', ...(await authority.issue('localhost')) });
const parts = await openSystem(loadConfig({}, { SEALPOST_HOME: root, ...(process.env.X ? JSON.parse(process.env.X) : {}) }), silentLogger, { reach: () => undefined, volatile: true, network: networkOf({ domains: { 'sink.test': ['localhost'] }, hosts: { localhost: { address: '127.0.0.1', port } }, roots: [authority.root] }) });
const { database, keyring, access } = parts.foundation;
const id = newId() as never;
await database.tenant([id], 'app', async (tx) => { await access.organisations.create(tx, { id, name: 'C', slug: 'clinic', domain: 'clinic.test' }); await prepareOrganisation({ keyring, policies: parts.policies }, tx, id, 'clinic.test', { kind: 'system', component: 't' }); });
const caller: any = { organisation: id, actor: { kind: 'api-key', apiKey: newId() }, origin: { address: null, channel: 'smtp' }, permissions: new Set(PERMISSIONS), request: newId() };
let next = 0;
const body = (n: number) => Buffer.from(`From: <staff@clinic.test>\r\nTo: <a@sink.test>\r\nSubject: Hello there you\r\nMessage-ID: <x${n}@clinic.test>\r\nX-Bench: ${n}            \r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\n` + ('x'.repeat(76) + '\r\n').repeat(256));
async function run(n: number) { let k = 0; await Promise.all(Array.from({ length: 20 }, async () => { while (k < n) { k++; const m = next++; await parts.intake.submit(caller, { sender: { local: 'staff', domain: 'clinic.test' }, recipients: [{ local: 'p' + (m % 50), domain: 'sink.test' }] } as any, body(m), { source: 'smtp' }); } })); }
const pm = parts.foundation.embedded!.pid();
async function phase(name: string, n: number, work: () => Promise<void>) {
  const pg0 = cpuSeconds([pm]), n0 = process.cpuUsage(), t0 = performance.now();
  await work();
  const pg = cpuSeconds([pm]) - pg0, c = process.cpuUsage(n0), s = (performance.now() - t0) / 1000;
  console.log(`${name}: ${(n / s).toFixed(0)}/s  pg ${(pg / n * 1e3).toFixed(3)} ms  node ${((c.user + c.system) / 1e3 / n).toFixed(3)} ms`);
}
async function drained() { for (;;) { const d = await parts.foundation.record.queueDepth(); if (d.every((x) => x.due + x.waiting === 0)) return; await new Promise((r) => setTimeout(r, 100)); } }
await run(100);
await phase('accept ', N, () => run(N));
parts.startWorker();
await phase('deliver', N + 100, drained);
await phase('accept+deliver', N, async () => { await run(N); await drained(); });
sink.disconnect();
await parts.close(); rmSync(root, { recursive: true, force: true });
