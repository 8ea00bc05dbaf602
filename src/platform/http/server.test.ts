import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Refusal } from '#core/errors';
import { createLogger } from '#platform/runtime';
import {
  GOOD_TICKET,
  refusedProofs,
  serveForTest,
  sessionProver,
  sessionsWith,
} from '../../../test/support/http-server.ts';
import { makeProver } from '../../../test/support/prover.ts';
import { csrfToken } from './csrf.ts';
import { bytes, empty } from './response.ts';
import { defineRoute, idParams, type Route } from './route.ts';
import type { HttpServer, HttpServerOptions } from './server.ts';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close(100);
  server = undefined;
});

async function serve(routes: Route[], more: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  server = await serveForTest(routes, more);
  return server;
}

const key = { authorization: 'Bearer sp_good' };
const echo = defineRoute({
  method: 'POST',
  path: '/v1/things/:id',
  summary: 'Echo',
  tags: ['things'],
  access: { permission: 'messages:send' },
  params: idParams,
  body: z.strictObject({ name: z.string().max(5), tags: z.record(z.string(), z.int()).optional() }),
  responses: { 200: z.strictObject({ name: z.string(), address: z.string().nullable() }) },
}).handle(async ({ body, origin }) => ({ status: 200, body: { name: body.name, address: origin.address } }));
const path = '/v1/things/018f0000-0000-7000-8000-000000000000';

