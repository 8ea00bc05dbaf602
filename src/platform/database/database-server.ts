import type { Config, Logger } from '#platform/runtime';
import { type EmbeddedServer, startEmbedded } from './embedded-launcher.ts';

/** The server that a process works with. */
export interface DatabaseServer {
  readonly url: string;
  /** Undefined when DATABASE_URL names an external one. */
  readonly embedded: EmbeddedServer | undefined;
  /** Ends the embedded server; an external one is left alone. */
  stop(): Promise<void>;
}

/** The external server when DATABASE_URL is set, else the embedded one of the home, started or adopted. */
export async function startDatabaseServer(
  config: Pick<Config, 'home' | 'database'>,
  logger: Logger,
): Promise<DatabaseServer> {
  if (config.database.url !== undefined) {
    return { url: config.database.url, embedded: undefined, stop: () => Promise.resolve() };
  }
  const embedded = await startEmbedded({ home: config.home, logger });
  return { url: embedded.url, embedded, stop: () => embedded.stop() };
}
