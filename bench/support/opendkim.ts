import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const PROGRAM = '/usr/sbin/opendkim';

export interface RunningSigner {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Why Postfix cannot be made to sign here, or null. */
export function signerMissing(): string | null {
  return existsSync(PROGRAM) ? null : 'opendkim is not installed (Debian: apt-get install opendkim)';
}

/**
 * Debian's OpenDKIM as a milter on loopback, signing with one RSA-2048 key, relaxed/relaxed: half of what Sealpost signs
 * (RSA and Ed25519). No log.
 */
export async function startSigner(root: string, port: number, domain: string): Promise<RunningSigner> {
  const key = join(root, 'dkim.pem');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const config = join(root, 'opendkim.conf');
  const settings = {
    Syslog: 'no',
    Background: 'no',
    Mode: 's',
    Socket: `inet:${port}@127.0.0.1`,
    Domain: domain,
    Selector: 'bench',
    KeyFile: key,
    Canonicalization: 'relaxed/relaxed',
    SignatureAlgorithm: 'rsa-sha256',
    InternalHosts: '127.0.0.1',
    RequireSafeKeys: 'no',
    OversignHeaders: 'From',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  writeFileSync(config, `${lines.join('\n')}\n`);
  const child = spawn(PROGRAM, ['-x', config, '-f'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilListening(port, () => child.exitCode !== null);
  return {
    pid: child.pid ?? 0,
    port,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function untilListening(port: number, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (hasEnded()) throw new Error('OpenDKIM did not start');
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('OpenDKIM does not answer');
}
