// OpenPGP between programs: GnuPG and Sequoia read what we write, and we read what they write. Where a program is not
// installed its tests are skipped, and say so.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProtectionUnavailable } from '#core/protection';
import { createSealing, protectWithPgp } from '#journey/4-protect';
import { decryptAndVerify, judgeKey, makePgpKey, type PrivateKey, readPublicKey } from '#platform/keyring';
import { openPgpMail } from '#platform/mail';
import { contentOf } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { protectRequest } from '../support/protect-request.ts';

const FROM = 'office@clinic.test';
const TO = 'anna@example.org';
const BODY = 'Grüße, très bien.\r\n.\r\nFrom here on: \u{1F600}\r\n';
const MESSAGE = Buffer.from(
  [
    `From: Clinic <${FROM}>`,
    `To: ${TO}`,
    'Subject: Your results',
    'Date: Thu, 26 Nov 2026 10:00:00 +0000',
    'Message-ID: <1@clinic.test>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    BODY,
  ].join('\r\n'),
);

let home: string;
let clinic: PrivateKey;
const sealing = createSealing(1);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sp-pgp-'));
  clinic = await makePgpKey('Clinic', FROM, new Date());
  writeFileSync(join(home, 'clinic.asc'), clinic.toPublic().armor());
});
afterAll(async () => {
  await sealing.close();
  rmSync(home, { recursive: true, force: true });
});

