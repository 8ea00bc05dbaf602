import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Issued, issue } from '../../net/certificates-fixture.ts';
import { type Made, makeAuthority, makeCertificate } from '../certificates/certificate-fixture.ts';
import { OID } from '../der/oids.ts';
import { der, nothing, objectId, sequence, setOf, smallInteger } from '../der/write.ts';
import { askDirectory, type DirectoryAnswer, type DirectorySettings } from './ask-directory.ts';
import {
  type Asked,
  entryOf,
  identityOf,
  loopback,
  referenceOf,
  resultOf,
  startDirectory,
  type TestDirectory,
} from './directory-fixture.ts';

const HOST = 'ldap.clinic.test';
const address = 'erika@example.test';
let authority: Issued;
let identity: { cert: string; key: string };
let root: Made;
let erika: Made;
const open: TestDirectory[] = [];

beforeAll(async () => {
  authority = await issue({ name: 'Directory authority', authority: true });
  identity = await identityOf(await issue({ name: HOST, names: [HOST], issuer: authority }));
  root = makeAuthority('Root');
  erika = makeCertificate({ name: 'Erika', issuer: root, key: 'P-256', emails: [address] });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

type Answering = (asked: Asked) => readonly Buffer[];

async function start(
  answer: Answering,
  security: 'ldaps' | 'starttls' = 'ldaps',
  own = identity,
): Promise<TestDirectory> {
  const directory = await startDirectory({ security, identity: own, answer });
  open.push(directory);
  return directory;
}

function settings(port: number, more: Partial<DirectorySettings> = {}): DirectorySettings {
  return {
    host: HOST,
    port,
    security: 'ldaps',
    authorities: [authority.certificate.toString()],
    baseDn: 'ou=people,dc=clinic,dc=test',
    credentials: null,
    ...more,
  };
}

/** A directory that says this to a search, asked once. */
async function ask(
  answer: Answering,
  more: Partial<DirectorySettings> = {},
  wanted = address,
): Promise<{ readonly answer: DirectoryAnswer; readonly asked: readonly Asked[] }> {
  const { port, asked } = await start(answer, more.security);
  return { answer: await askDirectory(settings(port, more), wanted, loopback(), 3_000), asked };
}

const ok: Answering = ({ id, operation }) =>
  operation === 'unbind' ? [] : [resultOf(id, operation as 'bind' | 'search' | 'start-tls')];

/** Entries to a search, and success to everything else. */
const saying =
  (...entries: readonly Readonly<Record<string, readonly Buffer[]>>[]): Answering =>
  (asked) => [
    ...(asked.operation === 'search' ? entries.map((one) => entryOf(asked.id, one)) : []),
    ...ok(asked),
  ];

const names = (answer: DirectoryAnswer): string[] =>
  answer.kind === 'answered' ? answer.found.map(({ certificate }) => certificate.subject) : [answer.code];

/** A SignedData of PKCS #7 that brings certificates and no signature. */
function bundle(...certificates: readonly Made[]): Buffer {
  const signed = sequence(
    smallInteger(1),
    setOf([]),
    sequence(objectId(OID.data)),
    der(0xa0, ...certificates.map(({ certificate }) => certificate.raw)),
    setOf([]),
  );
  return sequence(objectId(OID.signedData), der(0xa0, signed));
}

describe('what a directory says', () => {
  it('is found under both attributes, with and without ;binary, once each, and with its chain', async () => {
    const between = makeCertificate({ name: 'Between', issuer: root, key: 'P-256', authority: { depth: 0 } });
    const chained = makeCertificate({ name: 'Chained', issuer: between, key: 'P-256', emails: [address] });
    const { answer } = await ask(
      saying(
        { 'userCertificate;binary': [erika.certificate.raw], usercertificate: [erika.certificate.raw] },
        { 'userSMIMECertificate;binary': [bundle(chained, between)], description: [Buffer.from('x')] },
      ),
    );
    expect(answer).toMatchObject({ kind: 'answered', entries: 2, unreadable: 0, referrals: 0 });
    expect(names(answer).sort()).toEqual(['Chained', 'Erika']);
    const others = answer.kind === 'answered' ? answer.found.flatMap(({ others: all }) => all) : [];
    expect(new Set(others.map(({ subject }) => subject))).toEqual(new Set(['Between']));
  });

  it('may be nothing, or nothing that can be read', async () => {
    expect((await ask(saying())).answer).toMatchObject({ kind: 'answered', entries: 0, found: [] });
    const broken = [Buffer.from('3003020101', 'hex'), erika.certificate.raw.subarray(0, 90), nothing];
    const { answer } = await ask(saying({ userCertificate: broken, userSMIMECertificate: broken }));
    expect(answer).toMatchObject({ kind: 'answered', entries: 1, unreadable: 6, found: [] });
  });

  it('counts referrals and follows none', async () => {
    const { answer } = await ask((asked) =>
      asked.operation === 'search'
        ? [
            referenceOf(asked.id),
            entryOf(asked.id, { userCertificate: [erika.certificate.raw] }),
            ...ok(asked),
          ]
        : ok(asked),
    );
    expect(answer).toMatchObject({ kind: 'answered', entries: 1, referrals: 1 });
    const whole = await ask(({ id }) => [resultOf(id, 'search', 10)]);
    expect(whole.answer).toMatchObject({ kind: 'answered', entries: 0, referrals: 1, found: [] });
  });

  it('is believed up to ten entries, also where the server says that there are more', async () => {
    const many = Array.from({ length: 10 }, () => ({ userCertificate: [erika.certificate.raw] }));
    const full = await ask((asked) => [
      ...many.map((one) => entryOf(asked.id, one)),
      resultOf(asked.id, 'search', 4),
    ]);
    expect(full.answer).toMatchObject({ kind: 'answered', entries: 10 });
    const more = await ask(saying(...many, { userCertificate: [erika.certificate.raw] }));
    expect(more.answer).toEqual({ kind: 'failed', code: 'answer-too-large' });
  });

  it.each([
    [3, 'timeout'],
    [32, 'base-not-found'],
    [50, 'access-refused'],
    [53, 'refused'],
  ])('result %i is %s', async (result, code) => {
    const { answer } = await ask(({ id }) => [resultOf(id, 'search', result)]);
    expect(answer).toEqual({ kind: 'failed', code });
  });
});

describe('an address', () => {
  it.each([
    '*',
    'a*@example.test',
    'x)(mail=*@example.test',
    '\\2a@example.test',
    '\0@example.test',
    'ü)@example.test',
  ])('goes out as it is, whatever is in it: %j', async (wanted) => {
    const { asked } = await ask(saying(), {}, wanted);
    const [search] = asked;
    expect(search?.words).toEqual(['ou=people,dc=clinic,dc=test', 'mail', wanted]);
  });
});

describe('the connection', () => {
  it('binds where there is a name, and only under TLS', async () => {
    const credentials = { name: 'cn=sealpost,dc=clinic,dc=test', password: 'grüne Wiese' };
    const { answer, asked } = await ask(saying(), { security: 'starttls', credentials });
    expect(answer.kind).toBe('answered');
    expect(asked.slice(0, 3).map(({ operation, secure }) => [operation, secure])).toEqual([
      ['start-tls', false],
      ['bind', true],
      ['search', true],
    ]);
    expect(asked[1]?.words).toEqual([credentials.name, credentials.password]);
    const refused = await ask(({ id }) => [resultOf(id, 'bind', 49)], { credentials });
    expect(refused.answer).toEqual({ kind: 'failed', code: 'credentials-refused' });
    expect(refused.asked.map(({ operation }) => operation)).not.toContain('search');
  });

  it('is given up where STARTTLS is refused, or where more than its answer came in clear', async () => {
    const no = await ask(({ id }) => [resultOf(id, 'start-tls', 2)], { security: 'starttls' });
    expect(no.answer).toEqual({ kind: 'failed', code: 'tls-not-offered' });
    for (const behind of [resultOf(2, 'search'), Buffer.from('3082ffff', 'hex')]) {
      const injected = await ask(({ id }) => [resultOf(id, 'start-tls'), behind], { security: 'starttls' });
      expect(injected.answer).toEqual({ kind: 'failed', code: 'answer-unreadable' });
      expect(injected.asked).toHaveLength(1);
    }
  });

  it('is for a server that somebody trusted vouches for, under its name, now', async () => {
    const { port, asked } = await start(saying());
    const untrusted = settings(port, { authorities: [] });
    expect(names(await askDirectory(untrusted, address, loopback()))).toEqual(['certificate-untrusted']);
    const renamed = settings(port, { host: 'other.clinic.test' });
    expect(names(await askDirectory(renamed, address, loopback()))).toEqual(['certificate-wrong-name']);
    const byNumber = settings(port, { host: '127.0.0.1' });
    expect(names(await askDirectory(byNumber, address, loopback()))).toEqual(['certificate-wrong-name']);
    const old = await issue({ name: HOST, names: [HOST], issuer: authority, expired: true });
    const expired = await start(saying(), 'ldaps', await identityOf(old));
    expect(names(await askDirectory(settings(expired.port), address, loopback()))).toEqual([
      'certificate-expired',
    ]);
    expect([...asked, ...expired.asked]).toEqual([]);
  });

  it('goes only where it may, and to names that exist', async () => {
    const { port } = await start(saying());
    const refused = loopback({ mayConnect: () => false });
    expect(names(await askDirectory(settings(port), address, refused))).toEqual(['forbidden-address']);
    const nowhere = settings(port, { host: 'nowhere.test' });
    expect(names(await askDirectory(nowhere, address, loopback()))).toEqual(['name-not-found']);
    await Promise.all(open.splice(0).map((one) => one.close()));
    expect(names(await askDirectory(settings(port), address, loopback()))).toEqual(['connect-failed']);
  });

  it('ends in time when nothing comes, before TLS and after', async () => {
    const silent = await start(() => []);
    const clear = await start(() => [], 'starttls');
    const upgraded = await start(({ id, secure }) => (secure ? [] : [resultOf(id, 'start-tls')]), 'starttls');
    const begun = performance.now();
    const waits = [
      askDirectory(settings(silent.port), address, loopback(), 150),
      askDirectory(settings(clear.port, { security: 'starttls' }), address, loopback(), 150),
      askDirectory(settings(upgraded.port, { security: 'starttls' }), address, loopback(), 150),
    ];
    expect((await Promise.all(waits)).map(names)).toEqual([['timeout'], ['timeout'], ['timeout']]);
    expect([silent, clear, upgraded].map(({ asked }) => asked.length)).toEqual([1, 1, 2]);
    const slow = loopback();
    slow.resolver.addresses = () => new Promise(() => undefined);
    expect(names(await askDirectory(settings(silent.port), address, slow, 50))).toEqual(['timeout']);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it.each<readonly [string, Answering, string]>([
    ['no LDAP', () => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')], 'answer-unreadable'],
    ['an answer to nothing', ({ id }) => [resultOf(id + 1, 'search')], 'answer-unreadable'],
    ['another answer', ({ id }) => [resultOf(id, 'bind')], 'answer-unreadable'],
    [
      'more than the answer',
      ({ id }) => [resultOf(id, 'search'), resultOf(id, 'search')],
      'answer-unreadable',
    ],
    ['an endless length', () => [Buffer.from('3080', 'hex')], 'answer-unreadable'],
    ['a message without bounds', () => [Buffer.from('30847fffffff', 'hex')], 'answer-too-large'],
    [
      'many small messages',
      ({ id }) => Array.from({ length: 9_300 }, () => referenceOf(id)),
      'answer-too-large',
    ],
    ['a notice that it goes', () => [resultOf(0, 'start-tls', 52)], 'closed'],
  ])('%s is a failure, not a fault', async (_, answer, code) => {
    expect(names((await ask(answer)).answer)).toEqual([code]);
  });
});
