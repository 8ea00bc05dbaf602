import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealMessage } from '../../src/journey/4-protect/smime/seal-message.ts';
import {
  type Made,
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';

/** Messages per CPU second, so per core that does nothing else: sealed by us in this process and by openssl spawned on the same files. */
export interface SmimeFigures {
  /** Signed with RSA-2048, then encrypted to RSA-2048 with AES-256-GCM. */
  readonly perSecond: number;
  /** `openssl cms -sign`, then `openssl cms -encrypt -aes-256-gcm`. Null where openssl 3 is not installed. */
  readonly opensslPerSecond: number | null;
  readonly ratio: number | null;
  readonly encryptOnly: {
    readonly perSecond: number;
    readonly opensslPerSecond: number | null;
    readonly ratio: number | null;
  };
  readonly size: number;
}

interface Task {
  readonly message: Buffer;
  readonly folder: string;
  readonly signer: Made;
  readonly recipient: Made;
  readonly seconds: number;
}

/** Measures for about four times `seconds`. */
export async function measureSmime(seconds: number, size = 50_000): Promise<SmimeFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'sealpost-bench-smime-'));
  try {
    const root = makeAuthority('Bench root', { key: 'rsa' });
    const signer = makeCertificate({ name: 'Clinic', issuer: root, key: 'rsa', emails: ['a@clinic.test'] });
    const recipient = makeCertificate({ name: 'Erika', issuer: root, key: 'rsa', emails: ['e@x.test'] });
    const message = sample(size);
    const task = { message, folder, signer, recipient, seconds };
    writeFileSync(join(folder, 'message'), message);
    writeFileSync(join(folder, 'signer.pem'), signer.pem + signer.keyPem);
    writeFileSync(join(folder, 'recipient.pem'), recipient.pem);
    const perSecond = await ours(task, true);
    const encrypts = await ours(task, false);
    const theirs = hasOpenssl()
      ? { both: await openssl(task, true), encrypts: await openssl(task, false) }
      : null;
    return {
      perSecond,
      opensslPerSecond: theirs?.both ?? null,
      ratio: theirs === null ? null : rounded(perSecond / theirs.both),
      encryptOnly: {
        perSecond: encrypts,
        opensslPerSecond: theirs?.encrypts ?? null,
        ratio: theirs === null ? null : rounded(encrypts / theirs.encrypts),
      },
      size: message.length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

function sample(size: number): Buffer {
  const head =
    'From: a@clinic.test\r\nTo: e@x.test\r\nSubject: Results\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const body = randomBytes(size).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from((head + body).slice(0, size));
}

function hasOpenssl(): boolean {
  try {
    return /^OpenSSL [3-9]/.test(execFileSync('openssl', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

/** Messages by CPU second, thread pool included: one after the other, as one core would have them. */
async function ours({ message, signer, recipient, seconds }: Task, signs: boolean): Promise<number> {
  const choice = {
    certificate: recipient.certificate,
    cipher: 'gcm',
    rsa: 'oaep',
    signature: signs ? { key: { ...signer, others: [] }, form: 'clear' as const } : null,
    at: new Date(),
  } as const;
  for (let warm = 0; warm < 200; warm += 1) await sealMessage(message, choice);
  const before = process.cpuUsage();
  const until = performance.now() + seconds * 1000;
  let count = 0;
  while (performance.now() < until) {
    await sealMessage(message, choice);
    count += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return Math.round(count / ((user + system) / 1e6));
}

/** The same with programs, by the CPU seconds of the programs alone: what starting them costs us is not counted. */
async function openssl({ folder, seconds }: Task, signs: boolean): Promise<number> {
  const file = (name: string) => join(folder, name);
  const sign = [
    ...['cms', '-sign', '-binary', '-md', 'sha256', '-in', file('message')],
    ...['-signer', file('signer.pem'), '-out', file('signed')],
  ];
  const encrypt = [
    ...['cms', '-encrypt', '-binary', '-aes-256-gcm', '-in', file(signs ? 'signed' : 'message')],
    ...['-out', file('sealed'), '-recip', file('recipient.pem')],
    ...['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'],
  ];
  const rounds = signs ? [sign, encrypt] : [encrypt];
  for (const args of rounds) await run('openssl', args);
  const began = performance.now();
  const before = childrenSeconds();
  let count = 0;
  while (performance.now() < began + seconds * 1000) {
    for (const args of rounds) await run('openssl', args);
    count += 1;
  }
  const after = childrenSeconds();
  const busy = before === null || after === null ? (performance.now() - began) / 1000 : after - before;
  return rounded(count / busy);
}

/** CPU seconds of all programs that have ended, by proc(5) fields 16 and 17; null where there is no such file. */
function childrenSeconds(): number | null {
  if (!existsSync('/proc/self/stat')) return null;
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[13]) + Number(fields[14]);
  return ticks / 100;
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}
