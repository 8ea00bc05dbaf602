import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { REFUSALS } from '#core/errors';
import { type BodySpec, isJsonBody } from './body.ts';
import { COMMON_REFUSALS, problemSchema, problemStatuses } from './problem.ts';
import { isJsonResponse, type ResponseSpec } from './response.ts';
import type { Route } from './route.ts';

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted, durably',
  204: 'Done, nothing to say',
  303: 'See other',
};

/** A route as the document's generator wants it. Nothing here takes part in serving: input and answers are checked by the route. */
export function openApiSchema(route: Route): FastifySchema {
  const response: Record<string, unknown> = {};
  for (const [status, spec] of Object.entries(route.responses)) {
    const description = STATUS_TEXTS[Number(status)] ?? 'Answer';
    const content = contentOf(spec);
    // The generator takes `null` for an answer without a body.
    response[status] = content === undefined ? z.null().describe(description) : { description, content };
  }
  for (const status of problemStatuses(route.errors)) {
    if (response[status] !== undefined || !mayHappen(route, status)) continue;
    response[status] = {
      description: problemCodes(route, status).join(', '),
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return {
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: route.tags,
    operationId: operationId(route),
    security: security(route),
    ...(typeof route.access === 'object' ? { 'x-permission': route.access.permission } : {}),
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...headersOf(route),
    ...(route.body === undefined ? {} : bodyOf(route.body)),
    response,
  } as FastifySchema;
}

function contentOf(spec: ResponseSpec): Record<string, { schema: z.ZodType }> | undefined {
  if (isJsonResponse(spec)) return { 'application/json': { schema: spec } };
  if (spec.type === '') return undefined;
  return { [spec.type.split(';')[0] ?? spec.type]: { schema: z.string() } };
}

function bodyOf(body: BodySpec): Record<string, unknown> {
  if (isJsonBody(body)) return { body, consumes: ['application/json'] };
  switch (body.kind) {
    case 'form':
      return { body: body.schema, consumes: ['application/x-www-form-urlencoded'] };
    case 'multipart':
      return { body: z.record(z.string(), z.string()), consumes: ['multipart/form-data'] };
    case 'document':
      return { body: z.record(z.string(), z.string()), consumes: [...body.types] };
    case 'raw':
      return { body: z.string().meta({ format: 'binary' }), consumes: [body.type] };
  }
}

function headersOf(route: Route): Record<string, unknown> {
  const key = z.string().min(1).max(255).optional();
  const described = key.describe(
    'Repeats with the same key and content within 24 h get the first answer again',
  );
  if (!route.idempotent) return route.headers === undefined ? {} : { headers: route.headers };
  if (route.headers === undefined) return { headers: z.strictObject({ 'idempotency-key': described }) };
  if (!(route.headers instanceof z.ZodObject)) return { headers: route.headers };
  return { headers: route.headers.extend({ 'idempotency-key': described }) };
}

/** Leaves out what cannot happen on this route, so that the document stays honest. */
function mayHappen(route: Route, status: number): boolean {
  if (route.errors.some((code) => REFUSALS[code].status === status)) return true;
  const takesInput = route.body ?? route.query ?? route.params ?? route.headers;
  if (status === 401) return route.access !== 'public';
  if (status === 403) return route.access !== 'public' || route.method !== 'GET';
  if (status === 429) return !route.unlimited;
  if (status === 404) return route.params !== undefined;
  if (status === 413 || status === 415) return route.body !== undefined;
  if (status === 422) return takesInput !== undefined;
  return true;
}

function problemCodes(route: Route, status: number): string[] {
  if (status === 500) return ['fault'];
  const steps = route.stepUp ? (['step-up-required'] as const) : [];
  const codes = [...COMMON_REFUSALS, ...steps, ...route.errors].filter(
    (code) => REFUSALS[code].status === status,
  );
  return [...new Set(codes)];
}

function security(route: Route): Record<string, string[]>[] {
  if (route.access === 'public') return [];
  if (route.access === 'session') return [{ session: [] }];
  return [{ apiKey: [] }, { session: [] }];
}

/** `POST /v1/messages/:id/cancel` → `postMessagesByIdCancel`. */
function operationId(route: Route): string {
  const words = route.path
    .replace(/^\/v1\//, '')
    .split('/')
    .flatMap((part) => (part.startsWith(':') ? ['by', part.slice(1)] : part.split(/[^a-z0-9]+/i)))
    .filter((part) => part !== '');
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  return route.method.toLowerCase() + words.map(capital).join('');
}
