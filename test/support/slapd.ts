// OpenLDAP's own server on loopback, over both ways of TLS, as an administrator would set it up.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identityOf } from '../../src/platform/keyring/ldap/directory-fixture.ts';
import { issue } from '../../src/platform/net/certificates-fixture.ts';

const SLAPD = '/usr/sbin/slapd';
const SCHEMAS = '/etc/ldap/schema';

export const slapdPresent = existsSync(SLAPD) && existsSync(join(SCHEMAS, 'inetorgperson.schema'));

export interface Slapd {
  readonly host: string;
  readonly ports: { readonly ldaps: number; readonly starttls: number };
  /** PEM of the authority of its certificate. */
  readonly authority: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const open = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return open;
}

/** Starts it with entries (LDIF) under `base`, readable by `reader` alone. */
export async function startSlapd(options: {
  readonly base: string;
  readonly reader: string;
  readonly entries: string;
  readonly more?: readonly string[];
}): Promise<Slapd> {
  const host = 'ldap.clinic.test';
  const authority = await issue({ name: 'Directory authority', authority: true });
  const { cert, key } = await identityOf(await issue({ name: host, names: [host], issuer: authority }));
  const folder = mkdtempSync(join(tmpdir(), 'sealpost-slapd-'));
  const file = (name: string): string => join(folder, name);
  mkdirSync(file('data'));
  writeFileSync(file('server.pem'), cert);
  writeFileSync(file('server.key'), key, { mode: 0o600 });
  const configuration = [
    ...['core', 'cosine', 'nis', 'inetorgperson'].map((name) => `include ${SCHEMAS}/${name}.schema`),
    ...(existsSync('/usr/lib/ldap') ? ['modulepath /usr/lib/ldap', 'moduleload back_mdb'] : []),
    `TLSCertificateFile ${file('server.pem')}`,
    `TLSCertificateKeyFile ${file('server.key')}`,
    `pidfile ${file('slapd.pid')}`,
    'security simple_bind=128',
    'database mdb',
    `suffix "${options.base}"`,
    `directory ${file('data')}`,
    'maxsize 67108864',
    ...(options.more ?? []),
    'access to attrs=userPassword by anonymous auth',
    `access to * by dn.exact="${options.reader}" read by * none`,
  ];
  writeFileSync(file('slapd.conf'), `${configuration.join('\n')}\n`);
  writeFileSync(file('listing.ldif'), `${options.entries}\n`);
  const args = ['-Ta', '-q', '-f', file('slapd.conf'), '-l', file('listing.ldif')];
  const added = spawnSync(SLAPD, args, { encoding: 'utf8' });
  if (added.status !== 0) throw new Error(`slapadd: ${added.stderr}`);
  const ports = { ldaps: await freePort(), starttls: await freePort() };
  const places = `ldap://127.0.0.1:${ports.starttls}/ ldaps://127.0.0.1:${ports.ldaps}/`;
  const slapd: ChildProcess = spawn(SLAPD, ['-d', '0', '-f', file('slapd.conf'), '-h', places], {
    stdio: 'ignore',
  });
  for (let tries = 0; !(await listens(ports.ldaps)); tries += 1) {
    if (tries === 100 || slapd.exitCode !== null) throw new Error('slapd does not start');
    await wait(50);
  }
  return {
    ...{ host, ports, authority: authority.certificate.toString() },
    async stop() {
      if (slapd.exitCode === null) {
        slapd.kill();
        await once(slapd, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
