import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Caller } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import { createSmtpIntake, type InboundListener, type SmtpIntake } from '#journey/1-intake';
import { type ClientCertificateSource, createHttpServer, type HttpServer } from '#platform/http';
import { selfSignedCertificate } from '#platform/keyring';
import type { Config } from '#platform/runtime';
import { describeFault, newId } from '#platform/runtime';
import { createPendingActs } from '#products/safeguards';
import { allRoutes } from '../routes.ts';
import { apiPorts } from './api-ports.ts';
import { listening } from './cannot-listen.ts';
import { checkCertificates, clientAuthorities } from './check-certificates.ts';
import { openInboundListener } from './inbound.ts';
import { type RunningJobs, startJobs } from './jobs.ts';
import { createMetrics } from './metrics.ts';
import type { SystemParts } from './open-system.ts';
import { readiness } from './readiness.ts';
import { refusedActs } from './refused-acts.ts';
import { type HealthServer, openHealth } from './serve-health.ts';
import { VERSION } from './version.ts';

const CONSOLE = fileURLToPath(new URL('../../web/console/dist', import.meta.url));

/** Listening servers of a process, and where they listen. */
export interface Servers {
  readonly ports: {
    readonly http: number | null;
    readonly portal: number | null;
    readonly submission: number | null;
    readonly submissions: number | null;
    /** Mail from outside. */
    readonly inbound: number | null;
    /** Health and metrics where there is no API to serve them. */
    readonly health: number | null;
  };
  /** The API's server, for tests that walk its routes. */
  readonly api: HttpServer | null;
  readonly portal: HttpServer | null;
  reloadCertificates(): void;
  close(graceMs: number): Promise<void>;
}

/** Opens the listeners of the roles: API and console, portal, SMTP submission; health alone where there is no API. */
export async function openServers(parts: SystemParts): Promise<Servers> {
  const { config } = parts.foundation;
  checkCertificates(config);
  const http = config.roles.includes('api') ? await openHttp(parts) : null;
  const smtp = config.roles.includes('smtp') ? await openSmtpOrClose(parts, http) : null;
  const inbound = smtp === null ? null : await openInboundOrClose(parts, http, smtp);
  const uses = http === null ? null : countUses(parts);
  const health = http === null ? await openHealthOrClose(parts, smtp, inbound) : null;
  const smtpPorts = smtp?.ports();
  parts.listening.submission = smtpPorts?.submission ?? null;
  parts.listening.submissions = smtpPorts?.submissions ?? null;
  parts.listening.inbound = inbound?.port() ?? null;
  return {
    ports: {
      http: http?.apiPort ?? null,
      portal: http?.portalPort ?? null,
      submission: smtpPorts?.submission ?? null,
      submissions: smtpPorts?.submissions ?? null,
      inbound: inbound?.port() ?? null,
      health: health?.port ?? null,
    },
    api: http?.api ?? null,
    portal: http?.portal ?? null,
    reloadCertificates() {
      http?.api.reloadCertificate();
      http?.portal.reloadCertificate();
      smtp?.reloadCertificates();
      inbound?.reloadCertificates();
    },
    async close(graceMs) {
      await Promise.all([
        smtp?.close(),
        inbound?.close(),
        http?.api.close(graceMs),
        http?.portal.close(graceMs),
      ]);
      await uses?.stop();
      // Last: until then a balancer and a supervisor can see what goes on.
      await health?.server.close(0);
    },
  };
}

/** Writes what people used, beside the requests; once more at the end. */
function countUses({ foundation: { access, logger } }: SystemParts): RunningJobs {
  const write = { name: 'count-permission-use', everyMs: 60_000, run: () => access.uses.flush() };
  const running = startJobs([write], logger);
  return {
    async stop() {
      await running.stop();
      await access.uses.flush().catch((error: unknown) => {
        logger.error('job-failed', { ...describeFault(error), job: write.name });
      });
    },
  };
}

