// The production composition in a process of its own for the canary proof: its temporary directory, its log and its
// output are files that the proof searches. A leak for the control is composed here and nowhere else.
import { appendFileSync } from 'node:fs';
import { createLogger, loadConfig } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { runSystem } from '../../src/system/run-system.ts';
import type { CanaryReady, CanarySpec } from './start-canary.ts';

/** The vault, but for one field that it leaves as it is: a column whose sealing somebody forgot. */
function leaveOut(vault: Vault, field: string): Vault {
  const sealing: Pick<Vault, 'seal' | 'open' | 'openText'> = {
    seal: (key, binding, plain) =>
      binding.field === field ? Buffer.from(plain) : vault.seal(key, binding, plain),
    open: (key, binding, sealed) =>
      binding.field === field ? Buffer.from(sealed) : vault.open(key, binding, sealed),
    openText: (key, binding, sealed) =>
      binding.field === field ? Buffer.from(sealed).toString('utf8') : vault.openText(key, binding, sealed),
  };
  return new Proxy(vault, {
    get(target, name) {
      const value: unknown = Object.hasOwn(sealing, name)
        ? Reflect.get(sealing, name)
        : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The superuser's address of our database, not of the server's first one. */
function ownDatabase(adminUrl: string, url: string): string {
  const address = new URL(adminUrl);
  address.pathname = new URL(url).pathname;
  return address.href;
}

async function run({ home, log, leaveClear }: CanarySpec): Promise<void> {
  const config = loadConfig(
    {},
    {
      SEALPOST_HOME: home,
      SEALPOST_HTTP_PORT: '0',
      SEALPOST_PORTAL_PORT: '0',
      SEALPOST_SUBMISSION_PORT: '0',
      SEALPOST_SUBMISSIONS_PORT: '0',
      SEALPOST_LOG_LEVEL: 'debug',
    },
  );
  const logger = createLogger({ level: 'debug', write: (line) => appendFileSync(log, line) });
  const system = await runSystem(config, logger, {
    reach: () => undefined,
    ...(leaveClear === null ? {} : { wrapVault: (vault: Vault) => leaveOut(vault, leaveClear) }),
  });
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message) => {
    if (message !== 'stop') return;
    process.removeAllListeners('disconnect');
    void system.stop(3_000).then(() => process.disconnect());
  });
  const { embedded } = system.parts.foundation;
  const ready: CanaryReady = {
    setupLink: system.setupLink,
    ports: system.servers.ports,
    adminUrl: ownDatabase(embedded?.adminUrl ?? '', embedded?.url ?? ''),
    postmaster: embedded?.pid() ?? null,
  };
  process.send?.(ready);
}

process.once('message', (spec: CanarySpec) => {
  run(spec).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
