import type { z } from 'zod';

/** One server-sent event. `data` is written as one line of JSON. */
export interface ServerEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

type Special<Kind extends string, Body> = {
  readonly kind: Kind;
  readonly type: string;
  /** Type level only: what a handler gives as `body`. */
  readonly body?: Body;
};

export type EmptyResponse = Special<'empty', undefined>;
export type RedirectResponse = Special<'redirect', undefined>;
export type HtmlResponse = Special<'html', string>;
export type TextResponse = Special<'text', string>;
export type EventStreamResponse = Special<'event-stream', AsyncIterable<ServerEvent>>;
export type BytesResponse = Special<'bytes', AsyncIterable<Uint8Array> | Uint8Array>;

export type SpecialResponse =
  | EmptyResponse
  | RedirectResponse
  | HtmlResponse
  | TextResponse
  | EventStreamResponse
  | BytesResponse;

/** A zod schema means `application/json`, checked before it leaves. */
export type ResponseSpec = z.ZodType | SpecialResponse;
export type Responses = { readonly [status: number]: ResponseSpec };

/** No body (204, 304). */
export const empty: EmptyResponse = { kind: 'empty', type: '' };
/** No body; the handler gives a `location` header (303). */
export const redirect: RedirectResponse = { kind: 'redirect', type: '' };
/** A page. */
export const html: HtmlResponse = { kind: 'html', type: 'text/html; charset=utf-8' };
/** Server-sent events (heartbeats are added; the iteration ends when the client goes away or the server drains). */
export const eventStream: EventStreamResponse = { kind: 'event-stream', type: 'text/event-stream' };

/** Plain text of that media type. */
export function text(type = 'text/plain; charset=utf-8'): TextResponse {
  return { kind: 'text', type };
}

/** Octets of that media type; the handler may say another one in `headers['content-type']`. */
export function bytes(type = 'application/octet-stream'): BytesResponse {
  return { kind: 'bytes', type };
}

/** True for a schema, which means a JSON answer. */
export function isJsonResponse(spec: ResponseSpec): spec is z.ZodType {
  return '_zod' in spec;
}

type BodyOfResponse<Spec> = Spec extends z.ZodType
  ? { readonly body: z.output<Spec> }
  : Spec extends EmptyResponse | RedirectResponse
    ? { readonly body?: undefined }
    : Spec extends { readonly body?: infer Body }
      ? { readonly body: NonNullable<Body> }
      : never;

/** What a handler returns: one of the statuses that its route declares, with that status' body. */
export type Answer<R extends Responses> = {
  [Status in keyof R & number]: {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
  } & BodyOfResponse<R[Status]>;
}[keyof R & number];

/** An answer when its route is no longer known. */
export interface AnyAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
