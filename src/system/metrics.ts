import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ObservedAnswer } from '#platform/http';
import { unsoundLogs } from '#products/compliance';
import type { SystemParts } from './open-system.ts';

export interface Metrics {
  text(): Promise<string>;
  observeAnswer(answer: ObservedAnswer): void;
}

/** Prometheus metrics. Labels are patterns, methods and codes: never an address, a name or an id. */
export function createMetrics(parts: SystemParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'sealpost_http_request_seconds',
    help: 'Time to answer requests, by route pattern',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [registry],
  });
  const answers = new Counter({
    name: 'sealpost_http_errors_total',
    help: 'Answers with status 500 and above',
    registers: [registry],
  });
  gauges(parts, registry);
  return {
    text: () => registry.metrics(),
    observeAnswer({ method, route, status, seconds }) {
      requests.observe({ method, route, status: String(status) }, seconds);
      if (status >= 500) answers.inc();
    },
  };
}

function gauges(parts: SystemParts, registry: Registry): void {
  const { database, blobs, record } = parts.foundation;
  const queue = new Gauge({
    name: 'sealpost_queue_items',
    help: 'Items in the queue, by kind and whether they are due',
    labelNames: ['kind', 'state'] as const,
    registers: [registry],
    async collect() {
      queue.reset();
      for (const row of await record.queueDepth()) {
        queue.set({ kind: row.kind, state: 'due' }, row.due);
        queue.set({ kind: row.kind, state: 'waiting' }, row.waiting);
      }
    },
  });
  const reports = new Counter({
    name: 'sealpost_tls_reports_total',
    help: 'TLS reports (RFC 8460) tried, by what came of it',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      reports.reset();
      for (const [outcome, count] of Object.entries(parts.road.tlsReporter?.stats() ?? {})) {
        reports.inc({ outcome }, count);
      }
    },
  });
  const texts = new Counter({
    name: 'sealpost_texts_total',
    help: 'Texts (SMS) tried or withheld, by what came of it',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      texts.reset();
      for (const [outcome, count] of Object.entries(parts.text.texts.stats())) texts.inc({ outcome }, count);
    },
  });
  const textQueue = new Gauge({
    name: 'sealpost_text_queue_items',
    help: 'Texts that wait to be sent, by whether they are due',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      const { due, waiting } = await parts.text.texts.depth();
      textQueue.set({ state: 'due' }, due);
      textQueue.set({ state: 'waiting' }, waiting);
    },
  });
  const unsound = new Gauge({
    name: 'sealpost_audit_unsound_logs',
    help: 'Audit logs whose newest verification found something; 0 is the only good value',
    registers: [registry],
    async collect() {
      unsound.set(await database.system('app', unsoundLogs));
    },
  });
  const simple = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  simple('sealpost_deliveries_in_flight', 'Deliveries under way', () => parts.road.conveyor.inFlight());
  simple('sealpost_database_connections', 'Open database connections', () => database.stats().total);
  simple('sealpost_database_waiting', 'Callers waiting for a connection', () => database.stats().waiting);
  simple('sealpost_disk_reserve_ok', '1 while the disk holds the reserve', () => (blobs.reserveOk() ? 1 : 0));
  simple('sealpost_sandbox', '1 in sandbox mode', () => (parts.world.mode() === 'sandbox' ? 1 : 0));
}
