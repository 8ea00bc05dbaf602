// Certificates from OpenLDAP's own server, as an administrator would set it up, over both ways of TLS.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askDirectory, type DirectorySettings } from '#platform/keyring';
import {
  type Made,
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { identityOf, loopback } from '../../src/platform/keyring/ldap/directory-fixture.ts';
import { type Issued, issue } from '../../src/platform/net/certificates-fixture.ts';

const SLAPD = '/usr/sbin/slapd';
const SCHEMAS = '/etc/ldap/schema';
const present = existsSync(SLAPD) && existsSync(join(SCHEMAS, 'inetorgperson.schema'));

const HOST = 'ldap.clinic.test';
const BASE = 'dc=clinic,dc=test';
const credentials = { name: `cn=sealpost,${BASE}`, password: 'grüne Wiese' };

let folder = '';
let slapd: ChildProcess | null = null;
let authority: Issued;
const ports = { ldaps: 0, starttls: 0 };
const people = new Map<string, Made>();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function person(name: string, mail: string, attributes: readonly string[]): string {
  const lines = [
    `dn: cn=${name},ou=people,${BASE}`,
    'objectClass: inetOrgPerson',
    `cn: ${name}`,
    `sn: ${name}`,
    `mail: ${mail}`,
  ];
  return [...lines, ...attributes].join('\n');
}

function listing(): string {
  const root = makeAuthority('Conformance root');
  const certificate = (name: string, email: string): string => {
    const made = makeCertificate({ name, issuer: root, emails: [email] });
    people.set(name, made);
    return made.certificate.raw.toString('base64');
  };
  const bundled = makeCertificate({ name: 'Bundled', issuer: root, emails: ['bundled@example.test'] });
  people.set('Bundled', bundled);
  writeFileSync(join(folder, 'bundled.pem'), bundled.pem + root.pem);
  const args = ['crl2pkcs7', '-nocrl', '-certfile', join(folder, 'bundled.pem'), '-outform', 'DER'];
  const bundle = spawnSync('openssl', args).stdout.toString('base64');
  const erika = certificate('Erika', 'erika@example.test');
  return [
    `dn: ${BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Clinic\ndc: clinic`,
    `dn: ou=people,${BASE}\nobjectClass: organizationalUnit\nou: people`,
    `dn: ${credentials.name}\nobjectClass: person\ncn: sealpost\nsn: s\nuserPassword:: ${Buffer.from(credentials.password).toString('base64')}`,
    person('Erika', 'Erika@Example.test', [`userCertificate;binary:: ${erika}`]),
    person('Bundled', 'bundled@example.test', [`userSMIMECertificate:: ${bundle}`]),
    person('Bare', 'bare@example.test', []),
    ...Array.from({ length: 12 }, (_, at) =>
      person(`Team${at}`, 'team@example.test', [
        `userCertificate;binary:: ${certificate(`Team${at}`, 'team@example.test')}`,
      ]),
    ),
    `dn: ou=elsewhere,${BASE}\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\nref: ldap://127.0.0.1:1/dc=x`,
  ].join('\n\n');
}

async function start(): Promise<void> {
  authority = await issue({ name: 'Directory authority', authority: true });
  const { cert, key } = await identityOf(await issue({ name: HOST, names: [HOST], issuer: authority }));
  folder = mkdtempSync(join(tmpdir(), 'sealpost-ldap-'));
  const file = (name: string): string => join(folder, name);
  mkdirSync(file('data'));
  writeFileSync(file('server.pem'), cert);
  writeFileSync(file('server.key'), key, { mode: 0o600 });
  const configuration = [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${SCHEMAS}/${name}.schema`),
    ...(existsSync('/usr/lib/ldap') ? ['modulepath /usr/lib/ldap', 'moduleload back_mdb'] : []),
    `TLSCertificateFile ${file('server.pem')}`,
    `TLSCertificateKeyFile ${file('server.key')}`,
    `pidfile ${file('slapd.pid')}`,
    'security simple_bind=128',
    'database mdb',
    `suffix "${BASE}"`,
    `directory ${file('data')}`,
    'maxsize 16777216',
    'access to attrs=userPassword by anonymous auth',
    `access to * by dn.exact="${credentials.name}" read by * none`,
  ];
  writeFileSync(file('slapd.conf'), `${configuration.join('\n')}\n`);
  writeFileSync(file('listing.ldif'), `${listing()}\n`);
  const added = spawnSync(SLAPD, ['-Ta', '-f', file('slapd.conf'), '-l', file('listing.ldif')], {
    encoding: 'utf8',
  });
  if (added.status !== 0) throw new Error(`slapadd: ${added.stderr}`);
  ports.ldaps = await freePort();
  ports.starttls = await freePort();
  const places = `ldap://127.0.0.1:${ports.starttls}/ ldaps://127.0.0.1:${ports.ldaps}/`;
  slapd = spawn(SLAPD, ['-d', '0', '-f', file('slapd.conf'), '-h', places], { stdio: 'ignore' });
  for (let tries = 0; !(await listens(ports.ldaps)); tries += 1) {
    if (tries === 100 || slapd.exitCode !== null) throw new Error('slapd does not start');
    await wait(50);
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const [open] = await Promise.race([
    once(socket, 'connect').then(() => [true]),
    once(socket, 'error').then(() => [false]),
  ]).catch(() => [false]);
  socket.destroy();
  return open === true;
}

beforeAll(async () => {
  if (present) await start();
});
afterAll(async () => {
  if (slapd !== null && slapd.exitCode === null) {
    slapd.kill();
    await once(slapd, 'exit');
  }
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

function ask(
  address: string,
  security: 'ldaps' | 'starttls' = 'ldaps',
  more: Partial<DirectorySettings> = {},
) {
  const settings = {
    host: HOST,
    port: ports[security],
    security,
    authorities: [authority.certificate.toString()],
    baseDn: `ou=people,${BASE}`,
    credentials,
    ...more,
  };
  return askDirectory(settings, address, loopback());
}

describe('certificates from OpenLDAP', () => {
  beforeEach((context) => {
    if (!present) context.skip('slapd (OpenLDAP) is not installed here');
  });

  it.each(['ldaps', 'starttls'] as const)('are found over %s, without regard to case', async (security) => {
    const answer = await ask('erika@example.test', security);
    expect(answer).toMatchObject({ kind: 'answered', entries: 1, unreadable: 0, referrals: 0 });
    const found = answer.kind === 'answered' ? answer.found : [];
    expect(found.map(({ certificate }) => certificate.fingerprint)).toEqual([
      people.get('Erika')?.certificate.fingerprint,
    ]);
  });

  it('come out of what openssl has bundled, with the authority that vouches for them', async () => {
    const answer = await ask('bundled@example.test');
    const [found] = answer.kind === 'answered' ? answer.found : [];
    expect(found?.certificate.fingerprint).toBe(people.get('Bundled')?.certificate.fingerprint);
    expect(found?.others.map(({ subject }) => subject)).toEqual(['Conformance root']);
  });

  it('are ten at most of twelve, and none where there is nobody or nothing', async () => {
    expect(await ask('team@example.test')).toMatchObject({ kind: 'answered', entries: 10 });
    expect(await ask('bare@example.test')).toMatchObject({ kind: 'answered', entries: 1, found: [] });
    expect(await ask('nobody@example.test')).toMatchObject({ kind: 'answered', entries: 0 });
  });

  it.each([
    '*',
    'erika*',
    '*)(objectClass=*',
    'erika@example.test)(cn=*',
    '\\65rika@example.test',
    '\0',
    'ü@x.test',
  ])('are not found by %j: a value is no filter', async (address) => {
    expect(await ask(address)).toMatchObject({ kind: 'answered', entries: 0 });
  });

  it('stay here: a referral is counted and not followed', async () => {
    const answer = await ask('erika@example.test', 'ldaps', { baseDn: BASE });
    expect(answer).toMatchObject({ kind: 'answered', entries: 1, referrals: 1 });
    const whole = await ask('erika@example.test', 'ldaps', { baseDn: `ou=elsewhere,${BASE}` });
    expect(whole).toMatchObject({ kind: 'answered', entries: 0, referrals: 1 });
  });

  it.each([
    ['credentials-refused', { credentials: { name: credentials.name, password: 'wrong' } }],
    ['base-not-found', { baseDn: `ou=nowhere,${BASE}` }],
    ['base-not-found', { credentials: null }],
    ['base-not-found', { baseDn: 'no name at all' }],
    ['certificate-untrusted', { authorities: [] }],
    ['certificate-wrong-name', { host: 'other.clinic.test' }],
  ] as const)('%s is told apart: %j', async (code, more) => {
    for (const security of ['ldaps', 'starttls'] as const) {
      expect(await ask('erika@example.test', security, more)).toEqual({ kind: 'failed', code });
    }
  });
});
