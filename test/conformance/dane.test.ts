// DANE against a real validating resolver: a zone signed with ldns, answered and validated by unbound on loopback, read by
// our resolver, and mail sent to the sandbox's peers by what it says. Debian: unbound, ldnsutils.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, type X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkProfile } from '#core/network';
import { createDeliver, type Deliver } from '#journey/5-deliver';
import { contentOf, createValidatingResolver } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { type Sandbox, startSandbox } from '#sandbox';

const TOOLS = ['/usr/sbin/unbound', '/usr/bin/ldns-keygen', '/usr/bin/ldns-signzone'];
const missing = TOOLS.filter((tool) => !existsSync(tool));

let home = '';
let sandbox: Sandbox;
let unbound: ChildProcess | null = null;
let deliver: Deliver;
let world: ReturnType<typeof createValidatingResolver>;

/** The peer's own certificate, as it shows it behind STARTTLS. */
function certificateOf(host: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const plain = connect(sandbox.peer(host).port, '127.0.0.1');
    plain.once('error', reject);
    let said = '';
    plain.on('data', (chunk) => {
      said += chunk;
      if (/^220 .*\r\n$/.test(said)) plain.write('EHLO client.test\r\n');
      else if (/250 .*\r\n$/.test(said) && !said.includes('go ahead')) plain.write('STARTTLS\r\n');
      if (!said.includes('go ahead')) return;
      plain.removeAllListeners('data');
      const secure = connectTls({ socket: plain, rejectUnauthorized: false, servername: host }, () => {
        const certificate = secure.getPeerX509Certificate();
        secure.destroy();
        if (certificate === undefined) reject(new Error('the peer showed no certificate'));
        else resolve(certificate);
      });
      secure.once('error', reject);
    });
  });
}

