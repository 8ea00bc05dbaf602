import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Policy } from '#core/policy';
import type { Audit } from '#platform/audit';
import type { Database } from '#platform/database';
import { defineRoute, type Route } from '#platform/http';
import { analyseHeaders } from '#platform/mail';
import { type CheckPorts, checkDomain } from './check-domain.ts';
import { analysisSchema, domainBody, domainReportSchema, headersBody } from './schemas.ts';
import { analysisView, reportView } from './views.ts';

export interface AnalyserPorts {
  readonly database: Database;
  readonly audit: Pick<Audit, 'append'>;
  readonly check: CheckPorts;
  policy(organisation: OrganisationId): Promise<Policy>;
}

const TAGS = ['analyser'];
/** Domain checks of this process at a time: each opens up to eight connections and takes up to half a minute. */
const MOST_CHECKS = 4;
/** So that one organisation does not take them all. */
const MOST_OF_ONE = 2;

/** How a message travelled, and what a recipient domain's servers can do (TA-1, TA-2). */
export function analyserRoutes(ports: AnalyserPorts): Route[] {
  return [headers(ports), domain(ports)];
}

function headers(ports: AnalyserPorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/analyser/headers',
    summary: 'How a message travelled, and which legs were encrypted',
    description:
      'Takes a raw header (or a message: its body is not read). Nothing of it is stored or logged. What a verdict and its confidence mean is told in docs/reference/analyser.md.',
    tags: TAGS,
    access: { permission: 'messages:read' },
    body: headersBody,
    responses: { 200: analysisSchema },
  }).handle(async ({ caller, body }) => {
    const analysis = analyseHeaders(body.headers);
    await record(ports, caller, 'analyser.headers-analysed', {
      hops: analysis.hops.length,
      verdict: analysis.overall.kind,
    });
    return { status: 200, body: analysisView(analysis) };
  });
}

function domain(ports: AnalyserPorts): Route {
  const running = new Map<OrganisationId, number>();
  return defineRoute({
    method: 'POST',
    path: '/v1/analyser/domain',
    summary: 'What the mail servers of a recipient domain can do, and what Sealpost would do',
    description:
      'Connects to at most eight of them and says nothing but EHLO, STARTTLS and QUIT. Takes up to half a minute. In sandbox mode only sandbox domains are reached.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    body: domainBody,
    responses: { 200: domainReportSchema },
    errors: ['invalid', 'sandbox-domain-only', 'too-many-requests'],
  }).handle(async ({ caller, body }) => {
    const { organisation } = caller;
    const own = running.get(organisation) ?? 0;
    const all = [...running.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MOST_OF_ONE || all >= MOST_CHECKS) throw new Refusal('too-many-requests');
    running.set(organisation, own + 1);
    try {
      const policy = await ports.policy(organisation);
      const report = await checkDomain(body.domain, policy, ports.check);
      await record(ports, caller, 'analyser.domain-checked', {
        hosts: report.hosts.length,
        verified: report.hosts.filter(({ outcome }) => outcome === 'verified').length,
        route: report.route,
      });
      return { status: 200, body: reportView(report) };
    } finally {
      const left = (running.get(organisation) ?? 1) - 1;
      if (left > 0) running.set(organisation, left);
      else running.delete(organisation);
    }
  });
}

/** That somebody looked, and what came of it in numbers: never the header, never the domain. */
async function record(
  ports: AnalyserPorts,
  caller: Caller,
  action: string,
  details: Readonly<Record<string, string | number>>,
): Promise<void> {
  const { organisation } = caller;
  await ports.database.tenant([organisation], 'app', (tx) =>
    ports.audit.append(tx, doneBy(caller, action, { details })),
  );
}
