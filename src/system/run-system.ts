import type { Config, Logger } from '#platform/runtime';
import { openSystem, type SystemHooks, type SystemParts } from './open-system.ts';
import { openServers, type Servers } from './serve.ts';

/** A whole running installation (or the roles of it that the configuration names). */
export interface RunningSystem {
  readonly parts: SystemParts;
  readonly servers: Servers;
  /** Where the first administrator is set up; null once that is done. The token is in the fragment: no log sees it. */
  readonly setupLink: string | null;
  /** Drains: stops accepting, lets what is under way end, closes. */
  stop(graceMs?: number): Promise<void>;
}

const GRACE_MS = 10_000;

/** Opens everything, listens, and starts the worker, in this order. What was opened is closed when a step fails. */
export async function runSystem(config: Config, logger: Logger, hooks?: SystemHooks): Promise<RunningSystem> {
  const parts = await openSystem(config, logger, hooks);
  let opened: Servers | null = null;
  try {
    const servers = await openServers(parts);
    opened = servers;
    if (config.roles.includes('worker')) parts.startWorker();
    const token = config.roles.includes('api')
      ? await parts.foundation.access.installation.issueSetupToken()
      : null;
    return {
      parts,
      servers,
      setupLink: token === null ? null : `${parts.addresses.console}/setup#${token}`,
      async stop(graceMs = GRACE_MS) {
        try {
          await servers.close(graceMs);
        } finally {
          await parts.close(graceMs);
        }
      },
    };
  } catch (error) {
    await opened?.close(0);
    await parts.close(0);
    throw error;
  }
}
