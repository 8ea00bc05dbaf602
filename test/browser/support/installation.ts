import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type RunningSystem, runSystem } from '../../../src/system/run-system.ts';

const CONSOLE_PAGE = fileURLToPath(new URL('../../../web/console/dist/index.html', import.meta.url));

/** A whole installation in this process, on free ports of the loopback, with its files in a directory of its own. */
export interface Installation {
  readonly system: RunningSystem;
  readonly consoleUrl: string;
  readonly portalUrl: string;
  readonly setupLink: string;
  close(): Promise<void>;
}

/** Starts it as `npm start` would, with nobody set up yet. */
export async function startInstallation(): Promise<Installation> {
  if (!existsSync(CONSOLE_PAGE)) throw new Error('the console is not built: npm run build -w web/console');
  const home = mkdtempSync(join(tmpdir(), 'sealpost-browser-'));
  const config = loadConfig(
    {},
    {
      SEALPOST_HOME: home,
      SEALPOST_ROLES: 'api,smtp,worker',
      SEALPOST_HTTP_PORT: '0',
      SEALPOST_PORTAL_PORT: '0',
      SEALPOST_SUBMISSION_PORT: '0',
      SEALPOST_SUBMISSIONS_PORT: '0',
    },
  );
  try {
    const system = await runSystem(config, silentLogger, { reach: () => undefined, volatile: true });
    if (system.setupLink === null) throw new Error('a new installation must offer its set-up');
    return {
      system,
      consoleUrl: system.parts.addresses.console,
      portalUrl: system.parts.addresses.portal,
      setupLink: system.setupLink,
      async close() {
        await system.stop(1_000);
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}
