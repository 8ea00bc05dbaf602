// S/MIME beside openssl's own: each side opens what the other has sealed, in every form that we write.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRevocation, importCertificates, importPkcs12 } from '#platform/keyring';
import { openMessage } from '../../src/journey/4-protect/smime/open-message.ts';
import { type SealChoice, sealMessage } from '../../src/journey/4-protect/smime/seal-message.ts';
import {
  type Made,
  makeAuthority,
  makeCertificate,
  type Wanted,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { checkCertificate } from '../../src/platform/keyring/certificates/check-chain.ts';

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const present = openssl.status === 0 && /^OpenSSL [3-9]/.test(openssl.stdout);
const ABSENT = 'openssl 3 is not installed here';

const MESSAGE = Buffer.from(
  [
    'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000',
    'From: Clinic <office@clinic.test>',
    'To: erika@example.test',
    'Subject: Your =?utf-8?q?ferritin?=',
    'X-Patient: 4711',
    'Date: Thu, 26 Nov 2026 10:00:00 +0000',
    'Message-ID: <1@clinic.test>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Ferritin 14 µg/l.',
    '--not a boundary',
    '',
  ].join('\r\n'),
);

let folder = '';
let root: Made;
let signer: Made;
const owners = new Map<string, Made>();
const file = (name: string): string => join(folder, name);
const KEYS: readonly NonNullable<Wanted['key']>[] = ['rsa', 'P-256', 'P-384', 'P-521'];

function run(args: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return { ok: status === 0, text: stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealpost-smime-'));
  root = makeAuthority('Conformance root');
  signer = makeCertificate({ name: 'Clinic', issuer: root, key: 'rsa', emails: ['office@clinic.test'] });
  writeFileSync(file('root.pem'), root.pem);
  writeFileSync(file('signer.pem'), signer.pem + signer.keyPem);
  for (const key of KEYS) {
    const made = makeCertificate({ name: 'Erika', issuer: root, key, emails: ['erika@example.test'] });
    owners.set(key, made);
    writeFileSync(file(`${key}.pem`), made.pem);
    writeFileSync(file(`${key}.key`), made.keyPem);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function owner(key: string): Made {
  const made = owners.get(key);
  if (made === undefined) throw new RangeError('no such owner');
  return made;
}

/** Every way that a copy can leave. */
const VARIANTS = KEYS.flatMap((key) =>
  (['gcm', 'cbc'] as const).flatMap((cipher) =>
    (key === 'rsa' ? (['oaep', 'pkcs1'] as const) : (['oaep'] as const)).flatMap((rsa) =>
      (['clear', 'opaque', 'none'] as const).map((form) => ({ key, cipher, rsa, form })),
    ),
  ),
);

describe('what we seal', () => {
  beforeEach((context) => {
    // Skipped: openssl is not part of the project.
    if (!present) context.skip(ABSENT);
  });

  it.each(VARIANTS)('openssl opens: $key $cipher $rsa $form', async ({ key, cipher, rsa, form }) => {
    const sealed = await sealMessage(MESSAGE, {
      certificate: owner(key).certificate,
      cipher,
      rsa,
      signature: form === 'none' ? null : { key: { ...signer, others: [] }, form },
      at: new Date(),
    } satisfies SealChoice);
    expect(sealed.toString('latin1')).not.toMatch(/ferritin|4711/i);
    writeFileSync(file('sealed.eml'), sealed);
    const opened = run([
      'cms',
      '-decrypt',
      '-in',
      file('sealed.eml'),
      '-recip',
      file(`${key}.pem`),
      '-inkey',
      file(`${key}.key`),
      '-out',
      file('opened'),
    ]);
    expect(opened).toEqual({ ok: true, text: '' });
    if (form === 'none') {
      expect(readFileSync(file('opened')).toString('utf8')).toContain('Ferritin 14 µg/l.');
      return;
    }
    const verified = run([
      'cms',
      '-verify',
      '-in',
      file('opened'),
      '-CAfile',
      file('root.pem'),
      '-purpose',
      'smimesign',
      '-out',
      file('verified'),
    ]);
    expect(verified.text).toMatch(/CMS Verification successful/);
    const text = readFileSync(file('verified')).toString('utf8');
    expect(text).toContain('Ferritin 14 µg/l.');
    expect(text).toContain('X-Patient: 4711');
    expect(text).toContain('hp="cipher"');
  });
});

interface Theirs {
  readonly key: string;
  readonly options: readonly string[];
  readonly signed: 'clear' | 'opaque' | null;
}

const THEIRS: readonly Theirs[] = [
  { key: 'rsa', options: ['-aes256'], signed: 'clear' },
  { key: 'rsa', options: ['-aes256', '-stream'], signed: 'opaque' },
  { key: 'rsa', options: ['-aes-256-gcm'], signed: 'clear' },
  { key: 'rsa', options: ['-aes-128-gcm', '-keyid'], signed: null },
  { key: 'rsa', options: ['-aes256', '-keyopt', 'rsa_padding_mode:oaep'], signed: null },
  {
    key: 'rsa',
    options: ['-aes-256-gcm', '-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'],
    signed: 'opaque',
  },
  { key: 'P-256', options: ['-aes256'], signed: 'clear' },
  { key: 'P-256', options: ['-aes-256-gcm', '-keyopt', 'ecdh_kdf_md:sha256'], signed: 'opaque' },
  { key: 'P-384', options: ['-aes-256-gcm', '-keyopt', 'ecdh_kdf_md:sha384'], signed: null },
  { key: 'P-521', options: ['-aes128', '-keyopt', 'ecdh_kdf_md:sha512'], signed: 'clear' },
];

describe('what openssl seals', () => {
  beforeEach((context) => {
    // Skipped: openssl is not part of the project.
    if (!present) context.skip(ABSENT);
  });

  it.each(THEIRS)('we open: $key $options $signed', ({ key, options, signed }) => {
    writeFileSync(file('plain'), 'Content-Type: text/plain; charset=utf-8\r\n\r\nFerritin 14 µg/l.\r\n');
    let input = file('plain');
    if (signed !== null) {
      const form = signed === 'opaque' ? ['-nodetach'] : [];
      const made = run([
        'cms',
        '-sign',
        ...form,
        '-in',
        input,
        '-signer',
        file('signer.pem'),
        '-out',
        file('signed'),
        '-crlfeol',
        '-binary',
      ]);
      expect(made).toEqual({ ok: true, text: '' });
      input = file('signed');
    }
    // The recipient's options stand behind the recipient, who follows as an option too.
    const at = options.indexOf('-keyopt');
    const [general, own] = at < 0 ? [options, []] : [options.slice(0, at), options.slice(at)];
    const made = run([
      'cms',
      '-encrypt',
      '-in',
      input,
      '-binary',
      '-crlfeol',
      ...general,
      '-out',
      file('theirs.eml'),
      '-from',
      'a@clinic.test',
      '-subject',
      'S',
      '-recip',
      file(`${key}.pem`),
      ...own,
    ]);
    expect(made).toEqual({ ok: true, text: '' });
    const mail = Buffer.from(
      readFileSync(file('theirs.eml')).toString('latin1').replace(/\r?\n/g, '\r\n'),
      'latin1',
    );
    const opened = openMessage(mail, [owner(key)]);
    expect(opened.message.toString('utf8')).toContain('Ferritin 14 µg/l.');
    expect(opened.message.toString('utf8')).toContain('Subject: S');
    expect(opened.signed).toBe(signed !== null);
    expect(opened.signer?.certificate.fingerprint).toBe(
      signed === null ? undefined : signer.certificate.fingerprint,
    );
    const gcm = options.some((option) => option.includes('gcm'));
    expect(opened.integrity).toBe(gcm ? 'authenticated' : signed === null ? 'none' : 'signed');
  });
});

const BUNDLES: readonly (readonly [string, readonly string[], string])[] = [
  ['as openssl makes them', [], 'read'],
  ['AES-128 and SHA-512', ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512'], 'read'],
  ['certificates not encrypted', ['-certpbe', 'NONE'], 'read'],
  ['nothing encrypted', ['-certpbe', 'NONE', '-keypbe', 'NONE'], 'read'],
  ['certificates under 3DES', ['-certpbe', 'PBE-SHA1-3DES'], 'algorithm-not-supported'],
  ['without integrity', ['-nomac'], 'unreadable'],
];

describe('PKCS #12 files of openssl', () => {
  beforeEach((context) => {
    // Skipped: openssl is not part of the project.
    if (!present) context.skip(ABSENT);
  });

  it.each(BUNDLES)('%s', (_, options, expected) => {
    const out = file('bundle.p12');
    const made = run([
      ...['pkcs12', '-export', '-in', file('signer.pem'), '-certfile', file('root.pem')],
      ...['-passout', 'pass:zwölf Reiher', '-out', out, ...options],
    ]);
    expect(made.ok, made.text).toBe(true);
    const octets = readFileSync(out);
    const read = importPkcs12(octets, 'zwölf Reiher');
    if (read.kind === 'problem') {
      expect(read.problem).toBe(expected);
      return;
    }
    expect(expected).toBe('read');
    expect(read.value.certificate.fingerprint).toBe(signer.certificate.fingerprint);
    expect(read.value.others.map(({ fingerprint }) => fingerprint)).toEqual([root.certificate.fingerprint]);
    expect(read.value.privateKey.equals(signer.privateKey)).toBe(true);
    expect(importPkcs12(octets, 'elf Reiher')).toEqual({ kind: 'problem', problem: 'wrong-passphrase' });
    octets[octets.length >> 1] = (octets[octets.length >> 1] ?? 0) ^ 1;
    expect(importPkcs12(octets, 'zwölf Reiher').kind).toBe('problem');
  });

  it('a chain of openssl’s certificates is trusted, and a CRL of its stops it', async () => {
    const config = file('ca.cnf');
    writeFileSync(file('index.txt'), '');
    writeFileSync(file('number'), '01\n');
    writeFileSync(
      config,
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${file('index.txt')}\ncrlnumber=${file('number')}\ndefault_md=sha256\ndefault_crl_days=1\n[req]\ndistinguished_name=dn\n[dn]\n[e]\nsubjectAltName=email:anna@example.test\nextendedKeyUsage=emailProtection\nkeyUsage=critical,keyEncipherment\ncrlDistributionPoints=URI:http://ca.test/list\n`,
    );
    const steps = [
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        file('ca.key'),
        '-out',
        file('ca.pem'),
        '-subj',
        '/O=Health/CN=CA',
        '-days',
        '2',
        '-config',
        config,
        '-addext',
        'basicConstraints=critical,CA:TRUE',
        '-addext',
        'keyUsage=critical,keyCertSign,cRLSign',
      ],
      [
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        file('anna.key'),
        '-out',
        file('anna.csr'),
        '-subj',
        '/CN=Anna',
        '-config',
        config,
      ],
      [
        'x509',
        '-req',
        '-in',
        file('anna.csr'),
        '-CA',
        file('ca.pem'),
        '-CAkey',
        file('ca.key'),
        '-CAcreateserial',
        '-out',
        file('anna.pem'),
        '-days',
        '1',
        '-extfile',
        config,
        '-extensions',
        'e',
      ],
      [
        'ca',
        '-config',
        config,
        '-cert',
        file('ca.pem'),
        '-keyfile',
        file('ca.key'),
        '-revoke',
        file('anna.pem'),
      ],
      [
        'ca',
        '-config',
        config,
        '-cert',
        file('ca.pem'),
        '-keyfile',
        file('ca.key'),
        '-gencrl',
        '-out',
        file('list.pem'),
      ],
    ];
    for (const step of steps) expect(run(step).ok, step.join(' ')).toBe(true);
    const certificateIn = (name: string) => {
      const read = importCertificates(readFileSync(file(name), 'utf8'));
      if (read.kind === 'problem') throw new Error(read.problem);
      return read.value[0];
    };
    const [anna, authority] = [certificateIn('anna.pem'), certificateIn('ca.pem')];
    const checked = checkCertificate({
      certificate: anna,
      others: [],
      anchors: [authority],
      address: 'anna@example.test',
      purpose: 'encrypt',
      at: new Date(),
    });
    expect(checked.kind).toBe('trusted');
    const revocation = createRevocation({
      now: () => new Date(),
      monotonic: () => performance.now(),
      fetch: async () => readFileSync(file('list.pem')),
    });
    expect(await revocation.check([anna, authority])).toBe('revoked');
  });
});