async function openHttp(parts: SystemParts) {
  const { config, database, vault, clock, logger, access } = parts.foundation;
  const metrics = createMetrics(parts);
  const common = {
    clock,
    logger,
    version: VERSION,
    trustedProxies: config.trustedProxies,
    tls: config.tls.http,
    ready: () => readiness(parts.foundation),
    idempotency: { database, vault },
  };
  const ports = apiPorts(parts);
  const routes = allRoutes(ports);
  ports.safeguards.heldRoutes.current = routes;
  const api = await createHttpServer({
    ...common,
    secondPerson: createPendingActs(ports.safeguards),
    channel: 'api',
    clientCertificates: clientSource(config),
    routes,
    authenticator: {
      apiKey: access.authenticateApiKey,
      sessions: access.sessions,
      used: access.uses.note,
    },
    publicUrl: () => parts.addresses.console,
    postureHeader: config.postureHeader,
    metrics: { text: metrics.text, token: undefined, networks: config.trustedProxies },
    observe: metrics.observeAnswer,
    staticDirectory: join(CONSOLE),
    documentation: true,
    refused: refusedActs(parts.foundation),
  });
  const portal = await createHttpServer({
    ...common,
    channel: 'portal',
    routes: parts.portal.routes(),
    authenticator: null,
    publicUrl: () => parts.addresses.portal,
    problemPage: (problem) => parts.portal.problemPage(problem),
  });
  const { address, http, portal: portalWish } = config.listen;
  try {
    const { port: apiPort } = await listening('SEALPOST_HTTP_PORT', address, api.listen(address, http));
    const { port: portalPort } = await listening(
      'SEALPOST_PORTAL_PORT',
      address,
      portal.listen(address, portalWish),
    );
    usePorts(parts, config, apiPort, portalPort);
    return { api, portal, apiPort, portalPort };
  } catch (error) {
    await Promise.all([api.close(0), portal.close(0)]);
    throw error;
  }
}

function clientSource(config: Config): ClientCertificateSource | null {
  const authorities = clientAuthorities(config);
  if (authorities === null) return null;
  return { authorities, proxies: config.clientCertificates.header ? config.trustedProxies : [] };
}

/** Where no public address is configured or stored, the port that we really listen on is the address. */
function usePorts(parts: SystemParts, config: Config, apiPort: number, portalPort: number): void {
  if (config.listen.http === 0) parts.addresses.console = withPort(parts.addresses.console, apiPort);
  if (config.listen.portal === 0) parts.addresses.portal = withPort(parts.addresses.portal, portalPort);
}

function withPort(address: string, port: number): string {
  const url = new URL(address);
  if (url.hostname === 'localhost' && (url.port === '0' || url.port === '')) url.port = String(port);
  return url.origin;
}

async function openHealthOrClose(
  parts: SystemParts,
  smtp: SmtpIntake | null,
  inbound: InboundListener | null,
): Promise<HealthServer> {
  try {
    return await openHealth(parts);
  } catch (error) {
    await Promise.all([smtp?.close(), inbound?.close()]);
    throw error;
  }
}

async function openInboundOrClose(
  parts: SystemParts,
  http: Awaited<ReturnType<typeof openHttp>> | null,
  smtp: SmtpIntake,
): Promise<InboundListener | null> {
  try {
    return await openInboundListener(parts);
  } catch (error) {
    await Promise.all([smtp.close(), http?.api.close(0), http?.portal.close(0)]);
    throw error;
  }
}

async function openSmtpOrClose(
  parts: SystemParts,
  http: Awaited<ReturnType<typeof openHttp>> | null,
): Promise<SmtpIntake> {
  try {
    return await openSmtp(parts);
  } catch (error) {
    await Promise.all([http?.api.close(0), http?.portal.close(0)]);
    throw error;
  }
}

async function openSmtp(parts: SystemParts): Promise<SmtpIntake> {
  const { config, logger, clock, access } = parts.foundation;
  const hostName = new URL(parts.addresses.console).hostname;
  const authorities = clientAuthorities(config);
  const smtp = createSmtpIntake({
    intake: parts.intake,
    authenticate: (user, secret, address, shown) => smtpCaller(access, user, secret, address, shown),
    ...(authorities === null ? {} : { clientAuthorities: authorities }),
    certificate: config.tls.smtp ?? (await selfSignedCertificate(hostName, clock.now())),
    hostName,
    address: config.listen.address,
    submissionPort: config.listen.submission,
    submissionsPort: config.listen.submissions,
    trustedProxies: config.trustedProxies,
    logger,
  });
  try {
    const settings = 'SEALPOST_SUBMISSION_PORT or SEALPOST_SUBMISSIONS_PORT';
    await listening(settings, config.listen.address, smtp.listen());
  } catch (error) {
    await smtp.close();
    throw error;
  }
  return smtp;
}

async function smtpCaller(
  access: SystemParts['foundation']['access'],
  user: string,
  secret: string,
  address: string,
  certificate: ClientCertificate | null,
): Promise<Caller | null> {
  const principal = await access.authenticateSmtp(user, secret, address, certificate);
  if (!principal) return null;
  return { ...principal, origin: { address, channel: 'smtp' }, request: newId() };
}
