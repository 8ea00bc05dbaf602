// A mail program beside ours: mutt opens what we protect, and we open what it sends. It is driven through a terminal (script,
// of util-linux): keys are pushed, and what it would show in its pager is copied to a file instead.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { protectWithPgp } from '#journey/4-protect';
import { decryptAndVerify, judgeKey, makePgpKey, type PrivateKey, readPublicKey } from '#platform/keyring';
import { openPgpMail } from '#platform/mail';
import { contentOf } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { createSealer } from '../../src/journey/4-protect/sealing/seal-task.ts';
import { openMessage } from '../../src/journey/4-protect/smime/open-message.ts';
import { sealMessage } from '../../src/journey/4-protect/smime/seal-message.ts';
import {
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { protectRequest } from '../support/protect-request.ts';

type PublicPgpKey = Exclude<Awaited<ReturnType<typeof readPublicKey>>, string>;

const FROM = 'office@clinic.test';
const TO = 'anna@example.org';
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
    'Grüße, très bien.',
    '',
  ].join('\r\n'),
);

const missing = ['mutt', 'script', 'gpg', 'openssl'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
let home: string;
const file = (name: string) => join(home, name);
const environment = () => ({ ...process.env, HOME: home, GNUPGHOME: home, TERM: 'vt100', LC_ALL: 'C.UTF-8' });

beforeAll(() => {
  // Short: the agent's socket lies in it.
  home = mkdtempSync(join(tmpdir(), 'sp-mutt-'));
  chmodSync(home, 0o700);
  writeFileSync(file('body'), 'Thank you.\nÄrztin\n');
  writeFileSync(file('sendmail'), `#!/bin/sh\ncat > ${file('sent')}\n`, { mode: 0o755 });
});
afterAll(() => {
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true, force: true });
});
beforeEach((context) => {
  // Skipped: these programs are not part of the project; the text says which of them is missing.
  if (missing.length > 0) context.skip(`${missing.join(', ')} not installed (Debian: apt-get install mutt)`);
  for (const name of ['shown', 'sent']) rmSync(file(name), { force: true });
});

interface Session {
  readonly mail: Buffer;
  readonly settings: readonly string[];
  /** Whether it asks for a passphrase; it throws away what was typed before it asks, so that is typed after a moment. */
  readonly asks: boolean;
}

/** Opens a mailbox with this one mail, shows it, answers it, and leaves. What was shown, and what was sent. */
function showAndAnswer({ mail, settings, asks }: Session): { shown: string; sent: Buffer } {
  const lines = mail.toString('latin1').replaceAll('\r\n', '\n');
  writeFileSync(file('mailbox'), `From ${FROM} Thu Nov 26 10:00:00 2026\n${lines}\n`, 'latin1');
  writeFileSync(
    file('muttrc'),
    [
      `set realname="Anna" from="${TO}" use_from=yes envelope_from=no folder="${home}" record=""`,
      `set pager="cp %s ${file('shown')}" prompt_after=no wait_key=no beep=no`,
      `set editor="cp ${file('body')}" sendmail="${file('sendmail')}" sendmail_wait=0 copy=no abort_unmodified=no`,
      'set charset=utf-8 send_charset=utf-8 signature="" crypt_verify_sig=yes',
      'set crypt_autosign=yes crypt_autoencrypt=yes crypt_protected_headers_write=yes',
      ...settings,
      `push "<display-message><mail>${FROM}<enter>My answer<enter>y<exit>"`,
      '',
    ].join('\n'),
  );
  const mutt = `mutt -n -R -F ${file('muttrc')} -f ${file('mailbox')}`;
  const typed = asks ? `(for at in 1 2 3 4 5 6 7 8; do sleep 1; printf '\\r'; done) | ` : '';
  const ran = spawnSync('sh', ['-c', `${typed}script -qec '${mutt}' /dev/null`], {
    env: environment(),
    input: '',
    timeout: 30_000,
  });
  if (ran.status !== 0 || !existsSync(file('shown')) || !existsSync(file('sent')))
    throw new Error(`mutt stopped at: ${ran.stdout.toString()}`);
  const sent = readFileSync(file('sent'), 'latin1').replaceAll('\n', '\r\n');
  return { shown: readFileSync(file('shown'), 'utf8'), sent: Buffer.from(sent, 'latin1') };
}

