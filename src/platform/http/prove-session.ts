import type { FastifyRequest } from 'fastify';
import { Refusal } from '#core/errors';
import { type ProofSubject, readProofKey } from '#platform/access';
import type { Authenticator } from './authenticator.ts';
import { headerOf } from './peer.ts';
import type { ProofFault, ProofJudge } from './proof-judge.ts';
import { isJsonResponse } from './response.ts';
import type { Route } from './route.ts';

export type LiveSession = NonNullable<Awaited<ReturnType<Authenticator['sessions']['authenticate']>>>;

const TICKET = /[?&]ticket=([\w-]{43})$/;

function subjectOf(request: FastifyRequest): ProofSubject {
  const [path = ''] = request.url.split('?', 1);
  return { method: request.method, path, binding: headerOf(request, 'x-sealpost-csrf') ?? '' };
}

/**
 * The key that a browser sends with a sign-in, when it proves in the same request to hold it. Null without one. A key without
 * good proof is a Refusal: nobody binds a session to the key of somebody else.
 */
export function keyProven(proofs: ProofJudge, request: FastifyRequest): string | null {
  const raw = headerOf(request, 'sealpost-proof-key');
  if (raw === undefined) return null;
  const key = readProofKey(raw);
  const fault =
    key === null
      ? ('malformed' as const)
      : proofs.judge(headerOf(request, 'sealpost-proof'), key, subjectOf(request));
  if (fault === null) return raw;
  throw new Refusal('not-authenticated', { reason: `proof-${fault}`, serverTime: proofs.now() });
}

interface Proving {
  readonly proofs: ProofJudge;
  readonly opensByItself: (route: Route) => boolean;
}

/**
 * Whether a request with a live session's cookie comes from the browser that the session is bound to: by a proof, or, where
 * the browser opens a file by itself, by a ticket that a proven request has fetched. `key`: what a session that waits to be
 * bound was proven with.
 */
export async function identifySession(
  { proofs, opensByItself: byItself }: Proving,
  { sessions }: Authenticator,
  live: LiveSession,
  route: Route,
  request: FastifyRequest,
): Promise<{ readonly fault: ProofFault | 'unbound' | 'ticket' | null; readonly key: string | null }> {
  const { proofKey } = live.session;
  if (proofKey === null) {
    if (!route.binds) return { fault: 'unbound', key: null };
    const key = keyProven(proofs, request);
    return { fault: key === null ? 'missing' : null, key };
  }
  const header = headerOf(request, 'sealpost-proof');
  const ticket = header === undefined && byItself(route) ? TICKET.exec(request.url)?.[1] : undefined;
  if (ticket !== undefined) {
    const target = request.url.replace(TICKET, '');
    const good = await sessions.tickets.use(live, ticket, target);
    // The route's own schema knows nothing of tickets.
    // A parsed query has no prototype, so that `instanceof Object` would not know it.
    if (good && typeof request.query === 'object' && request.query !== null)
      Reflect.deleteProperty(request.query, 'ticket');
    return { fault: good ? null : 'ticket', key: null };
  }
  return { fault: proofs.judge(header, proofKey, subjectOf(request)), key: null };
}

/** Routes whose answer is a file: what a browser downloads by itself, by a ticket in place of a proof. */
export function opensByItself({ method, responses }: Route): boolean {
  if (method !== 'GET') return false;
  const answer = responses[200];
  return (
    answer !== undefined && !isJsonResponse(answer) && (answer.kind === 'bytes' || answer.kind === 'text')
  );
}
