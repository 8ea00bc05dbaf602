import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { defineRoute, empty, type Route } from '#platform/http';
import type { DomainProof, SecurityScore } from './security-score.ts';

export interface SecurityScoreRoutePorts {
  readonly score: SecurityScore;
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['security-score'];
const time = z.iso.datetime();

const checkSchema = z
  .strictObject({
    code: z.string(),
    weight: z.number().int(),
    state: z.enum(['done', 'open', 'not-applicable', 'unknown']),
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
    mend: z.string().nullable().describe('Page of the console; null: the operator’s configuration'),
    cites: z.string().nullable(),
    attestable: z.boolean(),
    attested: z
      .strictObject({ by: z.strictObject({ kind: z.string(), id: z.string(), label: z.string() }), at: time })
      .nullable(),
  })
  .meta({ id: 'SecurityCheck' });

const scoreSchema = z
  .strictObject({
    percent: z.number().int().min(0).max(100),
    done: z.number().int().describe('Weight of what is done'),
    applicable: z.number().int().describe('Weight of what applies here'),
    checks: z.array(checkSchema),
  })
  .meta({ id: 'SecurityScore' });

const proofSchema = z
  .strictObject({
    domain: z.string(),
    record: z.strictObject({ name: z.string(), type: z.literal('TXT'), value: z.string() }),
    provedAt: time.nullable(),
    checkedAt: time.nullable(),
    outcome: z.enum(['proved', 'not-found', 'dns-failed']).nullable(),
  })
  .meta({ id: 'DomainProof' });

const codeParams = z.strictObject({ code: z.string().regex(/^[a-z][a-z-]{1,40}$/) });
const domainParams = z.strictObject({ domain: z.string().trim().toLowerCase().min(3).max(253) });

/** How secure the set-up is, and what is left to do. */
export function securityScoreRoutes(ports: SecurityScoreRoutePorts): Route[] {
  return [score(ports), attest(ports), withdraw(ports), proofs(ports), check(ports)];
}

function score(ports: SecurityScoreRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/security-score',
    summary: 'How secure the set-up is: checks looked at now, and their score',
    description:
      'The score is the weight of what is done by the weight of what applies. What cannot be looked at counts as not done.',
    tags: TAGS,
    access: { permission: 'alerts:read' },
    responses: { 200: scoreSchema },
  }).handle(async ({ caller }) => {
    const found = await ports.score.score(caller);
    const checks = await Promise.all(
      found.checks.map(async ({ code, weight, mend, cites, attestable, standing }) => {
        const vouched = attestable ? found.attestations.find((one) => one.code === code) : undefined;
        return {
          ...{ code, weight, mend, state: standing.state, facts: { ...standing.facts } },
          ...{ cites: cites ?? null, attestable: attestable === true },
          attested:
            vouched === undefined
              ? null
              : {
                  by: await ports.labelActor(caller, vouched.attested_by),
                  at: vouched.attested_at.toISOString(),
                },
        };
      }),
    );
    const { percent, done, applicable } = found;
    return { status: 200, body: { percent, done, applicable, checks } };
  });
}

function attest({ score: scores }: SecurityScoreRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/security-score/attestations/:code',
    summary: 'Vouch for what a program cannot see, with your name and the date',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    stepUp: true,
    params: codeParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await scores.attest(caller, params.code);
    return { status: 204 };
  });
}

function withdraw({ score: scores }: SecurityScoreRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/security-score/attestations/:code',
    summary: 'Vouch for it no longer',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    params: codeParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await scores.withdraw(caller, params.code);
    return { status: 204 };
  });
}

function proofView({
  domain,
  record,
  provedAt,
  checkedAt,
  outcome,
}: DomainProof): z.output<typeof proofSchema> {
  return {
    ...{ domain, outcome, record: { ...record, type: 'TXT' } },
    provedAt: provedAt?.toISOString() ?? null,
    checkedAt: checkedAt?.toISOString() ?? null,
  };
}

function proofs({ score: scores }: SecurityScoreRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/domain-proofs',
    summary: 'Sending domains, the record that proves each is yours, and whether it was seen',
    description:
      'Looked for once a day. For now a domain that is not proved lowers the score and stops nothing.',
    tags: TAGS,
    access: { permission: 'organisation:read' },
    responses: { 200: z.strictObject({ items: z.array(proofSchema) }) },
  }).handle(async ({ caller }) => {
    const items = await scores.domainProofs(caller);
    return { status: 200, body: { items: items.map(proofView) } };
  });
}

function check({ score: scores }: SecurityScoreRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/domain-proofs/:domain/check',
    summary: 'Look for the record of a domain now',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    params: domainParams,
    responses: { 200: proofSchema },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: proofView(await scores.checkDomain(caller, params.domain)),
  }));
}