describe('mutt with GnuPG', () => {
  let clinic: PrivateKey;
  let anna: PublicPgpKey;
  const gpg = (...args: string[]): string =>
    execFileSync(
      'gpg',
      ['--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      {
        env: environment(),
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
      },
    );

  async function protect(): Promise<Buffer> {
    const verdict = await judgeKey(anna, new Date());
    if (verdict.kind !== 'usable') throw new Error(verdict.reason);
    const protector = protectWithPgp({
      clock: systemClock,
      sealing: { seal: createSealer() },
      ownKey: async () => ({
        privateKey: clinic,
        fingerprint: clinic.getFingerprint(),
        address: FROM,
        createdAt: new Date(),
        octets: Buffer.alloc(0),
        armoured: '',
      }),
      recipientKey: async () => ({ kind: 'key', id: 'key', key: anna, verdict }),
    });
    const sealed = await protector.protect(protectRequest(contentOf(MESSAGE)));
    if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new Error(sealed.kind);
    return sealed.content.bytes;
  }

  it('opens ours, says that the signature is good and what the subject is; and we open its answer', async () => {
    gpg('--quick-gen-key', `Anna <${TO}>`, 'ed25519', 'sign', 'never');
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--with-colons', '--list-keys', TO))?.[1] ?? '';
    gpg('--quick-add-key', fingerprint, 'cv25519', 'encr', 'never');
    clinic = await makePgpKey('Clinic', FROM, new Date());
    writeFileSync(file('clinic.asc'), clinic.toPublic().armor());
    gpg('--import', file('clinic.asc'));
    // She has compared the fingerprint: else mutt asks.
    gpg('--quick-lsign-key', clinic.getFingerprint().toUpperCase());
    const read = await readPublicKey(gpg('--armor', '--export', TO));
    if (typeof read === 'string') throw new Error(read);
    anna = read;

    const settings = ['set crypt_use_gpgme=yes', `set pgp_sign_as="${fingerprint}"`];
    const { shown, sent } = showAndAnswer({ mail: await protect(), settings, asks: false });
    expect(shown).toContain('Subject: [...]');
    expect(shown).toContain(`Good signature from: Clinic <${FROM}>`);
    expect(shown).toContain('The following data is PGP/MIME signed and encrypted');
    expect(shown).toContain('Subject: Your results');
    expect(shown).toContain('Grüße, très bien.');

    expect(sent.toString('latin1')).not.toContain('My answer');
    const opened = await openPgpMail(sent, (armoured) =>
      decryptAndVerify(armoured, {
        decryptionKeys: [clinic],
        verificationKeys: [anna.key],
        now: new Date(),
      }),
    );
    if (opened.kind !== 'opened') throw new Error(opened.kind);
    expect(opened).toMatchObject({ signature: 'good', hidden: ['subject'], fromDiffers: false });
    const text = opened.message.toString('latin1');
    expect(text.match(/^Subject: .*$/gm)).toEqual(['Subject: My answer']);
    expect(text).toContain(`From: Anna <${TO}>\r\n`);
    expect(text).toMatch(/\r\n\r\nThank you\.\r\n=C3=84rztin\r\n/);
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  }, 60_000);
});

describe('mutt with openssl', () => {
  it('opens our S/MIME, says that the signature verifies and what the subject is; and we open its answer', async () => {
    const root = makeAuthority('Conformance root');
    const [clinic, anna] = [
      makeCertificate({ name: 'Clinic', issuer: root, key: 'rsa', emails: [FROM] }),
      makeCertificate({ name: 'Anna', issuer: root, key: 'rsa', emails: [TO] }),
    ];
    mkdirSync(file('keys'));
    mkdirSync(file('certificates'));
    for (const [name, { pem, keyPem }] of [
      ['clinic', clinic],
      ['anna', anna],
    ] as const) {
      writeFileSync(file(`certificates/${name}.0`), pem);
      writeFileSync(file(`keys/${name}.0`), keyPem);
    }
    writeFileSync(file('certificates/.index'), `${FROM} clinic.0 Clinic root.0 t\n`);
    writeFileSync(file('keys/.index'), `${TO} anna.0 Anna root.0 t\n`);
    writeFileSync(file('root.pem'), root.pem);

    const sealed = await sealMessage(MESSAGE, {
      certificate: anna.certificate,
      // mutt 2.2 does not know AuthEnvelopedData; without a word of the recipient's program we write CBC as well.
      cipher: 'cbc',
      rsa: 'oaep',
      signature: { key: { ...clinic, others: [] }, form: 'clear' },
      at: new Date(),
    });
    const cms = 'openssl cms';
    const own = `-inkey ${file('keys/anna.0')}`;
    const { shown, sent } = showAndAnswer({
      mail: sealed,
      asks: true,
      settings: [
        'set crypt_use_gpgme=no smime_is_default=yes smime_ask_cert_label=no smime_timeout=3600',
        `set smime_keys="${file('keys')}" smime_certificates="${file('certificates')}" smime_default_key="anna.0"`,
        'set smime_decrypt_use_default_key=yes smime_self_encrypt=no',
        `set smime_decrypt_command="${cms} -decrypt -inform DER -in %f ${own} -recip ${file('certificates/anna.0')}"`,
        `set smime_verify_command="${cms} -verify -inform DER -in %s -content %f -CAfile ${file('root.pem')} -out /dev/null"`,
        `set smime_verify_opaque_command="${cms} -verify -inform DER -in %s -CAfile ${file('root.pem')}"`,
        `set smime_sign_command="${cms} -sign -signer ${file('certificates/anna.0')} ${own} -in %f -outform DER"`,
        `set smime_encrypt_command="${cms} -encrypt -aes256 -outform DER -in %f ${file('certificates/clinic.0')}"`,
      ],
    });
    expect(shown).toContain('CMS Verification successful');
    expect(shown).toContain('Subject: Your results');
    expect(shown).toContain('Grüße, très bien.');

    expect(sent.toString('latin1')).not.toContain('Thank you');
    const opened = openMessage(sent, [clinic]);
    expect(opened.signer?.certificate.emails).toContain(TO);
    expect(opened.message.toString('latin1')).toContain('Thank you.');
  }, 60_000);
});