function installed(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

/** What would leave for a recipient with this public key. */
async function protect(key: Uint8Array | string, end = ''): Promise<Buffer> {
  const recipient = await readPublicKey(key);
  if (typeof recipient === 'string') throw new Error(recipient);
  const verdict = await judgeKey(recipient, new Date());
  const protector = protectWithPgp({
    clock: systemClock,
    sealing,
    ownKey: async () => ({
      privateKey: clinic,
      fingerprint: clinic.getFingerprint(),
      address: FROM,
      createdAt: new Date(),
      octets: Buffer.alloc(0),
      armoured: '',
    }),
    recipientKey: async () =>
      verdict.kind === 'usable'
        ? { kind: 'key', id: 'key', key: recipient, verdict }
        : { kind: 'none', code: verdict.code, parameters: { reason: verdict.reason } },
  });
  const sealed = await protector.protect(
    protectRequest(contentOf(Buffer.concat([MESSAGE, Buffer.from(end)]))),
  );
  if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new Error(sealed.kind);
  return sealed.content.bytes;
}

/** The armoured part of a PGP/MIME mail. */
function armouredOf(mail: Buffer): string {
  const text = mail.toString('latin1');
  const start = text.indexOf('-----BEGIN PGP MESSAGE-----');
  return text.slice(
    start,
    text.indexOf('-----END PGP MESSAGE-----') + '-----END PGP MESSAGE-----\r\n'.length,
  );
}

function expectPayload(payload: string, end = ''): void {
  expect(payload.endsWith(`\r\n\r\n${BODY}${end}`)).toBe(true);
  expect(payload).toContain('Subject: Your results\r\n');
  expect(payload).toContain('HP-Outer: Subject: [...]\r\n');
  expect(payload).toContain('hp="cipher"');
}

const hasGpg = installed('gpg', ['--version']) !== null;

describe('GnuPG', () => {
  beforeEach((context) => {
    if (!hasGpg) context.skip('gpg is not installed');
  });

  const gpg = (args: readonly string[], input?: string | Buffer): Buffer =>
    execFileSync(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      {
        ...(input === undefined ? {} : { input }),
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
  const status = (file: string): { readonly plain: string; readonly status: string } => {
    const out = join(home, 'status');
    const plain = gpg(['--status-file', out, '--decrypt', file]).toString('utf8');
    return { plain, status: readFileSync(out, 'utf8') };
  };
  const stop = () => installed('gpgconf', ['--homedir', home, '--kill', 'all']);
  afterAll(() => void (hasGpg && stop()));

  const kinds = [
    ['curve 25519', 'ed25519', 'cv25519'],
    ['RSA 3072', 'rsa3072', 'rsa3072'],
    ['NIST P-256', 'nistp256', 'nistp256'],
  ] as const;

  it.each(kinds)(
    '%s: it decrypts ours with a good signature, and we read its',
    async (kind, primary, subkey) => {
      const address = `${kind.replace(/\W/g, '')}@example.org`.toLowerCase();
      gpg(['--quick-gen-key', `Anna <${address}>`, primary, 'sign', 'never']);
      const listing = gpg(['--with-colons', '--list-keys', address]).toString();
      const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1] ?? '';
      gpg(['--quick-add-key', fingerprint, subkey, 'encr', 'never']);
      gpg(['--import', join(home, 'clinic.asc')]);

      // Base64 that ends on a whole group, or one or two octets after it: each is read in its own way.
      for (const end of ['', 'a', 'bc']) {
        const mail = await protect(gpg(['--armor', '--export', address]).toString(), end);
        writeFileSync(join(home, 'ours.asc'), armouredOf(mail));
        const read = status(join(home, 'ours.asc'));
        expectPayload(read.plain, end);
        expect(read.status).toContain('GOODSIG');
        expect(read.status).toContain('DECRYPTION_OKAY');
        expect(read.status).toContain(`VALIDSIG ${clinic.getFingerprint().toUpperCase()}`);
      }

      // And the way back: signed by her, encrypted to the clinic, as a mail program would send it.
      const sent = gpg(
        [
          '--trust-model',
          'always',
          '--armor',
          '--local-user',
          address,
          '--recipient',
          FROM,
          '--sign',
          '--encrypt',
        ],
        'Content-Type: text/plain\r\n\r\nThank you.\r\n',
      ).toString();
      const anna = await readPublicKey(gpg(['--armor', '--export', address]).toString());
      if (typeof anna === 'string') throw new Error(anna);
      const opened = await decryptAndVerify(sent, {
        decryptionKeys: [clinic],
        verificationKeys: [anna.key],
        now: new Date(),
      });
      expect(opened).toEqual({
        kind: 'opened',
        octets: Buffer.from('Content-Type: text/plain\r\n\r\nThank you.\r\n'),
        signature: 'good',
      });
    },
    60_000,
  );

  it('makes keys that we refuse for what they are', async () => {
    const code = async (key: Buffer): Promise<string> => {
      const failed = await protect(key.toString()).catch((error: unknown) => error);
      return failed instanceof ProtectionUnavailable ? failed.failure.code : String(failed);
    };
    gpg(['--quick-gen-key', 'Old <old@example.org>', 'ed25519', 'sign', 'seconds=1']);
    gpg(['--quick-gen-key', 'Bare <bare@example.org>', 'ed25519', 'sign', 'never']);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await code(gpg(['--armor', '--export', 'old@example.org']))).toBe('key-expired');
    expect(await code(gpg(['--armor', '--export', 'bare@example.org']))).toBe('key-unusable');
  }, 30_000);
});

const hasSq = installed('sq', ['--version']) !== null;

describe('Sequoia', () => {
  beforeEach((context) => {
    if (!hasSq) context.skip('sq is not installed');
  });

  it('decrypts ours with a good signature, and we read its', async () => {
    const file = (name: string) => join(home, name);
    const run = (...args: string[]): string =>
      execFileSync('sq', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    run('key', 'generate', '--userid', `Anna <${TO}>`, '--export', file('anna.key'));
    run('key', 'extract-cert', '--output', file('anna.cert'), file('anna.key'));
    writeFileSync(file('ours-sq.asc'), armouredOf(await protect(readFileSync(file('anna.cert'), 'utf8'))));
    run(
      'decrypt',
      '--recipient-key',
      file('anna.key'),
      '--signer-cert',
      file('clinic.asc'),
      '--signatures',
      '1',
      '--output',
      file('plain'),
      file('ours-sq.asc'),
    );
    expectPayload(readFileSync(file('plain'), 'utf8'));

    writeFileSync(file('text'), 'Thank you.\n');
    // Its padded compression ends in octets after the compressed stream, which no inflater of the platform takes.
    run(
      'encrypt',
      '--compression',
      'none',
      '--recipient-cert',
      file('clinic.asc'),
      '--signer-key',
      file('anna.key'),
      '--output',
      file('theirs.asc'),
      file('text'),
    );
    const anna = await readPublicKey(readFileSync(file('anna.cert'), 'utf8'));
    if (typeof anna === 'string') throw new Error(anna);
    const opened = await decryptAndVerify(readFileSync(file('theirs.asc'), 'utf8'), {
      decryptionKeys: [clinic],
      verificationKeys: [anna.key],
      now: new Date(),
    });
    expect(opened).toMatchObject({ kind: 'opened', signature: 'good' });
    expect(opened.kind === 'opened' && opened.octets.toString()).toBe('Thank you.\n');
  }, 60_000);
});

describe('a mail as it leaves', () => {
  it('is opened by the reading side of this program', async () => {
    const anna = await makePgpKey('Anna', TO, new Date());
    const mail = await protect(anna.toPublic().armor());
    const opened = await openPgpMail(mail, (armoured) =>
      decryptAndVerify(armoured, {
        decryptionKeys: [anna],
        verificationKeys: [clinic.toPublic()],
        now: new Date(),
      }),
    );
    expect(opened).toMatchObject({ kind: 'opened', signature: 'good', hidden: ['subject'] });
  });
});
