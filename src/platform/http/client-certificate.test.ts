import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createClientRevocation, importCertificates } from '#platform/keyring';
import { silentLogger, systemClock } from '#platform/runtime';
import { defineRoute } from './route.ts';
import { createHttpServer, type HttpServer } from './server.ts';

// Certificates as a hospital makes them: by OpenSSL, with an authority of its own.
const directory = mkdtempSync(join(tmpdir(), 'sealpost-mtls-'));
const file = (name: string) => join(directory, name);
const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'pipe' });

function authority(name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes', '-newkey', 'ec'];
  openssl(
    'req',
    '-x509',
    ...subject,
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  );
}

function issue(
  name: string,
  by: string,
  extensions: readonly string[],
  days = '2',
  authorityToo = false,
): void {
  openssl(
    'req',
    '-new',
    '-nodes',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-subj',
    `/O=Clinic/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  );
  writeFileSync(
    file('ext'),
    [`basicConstraints=CA:${authorityToo ? 'TRUE' : 'FALSE'}`, ...extensions].join('\n'),
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-days',
    days,
    '-extfile',
    'ext',
    '-out',
    `${name}.pem`,
  );
}

const asked: number[] = [];
/** Asks anew each time, and hears that nurses and aides are revoked. */
const revocation = createClientRevocation({
  mode: 'soft',
  revocation: {
    check(chain) {
      asked.push(chain.length);
      return Promise.resolve(/nurse|aide/.test(chain[0]?.x509.subject ?? '') ? 'revoked' : 'good');
    },
  },
  monotonic: () => (hours += 2 * 3_600_000),
  noticed: () => undefined,
  failed: () => undefined,
});
let hours = 0;
let server: HttpServer;
let trustedPort = 0;
let proxied: HttpServer;

const shownSchema = z.strictObject({
  subject: z.string(),
  spki: z.string(),
  trusted: z.boolean(),
  names: z.array(z.string()),
  standing: z.string(),
  /** Length of the chain that somebody was asked about. */
  asked: z.number(),
});

async function open(proxies: readonly string[]): Promise<HttpServer> {
  const read = importCertificates(readFileSync(file('authority.pem'), 'utf8'));
  if (read.kind === 'problem') throw new Error('no authority');
  return createHttpServer({
    channel: 'api',
    routes: [
      defineRoute({
        ...{ method: 'GET', path: '/v1/shown', summary: 'x', tags: [], access: 'public' },
        responses: { 200: z.strictObject({ shown: shownSchema.nullable() }) },
      }).handle(async ({ clientCertificate: one }) => {
        const { subject = '', spki = '', trusted = false, names = [] } = one ?? {};
        asked.length = 0;
        const standing = one === null ? 'stands' : await revocation.judge(one);
        const shown = { subject, spki, trusted, standing, asked: asked[0] ?? 0, names: [...names] };
        return { status: 200, body: { shown: one && shown } };
      }),
    ],
    authenticator: null,
    idempotency: null,
    clock: systemClock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: proxies,
    tls: { certificate: file('server.pem'), key: file('server.key') },
    clientCertificates: { authorities: read.value, proxies },
    ready: () => Promise.resolve({ ready: true, checks: {} }),
  });
}

beforeAll(async () => {
  authority('authority');
  authority('stranger');
  issue('server', 'authority', ['extendedKeyUsage=serverAuth', 'subjectAltName=DNS:localhost']);
  const client = 'extendedKeyUsage=clientAuth';
  issue('engine', 'authority', [client]);
  issue('card', 'authority', [
    client,
    'subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:Ana@Clinic.test,email:ana.ruiz@clinic.test',
  ]);
  issue('mailonly', 'authority', ['extendedKeyUsage=emailProtection']);
  issue('foreign', 'stranger', [client]);
  issue('past', 'authority', [client], '-1');
  // As hospitals' authorities often are: below a root, and for signing in alone. One of them is named beside it.
  for (const [below, one] of [
    ['ward', 'nurse'],
    ['annex', 'aide'],
  ] as const) {
    issue(below, 'authority', [client, 'keyUsage=keyCertSign,cRLSign'], '2', true);
    issue(one, below, [client]);
    appendFileSync(file(`${one}.pem`), readFileSync(file(`${below}.pem`)));
  }
  appendFileSync(file('authority.pem'), readFileSync(file('ward.pem')));
  server = await open([]);
  trustedPort = (await server.listen('127.0.0.1', 0)).port;
  proxied = await open(['127.0.0.1']);
  // A dozen processes of OpenSSL, on a machine that may be busy.
}, 60_000);
afterAll(async () => {
  await server.close(100);
  await proxied.close(100);
  rmSync(directory, { recursive: true, force: true });
});

/** One request over TLS; `as` names the certificate shown. */
function ask(as: string | null, headers: Record<string, string> = {}, session?: Buffer) {
  return new Promise<{ shown: z.output<typeof shownSchema> | null; session: Buffer | undefined }>(
    (resolve, reject) => {
      const own =
        as === null ? {} : { cert: readFileSync(file(`${as}.pem`)), key: readFileSync(file(`${as}.key`)) };
      let ticket: Buffer | undefined;
      const sent = request(
        {
          ...{
            host: '127.0.0.1',
            port: trustedPort,
            path: '/v1/shown',
            servername: 'localhost',
            agent: false,
          },
          ...{ headers, ca: readFileSync(file('authority.pem')), ...(session ? { session } : {}) },
          ...own,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({ ...JSON.parse(Buffer.concat(chunks).toString()), session: ticket }),
          );
        },
      );
      sent.on('socket', (socket) => socket.on('session', (one: Buffer) => (ticket = one)));
      sent.on('error', reject);
      sent.end();
    },
  );
}

const headerOf = (name: string) =>
  `:${/BEGIN CERTIFICATE-----([^-]+)/.exec(readFileSync(file(`${name}.pem`), 'utf8'))?.[1]?.replace(/\s/g, '')}:`;

async function byHeader(name: string, remoteAddress = '127.0.0.1', more: Record<string, string> = {}) {
  const headers = { 'client-cert': name.startsWith(':') ? name : headerOf(name), ...more };
  const answer = await proxied.inject({ method: 'GET', path: '/v1/shown', headers, remoteAddress });
  return (answer.json() as { shown: z.output<typeof shownSchema> | null }).shown;
}

describe('a client certificate', () => {
  it('is asked for and not demanded', async () => {
    expect((await ask(null)).shown).toBeNull();
    expect((await ask('engine')).shown).toMatchObject({ subject: 'O=Clinic\nCN=engine', trusted: true });
  });

  it('of another authority, for another use, or out of its time proves its key and no names', async () => {
    for (const name of ['foreign', 'mailonly', 'past', 'stranger'])
      expect([name, (await ask(name)).shown?.trusted]).toEqual([name, false]);
    const key = execFileSync('openssl', ['x509', '-in', file('foreign.pem'), '-pubkey', '-noout']);
    writeFileSync(file('foreign.pub'), key);
    const der = execFileSync('openssl', ['pkey', '-pubin', '-in', file('foreign.pub'), '-outform', 'DER']);
    const hash = execFileSync('openssl', ['dgst', '-sha256', '-binary'], { input: der });
    expect((await ask('foreign')).shown?.spki).toBe(hash.toString('base64url'));
  });

  it('of a smart card tells its mail address and its principal name', async () => {
    expect((await ask('card')).shown?.names).toEqual(['ana.ruiz@clinic.test', 'ana@clinic.test']);
  });

  it('is asked about with what stands above it, where that is named or a proxy tells it', async () => {
    const below = { trusted: true, standing: 'revoked', asked: 2 };
    const first = await ask('nurse');
    expect(first.shown).toMatchObject(below);
    expect((await ask('nurse', {}, first.session)).shown).toMatchObject(below);
    // Without what stands between: TLS has seen it and tells nobody, so there is nobody to ask; a header has not.
    expect((await ask('aide')).shown).toMatchObject({ trusted: true, standing: 'stands', asked: 0 });
    expect((await byHeader('aide'))?.trusted).toBe(false);
    const chain = { 'client-cert-chain': headerOf('annex') };
    expect(await byHeader('aide', '127.0.0.1', chain)).toMatchObject({ ...below, asked: 3 });
    // What was once heard of it counts.
    expect((await ask('aide')).shown).toMatchObject({ standing: 'revoked', asked: 0 });
    expect((await ask('engine')).shown).toMatchObject({ standing: 'stands', asked: 2 });
    // Places to ask stand in the certificate: nobody is asked for a stranger's.
    expect((await ask('foreign')).shown).toMatchObject({ standing: 'stands', asked: 0 });
  });

  it('is the same on a resumed session', async () => {
    const first = await ask('engine');
    const again = await ask('engine', {}, first.session);
    expect(first.session).toBeDefined();
    expect(again.shown).toEqual(first.shown);
  });

  it('is taken from a header only where a trusted proxy speaks', async () => {
    expect(await byHeader('engine')).toMatchObject({ subject: 'O=Clinic\nCN=engine', trusted: true });
    expect((await byHeader('foreign'))?.trusted).toBe(false);
    expect((await byHeader('past'))?.trusted).toBe(false);
    expect((await byHeader('mailonly'))?.trusted).toBe(false);
    expect(await byHeader('engine', '192.0.2.7')).toBeNull();
    // Without a proxy that was named the header is not read, though the peer is the same machine.
    expect((await ask(null, { 'client-cert': headerOf('engine') })).shown).toBeNull();
    expect((await ask('foreign', { 'client-cert': headerOf('engine') })).shown?.subject).toContain('foreign');
    for (const broken of [':AAAA:', '::', ': x:', `${headerOf('engine')}, ${headerOf('card')}`])
      expect(await byHeader(broken.startsWith(':') ? broken : `:${broken}`)).toBeNull();
  });
});
