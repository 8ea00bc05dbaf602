/** The API as any program would call it. */
export interface ApiCaller {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<T>;
}

/** Calls the API with a key; any answer but 2xx is a fault that names the status and the problem's code only. */
export function apiCaller(baseUrl: string, apiKey: string): ApiCaller {
  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> => {
    const answer = await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} answered ${answer.status}: ${await problemCode(answer)}`);
    // The demo reads what the API's schemas promise.
    return (await answer.json()) as T;
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body, headers) => call('PUT', path, body, headers),
  };
}

async function problemCode(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null);
  const code: unknown = problem instanceof Object ? Reflect.get(problem, 'code') : null;
  return typeof code === 'string' ? code : 'no problem document';
}
