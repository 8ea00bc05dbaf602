import { createSealing } from '#journey/4-protect';
import { makePgpKey } from '#platform/keyring';
import type { SealingTask } from '../../src/journey/4-protect/sealing/sealing-task.ts';
import {
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';

/** Copies of 50 KB, signed and encrypted, by the clock, with so many threads. */
export interface ThreadFigures {
  readonly threads: number;
  readonly pgpPerSecond: number;
  readonly smimePerSecond: number;
}

const SIZE = 50 * 1024;
const SENDER = 'office@clinic.test';
const RECIPIENT = 'anna@example.org';

/** Measures each count for about twice `seconds`. */
export async function measureThreads(
  seconds: number,
  counts: readonly number[],
): Promise<readonly ThreadFigures[]> {
  const [pgp, smime] = [await pgpTask(), smimeTask()];
  const figures: ThreadFigures[] = [];
  for (const threads of new Set(counts)) {
    const pgpPerSecond = await measure(threads, pgp, seconds);
    figures.push({ threads, pgpPerSecond, smimePerSecond: await measure(threads, smime, seconds) });
  }
  return figures;
}

async function measure(threads: number, task: SealingTask, seconds: number): Promise<number> {
  const sealing = createSealing(threads);
  try {
    const lane = async (until: number): Promise<number> => {
      let count = 0;
      for (; performance.now() < until; count += 1) await sealing.seal(task);
      return count;
    };
    // Two tasks a thread, so that none waits for the next one; and warm before it counts.
    const lanes = (ms: number) =>
      Promise.all(Array.from({ length: threads * 2 }, () => lane(performance.now() + ms)));
    await lanes(1_500);
    const began = performance.now();
    const counts = await lanes(seconds * 1_000);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return Math.round(total / ((performance.now() - began) / 1_000));
  } finally {
    await sealing.close();
  }
}

function message(): Buffer {
  const header = `From: ${SENDER}\r\nTo: ${RECIPIENT}\r\nSubject: Results\r\nContent-Type: text/plain\r\n\r\n`;
  const line = 'Haemoglobin 13.9 g/dl, potassium 4.2 mmol/l, within the range.\r\n';
  return Buffer.from((header + line.repeat(Math.ceil(SIZE / line.length))).slice(0, SIZE));
}

async function pgpTask(): Promise<SealingTask> {
  const [clinic, anna] = await Promise.all([
    makePgpKey('Clinic', SENDER, new Date()),
    makePgpKey('Anna', RECIPIENT, new Date()),
  ]);
  return {
    kind: 'pgp',
    message: message(),
    recipient: anna.toPublic().write(),
    subkey: anna.subkeys[0]?.getKeyID().toHex() ?? '',
    signer: clinic.write(),
    at: new Date(),
  };
}

function smimeTask(): SealingTask {
  const root = makeAuthority('Bench root', { key: 'rsa' });
  const signer = makeCertificate({ name: 'Clinic', issuer: root, key: 'rsa', emails: [SENDER] });
  const recipient = makeCertificate({ name: 'Anna', issuer: root, key: 'rsa', emails: [RECIPIENT] });
  return {
    kind: 'smime',
    message: message(),
    certificate: recipient.certificate.raw,
    cipher: 'gcm',
    rsa: 'oaep',
    signature: {
      form: 'clear',
      certificate: signer.certificate.raw,
      others: [],
      privateKey: signer.privateKey,
    },
    at: new Date(),
  };
}