function byKey({ publicKey }: X509Certificate): string {
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return `3 1 1 ${createHash('sha256').update(key).digest('hex')}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

const SOA = (zone: string): string =>
  `$ORIGIN ${zone}.\n$TTL 60\n@ IN SOA ns.${zone}. nobody.${zone}. 1 3600 600 86400 60\n@ IN NS ns.${zone}.\nns IN A 127.0.0.1\n`;

/** Signs a zone and returns the anchor that vouches for it. */
function sign(zone: string, file: string): string {
  const run = (tool: string, ...args: string[]): string =>
    execFileSync(tool, args, { cwd: home, encoding: 'utf8' });
  const key = run('ldns-keygen', '-k', '-a', 'ECDSAP256SHA256', '-r', '/dev/urandom', zone).trim();
  run('ldns-signzone', '-n', '-f', `${file}.signed`, file, key);
  return readFileSync(join(home, `${key}.ds`), 'utf8');
}

async function startUnbound(port: number): Promise<ChildProcess> {
  const zone = (name: string, file: string): string =>
    `auth-zone:\n  name: "${name}."\n  zonefile: "${join(home, file)}"\n  for-downstream: no\n  for-upstream: yes\n  fallback-enabled: no\n`;
  writeFileSync(
    join(home, 'unbound.conf'),
    `server:
  interface: 127.0.0.1
  port: ${port}
  directory: "${home}"
  pidfile: "${join(home, 'unbound.pid')}"
  chroot: ""
  username: ""
  use-syslog: no
  logfile: ""
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "${join(home, 'anchor')}"
  local-zone: "test." nodefault
remote-control:
  control-enable: no
${zone('signed.test', 'signed.zone.signed')}${zone('bent.test', 'bent.zone.bent')}${zone('plain.test', 'plain.zone')}`,
  );
  const started = spawn('/usr/sbin/unbound', ['-c', join(home, 'unbound.conf'), '-d'], { stdio: 'ignore' });
  const until = Date.now() + 10_000;
  const { resolver } = createValidatingResolver({
    servers: [{ address: '127.0.0.1', port }],
    monotonic: () => performance.now(),
    roundsMs: [300],
    cacheSeconds: 0,
  });
  while ((await resolver.addresses('ns.plain.test')).kind !== 'found') {
    if (Date.now() > until || started.exitCode !== null) {
      started.kill();
      throw new Error('unbound does not answer');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return started;
}

beforeAll(async () => {
  if (missing.length > 0) return;
  sandbox = await startSandbox();
  home = mkdtempSync(join(tmpdir(), 'sealpost-dane-'));
  const good = byKey(await certificateOf('mx.dane.test'));
  const other = byKey(await certificateOf('mx.tls12.test'));
  // Names of the zone, each standing for one of the sandbox's peers.
  writeFileSync(
    join(home, 'signed.zone'),
    `${SOA('signed.test')}@ IN MX 10 mx
mx IN A 127.0.0.1
_25._tcp.mx IN TLSA ${good}
wrong IN MX 10 wrong-mx
wrong-mx IN A 127.0.0.1
_25._tcp.wrong-mx IN TLSA ${other}
alias IN MX 10 alias-mx
alias-mx IN CNAME mx
outside IN MX 10 outside-mx
outside-mx IN CNAME mx.plain.test.
_25._tcp.outside-mx IN TLSA ${good}
none IN MX 10 none-mx
none-mx IN A 127.0.0.1
`,
  );
  writeFileSync(
    join(home, 'bent.zone'),
    `${SOA('bent.test')}@ IN MX 10 mx\nmx IN A 127.0.0.1\n_25._tcp.mx IN TLSA ${good}\n`,
  );
  writeFileSync(
    join(home, 'plain.zone'),
    `${SOA('plain.test')}@ IN MX 10 mx\nmx IN A 127.0.0.1\n_25._tcp.mx IN TLSA ${other}\n`,
  );
  writeFileSync(join(home, 'anchor'), sign('signed.test', 'signed.zone') + sign('bent.test', 'bent.zone'));
  // Somebody changes the records after they were signed.
  const signed = readFileSync(join(home, 'bent.zone.signed'), 'utf8');
  const bent = signed.replace(good.slice(6), other.slice(6));
  expect(bent).not.toBe(signed);
  writeFileSync(join(home, 'bent.zone.bent'), bent);
  const port = await freePort();
  unbound = await startUnbound(port);
  world = createValidatingResolver({
    servers: [{ address: '127.0.0.1', port }],
    monotonic: () => performance.now(),
  });
  const standsFor = (host: string): string =>
    host === 'none-mx.signed.test' ? 'mx.tls12.test' : 'mx.dane.test';
  const network: NetworkProfile = {
    ...sandbox.profile,
    ...world,
    mayRoute: () => true,
    smtpPort: (host) => sandbox.peer(standsFor(host)).port,
  };
  deliver = createDeliver({ network: () => network, clock: systemClock, hostName: 'mail.clinic.test' });
});
afterAll(async () => {
  await deliver?.close();
  unbound?.kill();
  await sandbox?.stop();
  if (home !== '') rmSync(home, { recursive: true, force: true });
});

const send = (domain: string) =>
  deliver.send({
    domain,
    envelopeFrom: { local: 'doc', domain: 'clinic.test' },
    recipient: { local: 'anna', domain },
    content: contentOf(Buffer.from('Subject: x\r\n\r\nx\r\n')),
    tls: { minimum: '1.2', authentication: 'verified' },
    smtpUtf8: false,
    eightBit: false,
  });

describe('DANE by unbound’s word', () => {
  beforeEach((context) => {
    if (missing.length === 0) return;
    // Skipped: without them there is nothing to ask.
    context.skip(`${missing.join(', ')} is not installed (apt-get install unbound ldnsutils)`);
  });

  it('tells secure answers, insecure ones and bogus ones apart', async () => {
    const { resolver, dane } = world;
    expect(await resolver.mx('signed.test')).toMatchObject({ kind: 'found', secure: true });
    expect(await resolver.mx('plain.test')).toMatchObject({ kind: 'found', secure: false });
    expect(await resolver.mx('absent.signed.test')).toMatchObject({ kind: 'none', secure: true });
    expect(await dane.tlsa('mx.signed.test')).toMatchObject({ kind: 'found', base: 'mx.signed.test' });
    expect(await dane.tlsa('none-mx.signed.test')).toEqual({ kind: 'none' });
    expect(await dane.tlsa('mx.plain.test')).toEqual({ kind: 'none' });
    expect(await dane.tlsa('mx.bent.test')).toEqual({ kind: 'failed' });
    expect(await dane.tlsa('alias-mx.signed.test')).toMatchObject({ kind: 'found', base: 'mx.signed.test' });
    expect(await dane.tlsa('outside-mx.signed.test')).toMatchObject({
      kind: 'found',
      base: 'outside-mx.signed.test',
    });
  });

  it.each(['signed.test', 'alias.signed.test', 'outside.signed.test'])('%s is verified', async (domain) => {
    expect(await send(domain)).toMatchObject({ kind: 'delivered', transport: { authenticatedBy: 'dane' } });
  });

  it('a wrong record refuses, a bent one defers, and none leaves it to certificate and name', async () => {
    expect(await send('wrong.signed.test')).toMatchObject({ failure: { code: 'dane-mismatch' } });
    expect(await send('bent.test')).toMatchObject({ kind: 'deferred', code: 'dnssec-failed' });
    expect(await send('none.signed.test')).toMatchObject({ failure: { code: 'certificate-wrong-name' } });
  });

  it('an unsigned domain’s records do not count', async () => {
    expect(await send('plain.test')).toMatchObject({ failure: { code: 'certificate-self-signed' } });
  });
});
