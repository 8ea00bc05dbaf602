// Room: the HTTP server of the API, the console and the portal. Products write routes; fastify stays in here.
//
//   import { z } from 'zod';
//   import { defineRoute, idParams, type Route } from '#platform/http';
//
//   export function messageRoutes(messages: Messages): Route[] {
//     return [
//       defineRoute({
//         method: 'POST', path: '/v1/messages/:id/cancel', summary: 'Cancel a message', tags: ['messages'],
//         access: { permission: 'messages:cancel' },           // or 'public', or 'session' (a person in the console)
//         params: idParams,                                      // query, headers (lower-case names), body: z.strictObject
//         body: z.strictObject({ reason: z.string().max(200) }), // or form(schema), multipart(limits), raw('message/rfc822', { maxBytes })
//         responses: { 200: z.strictObject({ state: z.literal('cancelled') }), 204: empty }, // html, redirect, eventStream, bytes(type), text(type)
//         errors: ['not-found', 'wrong-state'],                  // refusals this route may throw beyond 401 403 413 415 422 429 500 503
//         idempotent: true,                                      // then: await idempotency.commit(tx, 200, body) inside the act's transaction
//       }).handle(async ({ caller, params, body, idempotency, origin, request, cookies, signal }) => {
//         await messages.cancel(caller, params.id, body.reason);
//         return { status: 200, body: { state: 'cancelled' }, headers: { etag: '"1"' } };
//       }),
//     ];
//   }
//
// Pages: `kind: 'page'`, `responses: { 200: html, 303: redirect }`, `return { status: 200, body: '<!doctype html>…' }`.
// Cookies: `cookies.get('portal')`, `cookies.set('portal', token, { sameSite: 'lax' })`: the `__Host-` prefix is decided centrally.
// Lists: `query: z.strictObject({ ...pageQuery, state: … })`, `responses: { 200: pageOf(itemSchema) }`, and answer
// `await pageById(query, (position, limit) => readRows(position, limit), toItem)`; what does not go by an id: `decodeCursor`, `pageFrom`.
// Give shared response schemas an id: `z.strictObject({…}).meta({ id: 'Message' })`: it names the type in the document and the client.
// Times in JSON are `z.iso.datetime()` strings. `z.strictObject` everywhere: a server does not start with a loose one.
// A thrown Refusal becomes problem+json; any other error a 500 with a reference and no text.

export type { AdmissionParts } from './admission-parts.ts';
export type { RefusedAct } from './authenticate.ts';
export {
  type Authenticator,
  type Principal,
  SESSION_COOKIE,
} from './authenticator.ts';
export { type BodySpec, form, type MultipartBody, multipart, type Part, raw, scimDocument } from './body.ts';
export type { ClientCertificateSource } from './client-certificate.ts';
export type { Cookies } from './cookies.ts';
export { csrfToken } from './csrf.ts';
export { sweepAnswers } from './idempotency.store.ts';
export { type OpenApiDocument, openApiDocument } from './openapi.ts';
export { type MetricsPort, operationRoutes, type Readiness } from './operations.ts';
export {
  cursorId,
  decodeCursor,
  encodeCursor,
  pageById,
  pageFrom,
  pageOf,
  pageQuery,
  timeRange,
} from './page.ts';
export { bytes, empty, eventStream, html, redirect, type ServerEvent, text } from './response.ts';
export {
  defineRoute,
  type IdempotencyHook,
  idParams,
  type Route,
  type RouteAccess,
  type SessionContext,
} from './route.ts';
export {
  FOUR_EYES_CODES,
  type FourEyesCode,
  type HeldRequest,
  runHeldAct,
  type SecondPerson,
} from './second-person.ts';
export type { ProblemForPage } from './serve-route.ts';
export {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type InjectedAnswer,
  type InjectedRequest,
  type ObservedAnswer,
} from './server.ts';
export { inspectRoutes, type RouteProblem } from './strictness.ts';
export {
  actorViewSchema,
  classSchema,
  decisionSchema,
  deliveryStateSchema,
  methodSchema,
  parametersSchema,
  permissionSchema,
  roleSchema,
  streamSchema,
  tlsRequirementSchema,
} from './word-schemas.ts';
