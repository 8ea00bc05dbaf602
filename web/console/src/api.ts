import type { Problem } from './api-types.ts';

/**
 * The one door to the API: same origin, session cookie, and for unsafe requests the CSRF value that GET /v1/session gave.
 */
let csrf = '';

/** Remembers the CSRF value of the current session; kept in memory only. */
export function rememberCsrf(value: string): void {
  csrf = value;
}

/** An answer that is not a success. Carries the problem document; `reference` is what support asks for. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }

  get reference(): string | null {
    return this.problem.request ?? null;
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

interface Options {
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

function addressOf(path: string, query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Turns whatever a failing server or proxy answered into a problem document. */
async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: response.status === 401 ? 'not-authenticated' : response.status >= 500 ? 'unavailable' : 'invalid',
    request: response.headers.get('x-request-id') ?? undefined,
  };
  if (!(response.headers.get('content-type') ?? '').includes('json')) return fallback;
  try {
    const body: Partial<Problem> = await response.json();
    return { ...fallback, ...body };
  } catch {
    return fallback;
  }
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers = new Headers(options.headers);
  headers.set('accept', 'application/json');
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (options.signal) init.signal = options.signal;
  if (method !== 'GET' && csrf !== '') headers.set('x-sealpost-csrf', csrf);
  if (options.body !== undefined) {
    headers.set('content-type', 'application/json');
    init.body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(addressOf(path, options.query), init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiProblem({ type: 'about:blank', title: 'No answer', status: 0, code: 'no-answer' });
  }
  if (!response.ok) throw new ApiProblem(await problemOf(response));
  return response;
}

async function read<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) throw new ApiProblem({ ...NOTHING, request: undefined });
  return response.json();
}

const NOTHING: Problem = { type: 'about:blank', title: 'Empty answer', status: 0, code: 'no-answer' };

export const api = {
  get: <T>(path: string, options?: Options) => read<T>('GET', path, options),
  post: <T>(path: string, options?: Options) => read<T>('POST', path, options),
  put: <T>(path: string, options?: Options) => read<T>('PUT', path, options),
  patch: <T>(path: string, options?: Options) => read<T>('PATCH', path, options),
  /** For answers without a body. */
  async act(method: 'POST' | 'PATCH' | 'DELETE', path: string, options: Options = {}): Promise<void> {
    await send(method, path, options);
  },
};

/** Puts ids and addresses into a path. */
export function path(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return strings.reduce((all, part, index) => {
    const value = values[index];
    return all + part + (value === undefined ? '' : encodeURIComponent(String(value)));
  }, '');
}
