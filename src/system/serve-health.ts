import { createHttpServer, type HttpServer } from '#platform/http';
import { CannotListen, listening } from './cannot-listen.ts';
import { createMetrics } from './metrics.ts';
import type { SystemParts } from './open-system.ts';
import { readiness } from './readiness.ts';
import { VERSION } from './version.ts';

const USUAL_PORT = 8482;

export interface HealthServer {
  readonly server: HttpServer;
  readonly port: number;
}

/**
 * `/health/live`, `/health/ready` and `/metrics` for a process without the api role. Nothing else is served there, and
 * nothing of an organisation: loopback unless the configuration says otherwise, plain HTTP.
 */
export async function openHealth(parts: SystemParts): Promise<HealthServer> {
  const { config, clock, logger } = parts.foundation;
  const { address, port } = config.listen.health;
  const metrics = createMetrics(parts);
  const server = await createHttpServer({
    channel: 'api',
    routes: [],
    authenticator: null,
    idempotency: null,
    clock,
    logger,
    version: VERSION,
    publicUrl: () => undefined,
    trustedProxies: config.trustedProxies,
    tls: undefined,
    ready: () => readiness(parts.foundation),
    metrics: { text: metrics.text, token: undefined, networks: config.trustedProxies },
    observe: metrics.observeAnswer,
  });
  const setting = 'SEALPOST_HEALTH_PORT';
  const listen = (wanted: number) => listening(setting, address, server.listen(address, wanted));
  try {
    if (port !== undefined) return { server, port: (await listen(port)).port };
    try {
      return { server, port: (await listen(USUAL_PORT)).port };
    } catch (error) {
      if (!(error instanceof CannotListen)) throw error;
      // Nobody asked for this port: several processes on one machine must start all the same. The greeting names it.
      return { server, port: (await listen(0)).port };
    }
  } catch (error) {
    await server.close(0);
    throw error;
  }
}
