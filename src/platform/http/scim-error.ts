import type { FastifyReply } from 'fastify';
import { Refusal } from '#core/errors';
import { InputProblem } from './input.ts';
import type { Problem } from './problem.ts';

/** Error words of the protocol (RFC 7644 §3.12, table 9) that a handler may name as `scimType` of a Refusal. */
const SCIM_TYPES: ReadonlySet<string | number | undefined> = new Set([
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
]);

/**
 * A problem as SCIM says it: 400 where we say 422, and the status as text (RFC 7644 §3.12). `detail` is ours, worded from the
 * catalogue: it never repeats what was sent.
 */
export function sendScimError(reply: FastifyReply, error: unknown, problem: Problem): FastifyReply {
  const status = problem.status === 422 ? 400 : problem.status;
  const named = error instanceof Refusal ? error.parameters.scimType : undefined;
  const scimType = SCIM_TYPES.has(named) ? named : fallback(error, problem.status);
  return reply
    .code(status)
    .type('application/scim+json; charset=utf-8')
    .send(
      JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: String(status),
        ...(scimType === undefined ? {} : { scimType }),
        detail: `${problem.title} (${problem.request})`,
      }),
    );
}

function fallback(error: unknown, status: number): string | undefined {
  if (error instanceof InputProblem) return 'invalidValue';
  if (status === 422) return 'invalidSyntax';
  return status === 409 ? 'uniqueness' : undefined;
}
