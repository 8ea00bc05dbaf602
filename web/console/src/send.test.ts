import { afterEach, expect, it, vi } from 'vitest';
import { send } from './send.ts';

afterEach(() => vi.unstubAllGlobals());

const problem = (status: number, reason: string) =>
  new Response(JSON.stringify({ code: 'not-authenticated', parameters: { reason } }), { status });

/** A server on which the session of a redirect waits to be bound; `bindable` false: its minute is over. */
function landing(bindable: boolean) {
  const asked: string[] = [];
  let bound = false;
  vi.stubGlobal('location', new URL('https://console.test/'));
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname} ${request.headers.get('x-sealpost-csrf') ?? 'none'}`);
    await Promise.resolve();
    if (pathname === '/v1/session/key') {
      bound = bindable;
      return bindable ? new Response(null, { status: 204 }) : problem(401, 'proof-unbound');
    }
    return bound ? new Response('{}', { status: 200 }) : problem(401, 'proof-unbound');
  });
  return asked;
}

const ask = (path: string) => send(new Request(`https://console.test${path}`));

it('binds the session of a sign-in that ended in a redirect, once for all that ask, and asks again', async () => {
  const asked = landing(true);
  const answers = await Promise.all([ask('/v1/session'), ask('/v1/installation')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(asked.filter((one) => one === 'POST /v1/session/key none')).toHaveLength(1);
  expect(asked.at(-1)).toMatch(/^GET/);
});

it('gives the refusal on when the minute for it is over', async () => {
  const asked = landing(false);
  expect((await ask('/v1/session')).status).toBe(401);
  expect(asked).toEqual(['GET /v1/session none', 'POST /v1/session/key none']);
});
