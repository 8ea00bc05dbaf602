import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Protector } from '#core/protection';
import { protectWithPgp } from '#journey/4-protect';
import { judgeKey, makePgpKey, type PrivateKey, readPublicKey } from '#platform/keyring';
import { contentOf } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { createSealer } from '../../src/journey/4-protect/sealing/seal-task.ts';
import { protectRequest } from '../../test/support/protect-request.ts';

/** Messages protected in a second of one core, by us in process and by gpg started for each message. */
export interface PgpFigures {
  readonly perSecond: number;
  readonly gpgPerSecond: number;
  readonly ratio: number;
}

const SECONDS = 5;
const ROUNDS = 3;
const SIZE = 50 * 1024;
const SENDER = 'office@clinic.test';
const RECIPIENT = 'anna@example.org';

/**
 * The same messages of 50 KB, signed and encrypted to the same kind of key (Curve25519), by both, in turns. A core's
 * second is processor time of all threads (ours) or of the process and its children (gpg with its agent's part left
 * out, to its advantage).
 */
export async function measurePgp(say: (line: string) => void): Promise<PgpFigures> {
  const home = mkdtempSync(join(tmpdir(), 'sp-bench-'));
  const message = sampleMessage();
  try {
    const [clinic, anna] = await Promise.all([
      makePgpKey('Clinic', SENDER, new Date()),
      makePgpKey('Anna', RECIPIENT, new Date()),
    ]);
    importKeys(home, clinic, anna, message);
    const protector = await openProtector(clinic, anna);
    await ours(protector, message, 1);
    theirs(home, 1);
    const mine: number[] = [];
    const gpg: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      mine.push(await ours(protector, message, SECONDS));
      gpg.push(theirs(home, SECONDS));
      say(
        `round ${round + 1}: in process ${mine.at(-1)?.toFixed(0)}/s, gpg ${gpg.at(-1)?.toFixed(0)}/s, per core`,
      );
    }
    const perSecond = median(mine);
    const gpgPerSecond = median(gpg);
    return {
      perSecond: round(perSecond),
      gpgPerSecond: round(gpgPerSecond),
      ratio: round(perSecond / gpgPerSecond),
    };
  } finally {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  }
}

function sampleMessage(): Buffer {
  const header = `From: ${SENDER}\r\nTo: ${RECIPIENT}\r\nSubject: Results\r\nContent-Type: text/plain\r\n\r\n`;
  const line = 'Haemoglobin 13.9 g/dl, potassium 4.2 mmol/l, within the range.\r\n';
  return Buffer.from((header + line.repeat(Math.ceil(SIZE / line.length))).slice(0, SIZE));
}

async function openProtector(clinic: PrivateKey, anna: PrivateKey): Promise<Protector> {
  const key = await readPublicKey(Buffer.from(anna.toPublic().write()));
  if (typeof key === 'string') throw new Error(key);
  const verdict = await judgeKey(key, new Date());
  if (verdict.kind !== 'usable') throw new Error(verdict.reason);
  return protectWithPgp({
    clock: systemClock,
    sealing: { seal: createSealer() },
    recipientKey: async () => ({ kind: 'key', id: 'anna', key, verdict }),
    ownKey: async () => ({
      fingerprint: clinic.getFingerprint(),
      address: SENDER,
      createdAt: clinic.getCreationTime(),
      privateKey: clinic,
      octets: Buffer.alloc(0),
      armoured: '',
    }),
  });
}

/** Messages per processor second of this process, all its threads. */
async function ours(protector: Protector, message: Buffer, seconds: number): Promise<number> {
  const request = protectRequest(contentOf(message));
  const until = performance.now() + seconds * 1_000;
  const before = process.cpuUsage();
  let count = 0;
  while (performance.now() < until) {
    await Promise.all([protector.protect(request), protector.protect(request)]);
    count += 2;
  }
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}

/** Messages per processor second of the gpg processes. Theirs are the children of a shell whose `times` tells them. */
function theirs(home: string, seconds: number): number {
  const command = [
    `gpg --homedir "$1" --batch --quiet --no-tty --trust-model always --compress-algo none --armor`,
    `--local-user ${SENDER} --recipient ${RECIPIENT} --sign --encrypt --output - "$1/message" > /dev/null`,
  ].join(' ');
  const script = `n=0; end=$(($(date +%s) + ${seconds})); while [ $(date +%s) -lt $end ]; do ${command} || exit 1; n=$((n+1)); done; echo $n; times`;
  const out = execFileSync('bash', ['-c', script, 'gpg-loop', home], { encoding: 'utf8' });
  const [count = '0', , children = ''] = out.trim().split('\n');
  const spent = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
  return Number(count) / spent;
}

function importKeys(home: string, clinic: PrivateKey, anna: PrivateKey, message: Buffer): void {
  writeFileSync(join(home, 'clinic.asc'), clinic.armor(), { mode: 0o600 });
  writeFileSync(join(home, 'anna.asc'), anna.toPublic().armor());
  writeFileSync(join(home, 'message'), message);
  for (const name of ['clinic.asc', 'anna.asc'])
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--import', join(home, name)], {
      stdio: 'ignore',
    });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