describe('admission', () => {
  it('refuses without a credential, with a wrong one, and without the permission', async () => {
    const http = await serve([echo]);
    const body = { name: 'a' };
    expect((await http.inject({ method: 'POST', path, body })).status).toBe(401);
    const wrong = await http.inject({
      method: 'POST',
      path,
      body,
      headers: { authorization: 'Bearer sp_bad' },
    });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toContain('Bearer');
    const poor = await http.inject({
      method: 'POST',
      path,
      body,
      headers: { authorization: 'Bearer sp_poor' },
    });
    expect(poor.json()).toMatchObject({ status: 403, code: 'not-permitted' });
    expect((await http.inject({ method: 'POST', path, body, headers: key })).status).toBe(200);
  });

  it('takes a session cookie for unsafe methods only with its CSRF header and from its own origin', async () => {
    const http = await serve([echo]);
    const cookie = { cookie: 'sealpost=token' };
    const csrf = { 'x-sealpost-csrf': csrfToken('token') };
    const send = (given: Record<string, string>) => {
      const headers = { ...given, ...sessionProver.headers('POST', path, given['x-sealpost-csrf'] ?? '') };
      return http.inject({ method: 'POST', path, body: { name: 'a' }, headers });
    };
    expect((await send(cookie)).json()).toMatchObject({ parameters: { reason: 'csrf' } });
    expect((await send({ ...cookie, 'x-sealpost-csrf': csrfToken('other') })).status).toBe(403);
    expect((await send({ ...cookie, ...csrf })).status).toBe(200);
    expect((await send({ ...cookie, ...csrf, origin: 'https://evil.example' })).json()).toMatchObject({
      parameters: { reason: 'cross-origin' },
    });
    expect((await send({ ...cookie, ...csrf, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ ...cookie, ...csrf, origin: 'https://console.example' })).status).toBe(200);
    expect((await send({ ...cookie, ...csrf, origin: 'http://127.0.0.1' })).status).toBe(200);
  });

  it('takes a session only with a proof by the key that it is bound to; a file also with its ticket', async () => {
    const file = defineRoute({
      method: 'GET',
      path: '/v1/file',
      summary: 'File',
      tags: [],
      access: 'session',
      responses: { 200: bytes('text/csv') },
    }).handle(async () => ({ status: 200, body: Buffer.from('a,b') }));
    const http = await serve([echo, file]);
    const thief = makeProver();
    const get = (headers: Record<string, string>, query = '') =>
      http.inject({
        method: 'GET',
        path: `/v1/file${query}`,
        headers: { cookie: 'sealpost=token', ...headers },
      });
    refusedProofs.length = 0;
    expect((await get({})).status).toBe(401);
    expect((await get(thief.headers('GET', '/v1/file', ''))).status).toBe(401);
    expect((await get({}, `?ticket=${'x'.repeat(43)}`)).status).toBe(401);
    expect(refusedProofs).toEqual(['missing', 'signature', 'ticket']);
    expect((await get(sessionProver.headers('GET', '/v1/file', ''))).status).toBe(200);
    expect((await get({}, `?ticket=${GOOD_TICKET}`)).status).toBe(200);
    // Not of a file: a ticket is no proof there.
    const post = await http.inject({
      method: 'POST',
      path: `${path}?ticket=${GOOD_TICKET}`,
      body: { name: 'a' },
      headers: { cookie: 'sealpost=token', 'x-sealpost-csrf': csrfToken('token') },
    });
    expect(post.status).toBe(401);
  });

  it('asks of a ticket what the file will ask: a permission, and a factor again', async () => {
    const file = (path: string, stepUp: boolean, permission: 'audit:export' | 'messages:send') =>
      defineRoute({
        ...{ method: 'GET', path, summary: 'File', tags: [], access: { permission } },
        ...(stepUp ? { stepUp } : {}),
        ...(path.includes(':') ? { params: idParams } : {}),
        responses: { 200: bytes('text/csv') },
      }).handle(async () => ({ status: 200, body: Buffer.from('a') }));
    const tickets = defineRoute({
      ...{ method: 'POST', path: '/v1/tickets', summary: 'Ticket', tags: [], access: 'session' },
      body: z.strictObject({ target: z.string() }),
      responses: { 204: empty },
      errors: ['not-found', 'step-up-required'],
    }).handle(async ({ body, mayOpen }) => {
      await mayOpen(body.target);
      return { status: 204 };
    });
    const used: unknown[] = [];
    const refused: string[] = [];
    const http = await serve(
      [
        tickets,
        file('/v1/export', true, 'audit:export'),
        file('/v1/things/:id/file', false, 'audit:export'),
        file('/v1/mine', false, 'messages:send'),
        echo,
      ],
      {
        authenticator: sessionsWith({ permissions: ['audit:export'], used }),
        refused: async ({ route }) => void refused.push(route),
      },
    );
    const ask = async (target: string) => {
      const proof = sessionProver.headers('POST', '/v1/tickets', csrfToken('token'));
      const answer = await http.inject({
        ...{ method: 'POST', path: '/v1/tickets', body: { target } },
        headers: { cookie: 'sealpost=token', 'x-sealpost-csrf': csrfToken('token'), ...proof },
      });
      return answer.status === 204 ? 'given' : (answer.json() as { code: string }).code;
    };
    expect(await ask('/v1/export?format=csv')).toBe('step-up-required');
    expect(used.at(-1)).toEqual({ permission: 'audit:export', stepUp: true, active: false });
    expect(await ask('/v1/things/7/file')).toBe('given');
    expect(await ask('/v1/mine')).toBe('not-permitted');
    expect(refused).toEqual(['GET /v1/mine']);
    for (const none of ['/v1/things/7', '/v1/things/7/8/file', '/v1/exports', '/v1/export/', '/v1/tickets'])
      expect(await ask(none), none).toBe('not-found');
  });

  it('takes only the __Host- cookie away from plain loopback', async () => {
    const http = await serve([echo]);
    const headers = { 'x-sealpost-csrf': csrfToken('token'), host: 'console.example' };
    const send = (cookie: string) => {
      const proof = sessionProver.headers('POST', path, csrfToken('token'));
      return http.inject({
        method: 'POST',
        path,
        body: { name: 'a' },
        headers: { ...headers, ...proof, cookie },
      });
    };
    expect((await send('sealpost=token')).status).toBe(401);
    expect((await send('__Host-sealpost=token')).status).toBe(200);
  });

  it('limits failed credentials by address, and leaves other addresses alone', async () => {
    const http = await serve([echo], { publicRate: { burst: 3, perSecond: 0.001 } });
    const send = (remoteAddress: string, headers: Record<string, string> = {}) =>
      http.inject({ method: 'POST', path, body: { name: 'a' }, remoteAddress, headers });
    for (let n = 0; n < 3; n += 1) expect((await send('192.0.2.1')).status).toBe(401);
    const limited = await send('192.0.2.1');
    expect(limited.status).toBe(429);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await send('192.0.2.1', key)).status).toBe(200);
    expect((await send('192.0.2.2')).status).toBe(401);
  });

  it('believes X-Forwarded-For from trusted proxies only', async () => {
    const headers = { ...key, 'x-forwarded-for': '198.51.100.7' };
    const open = await serve([echo]);
    const plain = await open.inject({ method: 'POST', path, body: { name: 'a' }, headers });
    expect(plain.json()).toMatchObject({ address: '127.0.0.1' });
    await open.close(100);
    const behind = await serve([echo], { trustedProxies: ['127.0.0.0/8'] });
    const trusted = await behind.inject({ method: 'POST', path, body: { name: 'a' }, headers });
    expect(trusted.json()).toMatchObject({ address: '198.51.100.7' });
  });
});

