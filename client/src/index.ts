// The typed client of Sealpost's API, generated from its OpenAPI document. Works in browsers and in Node.
import openapiFetch, { type Client, type Middleware } from 'openapi-fetch';
import { readEvents, type ServerEvent } from './events.ts';
import type { components, paths } from './generated/api.ts';
import { heldProblem, noAnswer, problemFrom } from './problem.ts';

export type { ServerEvent } from './events.ts';
export type { components, operations, paths } from './generated/api.ts';
export { ApiProblem, type Problem } from './problem.ts';

/** The API's shapes by name: `Schemas['Session']`. */
export type Schemas = components['schemas'];

export interface ClientOptions {
  /** Scheme, host and port, such as `https://console.example`; empty for the page's own origin. */
  readonly baseUrl: string;
  /** `sp_…`. Without it the browser's session cookie is used, with the CSRF value given to `useCsrf`. */
  readonly apiKey?: string;
  readonly fetch?: (input: Request) => Promise<Response>;
}

export interface SealpostClient extends Client<paths> {
  /** Sends this value (of GET /v1/session) with unsafe requests from now on. Kept in memory only. */
  useCsrf(value: string): void;
  /** Follows an event stream, such as `/v1/messages/{id}/events`. Ends with the stream or the signal. */
  events(
    path: string,
    options?: { signal?: AbortSignal; lastEventId?: string; onOpen?: () => void },
  ): AsyncGenerator<ServerEvent>;
}

/**
 * Makes a client: `client.GET('/v1/messages/{id}', { params: { path: { id } } })` and so on, all typed. They answer
 * `{ data, error, response }`; `unwrap` turns that into data or a thrown ApiProblem.
 */
export function createClient(options: ClientOptions): SealpostClient {
  let csrf = '';
  const credentials: Middleware = {
    onRequest({ request }) {
      if (options.apiKey !== undefined) request.headers.set('authorization', `Bearer ${options.apiKey}`);
      else if (csrf !== '' && request.method !== 'GET') request.headers.set('x-sealpost-csrf', csrf);
      return request;
    },
  };
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const client = openapiFetch<paths>({
    baseUrl: options.baseUrl,
    credentials: options.apiKey === undefined ? 'same-origin' : 'omit',
    cache: 'no-store',
    fetch: send,
  });
  client.use(credentials);
  return Object.assign(client, {
    useCsrf(value: string): void {
      csrf = value;
    },
    async *events(
      path: string,
      {
        signal,
        lastEventId,
        onOpen,
      }: { signal?: AbortSignal; lastEventId?: string; onOpen?: () => void } = {},
    ): AsyncGenerator<ServerEvent> {
      const headers = new Headers({ accept: 'text/event-stream' });
      if (options.apiKey !== undefined) headers.set('authorization', `Bearer ${options.apiKey}`);
      if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
      const init: RequestInit = { headers, cache: 'no-store' };
      if (signal !== undefined) init.signal = signal;
      const response = await send(new Request(`${options.baseUrl}${path}`, init));
      if (!response.ok || response.body === null) {
        const body: unknown = await response.json().catch(() => null);
        throw problemFrom(response, body);
      }
      onOpen?.();
      yield* readEvents(response.body);
    },
  });
}

/** What openapi-fetch answers, as far as it matters here. */
interface Answered<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** What is answered where an act waits for a second person: nothing was done yet. */
type HeldAct = components['schemas']['HeldAct'];

/**
 * The data of an answer; throws ApiProblem for everything that is no success, also for no answer at all, and with the code
 * `held` where the act waits for a second person.
 */
export async function unwrap<Data>(
  answer: Promise<Answered<Data>>,
): Promise<Exclude<NonNullable<Data>, HeldAct>> {
  const { data, error, response } = await settled(answer);
  if (!response.ok) throw problemFrom(response, error);
  if (data === undefined || data === null) throw noAnswer();
  if (isHeld(response, data)) throw heldProblem(response, data.id);
  return data as Exclude<NonNullable<Data>, HeldAct>;
}

function isHeld(response: Response, data: unknown): data is HeldAct {
  return response.status === 202 && typeof data === 'object' && data !== null && 'held' in data;
}

/** The same for answers without a body (204). */
export async function done(answer: Promise<Answered<unknown>>): Promise<void> {
  const { data, error, response } = await settled(answer);
  if (!response.ok) throw problemFrom(response, error);
  if (isHeld(response, data)) throw heldProblem(response, data.id);
}

async function settled<Data>(answer: Promise<Answered<Data>>): Promise<Answered<Data>> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw noAnswer();
  }
}

/** A fresh key for the Idempotency-Key header: keep it for the repeats of one and the same request. */
export function newIdempotencyKey(): string {
  return globalThis.crypto.randomUUID();
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** All items of a list, page after page: `iterate((cursor) => unwrap(client.GET('/v1/api-keys', …)))`. */
export async function* iterate<Item>(
  load: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page = await load(cursor);
    yield* page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}
