import { z } from 'zod';
import { Refusal } from '#core/errors';
import { addressAllowed } from '#platform/access';
import { constantTimeEqual } from '#platform/runtime';
import { text } from './response.ts';
import { defineRoute, type Route } from './route.ts';

/** Which parts can work now, by name (`database`, `vault`, `storage`). Names only: the answer is public. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

export interface MetricsPort {
  /** The text exposition of all metrics (prom-client's `registry.metrics()`). */
  text(): Promise<string>;
  /** Bearer token for scrapers; without it only loopback and `networks` may read. */
  readonly token: string | undefined;
  /** Addresses or CIDR ranges that may read without a token. */
  readonly networks: readonly string[];
}

const healthSchema = z
  .strictObject({ status: z.enum(['ok', 'not-ready']), checks: z.record(z.string(), z.boolean()) })
  .meta({ id: 'Health' });

/** Liveness, readiness, metrics. */
export function operationRoutes(ready: () => Promise<Readiness>, metrics: MetricsPort | undefined): Route[] {
  const tags = ['operations'];
  const routes = [
    defineRoute({
      method: 'GET',
      path: '/health/live',
      summary: 'Whether the process runs',
      tags,
      access: 'public',
      unlimited: true,
      responses: { 200: healthSchema },
    }).handle(async () => ({ status: 200, body: { status: 'ok', checks: {} } })),
    defineRoute({
      method: 'GET',
      path: '/health/ready',
      summary: 'Whether requests can be served now',
      tags,
      access: 'public',
      unlimited: true,
      responses: { 200: healthSchema, 503: healthSchema },
    }).handle(async () => {
      const state = await ready();
      const checks = { ...state.checks };
      if (state.ready) return { status: 200, body: { status: 'ok', checks } };
      return { status: 503, body: { status: 'not-ready', checks } };
    }),
  ];
  if (metrics === undefined) return routes;
  const metricsRoute = defineRoute({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics in the text format of Prometheus',
    description: 'From loopback and the networks of the configuration, or with the metrics token.',
    tags,
    access: 'public',
    unlimited: true,
    headers: z.strictObject({ authorization: z.string().max(500).optional() }),
    responses: { 200: text('text/plain; version=0.0.4; charset=utf-8') },
    errors: ['not-permitted'],
  }).handle(async ({ origin, headers }) => {
    const given = headers.authorization?.replace(/^Bearer +/i, '');
    const byToken =
      metrics.token !== undefined && given !== undefined && constantTimeEqual(metrics.token, given);
    if (!byToken && !addressAllowed(origin.address, ['127.0.0.0/8', '::1/128', ...metrics.networks])) {
      throw new Refusal('not-permitted');
    }
    return { status: 200, body: await metrics.text() };
  });
  return [...routes, metricsRoute];
}