describe('problems', () => {
  it('names path and code of what does not fit and never the value', async () => {
    const http = await serve([echo]);
    const body = { name: 'canary-value-long', tags: { 'canary-key': 'canary-inner' }, 'canary-extra': 1 };
    const answer = await http.inject({ method: 'POST', path, headers: key, body });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      code: 'invalid',
      errors: [
        { place: 'body', path: 'name', code: 'too_big' },
        { place: 'body', path: 'tags.*', code: 'invalid_type' },
        { place: 'body', path: '', code: 'unrecognized_keys' },
      ],
    });
    expect(answer.text).not.toContain('canary');
  });

  it('answers unreadable JSON, wrong media types and too large bodies', async () => {
    const http = await serve([echo]);
    const json = { ...key, 'content-type': 'application/json' };
    const broken = await http.inject({ method: 'POST', path, headers: json, body: '{"name":"canary' });
    expect(broken.status).toBe(422);
    expect(broken.text).not.toContain('canary');
    const xml = await http.inject({
      method: 'POST',
      path,
      headers: { ...key, 'content-type': 'text/xml' },
      body: '<a/>',
    });
    expect(xml.status).toBe(415);
    const large = await http.inject({
      method: 'POST',
      path,
      headers: json,
      body: `"${'x'.repeat(10 * 1024 * 1024)}"`,
    });
    expect(large.json()).toMatchObject({ status: 413, code: 'too-large' });
  });

  it('turns any other error into a 500 with a reference and without its text', async () => {
    const lines: string[] = [];
    const route = defineRoute({
      method: 'GET',
      path: '/v1/broken',
      summary: 'Broken',
      tags: [],
      access: 'public',
      responses: { 204: empty },
    }).handle(() => Promise.reject(new Error('canary-text')));
    const http = await serve([route], { logger: createLogger({ write: (line) => lines.push(line) }) });
    const answer = await http.inject({ method: 'GET', path: '/v1/broken' });
    expect(answer.json()).toMatchObject({ status: 500, code: 'fault', request: expect.any(String) });
    expect(answer.text + lines.join('')).not.toContain('canary');
    expect(lines.join('')).toContain('http.fault');
  });

  it('treats an undeclared refusal, an undeclared status and an answer that does not fit as faults', async () => {
    const base = { method: 'GET', summary: '', tags: [], access: 'public' } as const;
    const one = z.strictObject({ one: z.int() });
    const loose: { one: number } = Object.assign({ one: 1 }, { secret: 'canary' });
    const routes = [
      defineRoute({ ...base, path: '/v1/a', responses: { 200: one } }).handle(() =>
        Promise.reject(new Refusal('gone')),
      ),
      defineRoute({ ...base, path: '/v1/b', responses: { 200: one }, errors: ['gone'] }).handle(() =>
        Promise.reject(new Refusal('gone')),
      ),
      defineRoute({ ...base, path: '/v1/c', responses: { 200: one } }).handle(async () => ({
        status: 200,
        body: loose,
      })),
    ];
    // A route whose types were not kept, as a careless cast would make it.
    const undeclared: Route = {
      ...defineRoute({ ...base, path: '/v1/d', responses: { 200: one } }).handle(async () => ({
        status: 200,
        body: loose,
      })),
      invoke: async () => ({ status: 299, body: { one: 1 } }),
    };
    const http = await serve([...routes, undeclared]);
    expect((await http.inject({ method: 'GET', path: '/v1/a' })).status).toBe(500);
    expect((await http.inject({ method: 'GET', path: '/v1/b' })).status).toBe(410);
    const unfit = await http.inject({ method: 'GET', path: '/v1/c' });
    expect(unfit.status).toBe(500);
    expect(unfit.text).not.toContain('canary');
    expect((await http.inject({ method: 'GET', path: '/v1/d' })).status).toBe(500);
  });

  it('answers unknown paths with a problem and security headers', async () => {
    const http = await serve([]);
    const answer = await http.inject({ method: 'GET', path: '/v1/nothing' });
    expect(answer.json()).toMatchObject({ code: 'not-found' });
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('strictness', () => {
  it('does not start with a loose object, wherever it hides', async () => {
    const loose = z.array(z.union([z.string(), z.lazy(() => z.object({ a: z.string() }))]));
    const route = defineRoute({
      method: 'GET',
      path: '/v1/loose',
      summary: '',
      tags: [],
      access: 'public',
      responses: { 200: z.strictObject({ deep: loose.optional() }) },
    }).handle(async () => ({ status: 200, body: {} }));
    await expect(serve([route])).rejects.toThrow('GET /v1/loose response 200.deep[1] is not a strict object');
  });
});

describe('operations', () => {
  it('serves health, metrics for those allowed, and the document', async () => {
    const metrics = { text: () => Promise.resolve('up 1\n'), token: 'scrape-token', networks: [] };
    const http = await serve([echo], { metrics, documentation: true });
    expect((await http.inject({ method: 'GET', path: '/health/live' })).status).toBe(200);
    expect((await http.inject({ method: 'GET', path: '/health/ready' })).json()).toMatchObject({
      status: 'ok',
    });
    const from = (remoteAddress: string, headers = {}) =>
      http.inject({ method: 'GET', path: '/metrics', remoteAddress, headers });
    expect((await from('127.0.0.1')).text).toBe('up 1\n');
    expect((await from('192.0.2.1')).status).toBe(403);
    expect((await from('192.0.2.1', { authorization: 'Bearer scrape-token' })).status).toBe(200);
    const document = (await http.inject({ method: 'GET', path: '/v1/openapi.json' })).json();
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/v1/things/{id}': {
          post: {
            'x-permission': 'messages:send',
            responses: { 422: { content: { 'application/problem+json': {} } } },
          },
        },
      },
      components: { schemas: { Problem: { additionalProperties: false } } },
    });
    const page = await http.inject({ method: 'GET', path: '/v1/docs' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('/v1/things/{id}');
    expect(page.text).not.toContain('<script');
  });
});
