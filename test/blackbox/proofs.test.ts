import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { processEnvironment } from '#platform/runtime';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LONGEST_MS = 110_000;

const MEMORY = '/dev/shm';

/** Runs one proof or benchmark as its command does, in small, and reads its last line. */
async function lastLine(args: readonly string[], temporary = tmpdir()): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    timeout: LONGEST_MS,
    env: { ...processEnvironment(), TMPDIR: temporary },
    maxBuffer: 16 * 1024 * 1024,
  });
  const last: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  if (typeof last !== 'object' || last === null) throw new TypeError('the last line is no object');
  return { ...last };
}

// In small: the full proofs are commands of their own (npm run prove -- NAME) with the same judgement.
describe('proofs', () => {
  it('crash: nothing accepted is lost, and no more is repeated than was in flight', async () => {
    const found = await lastLine(['prove/crash.ts', '--messages', '60', '--kills', '4']);
    expect(found).toMatchObject({ accepted: 60, lost: 0, unexpected: 0, kills: 5, auditOk: true });
    expect(Number(found.duplicates)).toBeLessThanOrEqual(Number(found.inFlightAtKills));
  });

  it('cleartext: no content where the peer is not verified, and the portal has it', async () => {
    const found = await lastLine(['prove/cleartext.ts', '--rounds', '1']);
    expect(found).toMatchObject({ peers: 12, clearBytes: 0, missing: 0, tellingNotices: 0 });
    expect(Number(found.portal)).toBeGreaterThan(50);
    expect(Number(found.control)).toBeGreaterThan(0);
  });

  it('audit: every kind of tampering with a small log is found', async () => {
    // It copies its database for each tampering: 400 files, which take up to a second on some disks.
    const temporary = existsSync(MEMORY) ? MEMORY : tmpdir();
    const found = await lastLine(['prove/audit.ts', '--entries', '600'], temporary);
    expect(found).toMatchObject({ entries: 600, missed: 0 });
    expect(Number(found.tampers)).toBeGreaterThan(10);
  });

  it('relay benchmark: runs from end to end and reports in the agreed form', async () => {
    const found = await lastLine([
      'bench/relay.ts',
      '--messages',
      '100',
      '--only',
      'sealpost',
      '--no-slow-flush',
    ]);
    expect(found).toMatchObject({ messages: 100, postfix: null, haraka: null, zonemta: null });
    expect(found.sealpost).toMatchObject({
      perSecond: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
      rssMb: expect.any(Number),
      cpuSecondsPer1000: expect.any(Number),
      duplicates: 0,
    });
  });
});
