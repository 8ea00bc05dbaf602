import type { Fetched, SafeFetchOptions } from '#platform/net';

/** A web request to an identity provider, by the rules of platform/net. */
export type ProviderFetch = (url: string, options: Omit<SafeFetchOptions, 'network'>) => Promise<Fetched>;

const TIMEOUT_MS = 10_000;
const LARGEST = 512 * 1024;

/** The provider could not be reached, or must not be. */
export class ProviderUnreachable extends Error {
  override readonly name = 'ProviderUnreachable';
}

/** The same as the web's `fetch`, for libraries that want one. Redirects are not followed. Throws ProviderUnreachable. */
export function webFetch(fetch: ProviderFetch, allowHttp: boolean) {
  return async (
    url: string,
    asked: {
      readonly method?: string;
      readonly headers?: ConstructorParameters<typeof Headers>[0];
      readonly body?: unknown;
    },
  ): Promise<Response> => {
    const fetched = await fetch(url, {
      method: asked.method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(new Headers(asked.headers)),
      ...bodyOf(asked.body),
      timeoutMs: TIMEOUT_MS,
      maxBytes: LARGEST,
      allowHttp,
    });
    if (fetched.kind === 'failed') throw new ProviderUnreachable(fetched.code);
    const headers = new Headers();
    for (const [name, value] of Object.entries(fetched.headers)) {
      for (const one of typeof value === 'string' ? [value] : (value ?? [])) headers.append(name, one);
    }
    const bodyless = fetched.status === 204 || fetched.status === 205 || fetched.status === 304;
    return new Response(bodyless ? null : new Uint8Array(fetched.body), { status: fetched.status, headers });
  };
}

function bodyOf(body: unknown): { readonly body?: string | Uint8Array } {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string' || body instanceof Uint8Array) return { body };
  if (body instanceof URLSearchParams) return { body: body.toString() };
  throw new TypeError('a body that is neither text nor octets');
}
