import { z } from 'zod';
import { REFUSALS, Refusal, type RefusalCode } from '#core/errors';
import { DatabaseUnavailable } from '#platform/database';
import type { Locale } from '#platform/runtime';
import { InputProblem } from './input.ts';
import { problemTexts } from './problem-texts.ts';

/** RFC 9457 problem document. Holds codes and the request's reference, never a value that the client sent. */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('urn:sealpost:problem:<code>'),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    errors: z
      .array(
        z.strictObject({
          place: z.enum(['params', 'query', 'headers', 'body']),
          path: z.string(),
          code: z.string(),
        }),
      )
      .optional()
      .describe('What does not fit, by path and code (422 invalid)'),
    request: z.string().describe('Reference for support'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;

/** A problem ready to be sent. `fault` is set when it is ours: it is logged, and the document says nothing of it. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
  readonly fault: unknown;
}

/** Refusals that every route may give, beside its own. */
export const COMMON_REFUSALS: readonly RefusalCode[] = [
  'not-authenticated',
  'not-permitted',
  'not-found',
  'too-large',
  'unsupported-media-type',
  'invalid',
  'too-many-requests',
  'unavailable',
];

/** Every status that a route may answer with a problem document. */
export function problemStatuses(errors: readonly RefusalCode[]): ReadonlySet<number> {
  return new Set([...COMMON_REFUSALS, ...errors].map((code): number => REFUSALS[code].status).concat(500));
}

/** The one place where errors become HTTP answers. `allowed`: what the route declares; anything else is a fault. */
export function toProblem(
  error: unknown,
  request: string,
  locale: Locale,
  allowed: ReadonlySet<number> | undefined,
): ProblemAnswer {
  if (error instanceof InputProblem) {
    const problem = document('invalid', REFUSALS.invalid.status, request, locale);
    return {
      status: problem.status,
      headers: {},
      problem: { ...problem, errors: [...error.faults] },
      fault: null,
    };
  }
  const refusal = asRefusal(error);
  if (refusal === undefined) return fault(error, request, locale);
  const { status } = REFUSALS[refusal.code];
  if (allowed !== undefined && !allowed.has(status)) return fault(error, request, locale);
  const parameters =
    Object.keys(refusal.parameters).length === 0 ? {} : { parameters: { ...refusal.parameters } };
  return {
    status,
    headers: refusalHeaders(status, refusal),
    problem: { ...document(refusal.code, status, request, locale), ...parameters },
    fault: error instanceof DatabaseUnavailable ? error : null,
  };
}

function document(code: RefusalCode, status: number, request: string, locale: Locale): Problem {
  return {
    type: `urn:sealpost:problem:${code}`,
    title: problemTexts.word(locale, `problem.${code}`),
    status,
    code,
    request,
  };
}

function fault(error: unknown, request: string, locale: Locale): ProblemAnswer {
  const problem: Problem = {
    type: 'urn:sealpost:problem:fault',
    title: problemTexts.word(locale, 'problem.fault'),
    status: 500,
    code: 'fault',
    request,
  };
  return { status: 500, headers: {}, problem, fault: error };
}

function refusalHeaders(status: number, refusal: Refusal): Record<string, string> {
  const headers: Record<string, string> = {};
  const retryAfter = refusal.parameters.retryAfter;
  if (typeof retryAfter === 'number') headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)));
  else if (status === 503 || status === 429) headers['retry-after'] = '5';
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="sealpost"';
  return headers;
}

/** What the server's own machinery refuses before a handler runs, by its error code. */
const MACHINERY: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported-media-type',
  FST_ERR_BAD_URL: 'not-found',
  FST_REQ_FILE_TOO_LARGE: 'too-large',
  FST_FILES_LIMIT: 'too-large',
  FST_FIELDS_LIMIT: 'too-large',
  FST_PARTS_LIMIT: 'too-large',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported-media-type',
  FST_PROTO_VIOLATION: 'invalid',
};

function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof DatabaseUnavailable) return new Refusal('unavailable');
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  const known = typeof code === 'string' ? MACHINERY[code] : undefined;
  if (known !== undefined) return new Refusal(known);
  // The JSON parser's complaints (SyntaxError with status 400) quote the body: only the fact goes on.
  return Reflect.get(error, 'statusCode') === 400 ? new Refusal('invalid') : undefined;
}
