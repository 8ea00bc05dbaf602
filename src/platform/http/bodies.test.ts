import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import { noSessions, serveForTest } from '../../../test/support/http-server.ts';
import { form, multipart, raw } from './body.ts';
import { eventStream, html, redirect, type ServerEvent } from './response.ts';
import { defineRoute, type Route } from './route.ts';
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

describe('bodies and answers', () => {
  const upload = defineRoute({
    method: 'POST',
    path: '/v1/raw',
    summary: 'Raw',
    tags: [],
    access: 'public',
    body: raw('message/rfc822', { maxBytes: 1000 }),
    responses: { 200: z.strictObject({ size: z.int() }) },
  }).handle(async ({ body }) => {
    let size = 0;
    for await (const chunk of body) size += chunk.length;
    return { status: 200, body: { size } };
  });

  it('streams a raw body up to its limit, also without a Content-Length', async () => {
    const http = await serve([upload]);
    const headers = { 'content-type': 'message/rfc822' };
    const send = (body: string) => http.inject({ method: 'POST', path: '/v1/raw', headers, body });
    expect((await send('x'.repeat(1000))).json()).toEqual({ size: 1000 });
    expect((await send('x'.repeat(1001))).status).toBe(413);
    const { port } = await http.listen('127.0.0.1', 0);
    const chunked = await fetch(`http://127.0.0.1:${port}/v1/raw`, {
      method: 'POST',
      headers,
      duplex: 'half',
      body: Readable.toWeb(Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(100)))),
    });
    expect(chunked.status).toBe(413);
  });

  it('answers 413 to a client that sends everything before it reads, and keeps the connection', async () => {
    const json = defineRoute({
      method: 'POST',
      path: '/v1/json',
      summary: 'Json',
      tags: [],
      access: 'public',
      body: z.strictObject({ text: z.string() }),
      responses: { 200: z.strictObject({}) },
    }).handle(async () => ({ status: 200, body: {} }));
    const http = await serve([upload, json]);
    const { port } = await http.listen('127.0.0.1', 0);
    const tooMuch = 24 * 1024 * 1024;
    const chunked = `transfer-encoding: chunked\r\n\r\n${tooMuch.toString(16)}\r\n`;
    for (const [head, tail] of [
      [`/v1/json HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: ${tooMuch}\r\n\r\n`, ''],
      [`/v1/json HTTP/1.1\r\ncontent-type: application/json\r\n${chunked}`, '\r\n0\r\n\r\n'],
      [`/v1/raw HTTP/1.1\r\ncontent-type: message/rfc822\r\n${chunked}`, '\r\n0\r\n\r\n'],
    ]) {
      const socket = connect(port, '127.0.0.1').pause();
      await once(socket, 'connect');
      socket.write(`POST ${head ?? ''}`.replace('\r\n', '\r\nhost: a\r\n'));
      await new Promise((resolve) => socket.write(Buffer.alloc(tooMuch, 0x20), resolve));
      socket.write(`${tail ?? ''}POST /v1/raw HTTP/1.1\r\nhost: a\r\ncontent-type: message/rfc822\r\n`);
      socket.end('content-length: 1\r\nconnection: close\r\n\r\nx');
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer).toMatch(/\r\nHTTP\/1\.1 200 |\}HTTP\/1\.1 200 /);
    }
  });

  it('reads forms, multipart parts, and writes pages, cookies and redirects', async () => {
    const routes = [
      defineRoute({
        method: 'POST',
        path: '/form',
        kind: 'page',
        summary: '',
        tags: [],
        access: 'public',
        body: form(z.strictObject({ code: z.string() })),
        responses: { 303: redirect },
      }).handle(async ({ cookies }) => {
        cookies.set('portal', 'value', { sameSite: 'lax', maxAgeSeconds: 60 });
        return { status: 303, headers: { location: '/next' } };
      }),
      defineRoute({
        method: 'POST',
        path: '/files',
        kind: 'page',
        summary: '',
        tags: [],
        access: 'public',
        body: multipart({ maxFileBytes: 10 }),
        responses: { 200: html },
      }).handle(async ({ body }) => {
        const seen: string[] = [];
        for await (const part of body) {
          if (part.kind === 'field') seen.push(`${part.name}=${part.value}`);
          else {
            let size = 0;
            for await (const chunk of part.content) size += chunk.length;
            seen.push(`${part.fileName}:${size}`);
          }
        }
        return { status: 200, body: seen.join(' ') };
      }),
    ];
    const http = await serve(routes, { channel: 'portal' });
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await http.inject({ method: 'POST', path: '/form', headers: type, body: 'code=1' });
    expect(sent.status).toBe(303);
    expect(sent.headers['set-cookie']).toBe('portal=value; Max-Age=60; Path=/; HttpOnly; SameSite=Lax');
    const secure = await http.inject({
      method: 'POST',
      path: '/form',
      headers: { ...type, host: 'portal.example' },
      body: 'code=1',
    });
    expect(secure.headers['set-cookie']).toContain(
      '__Host-portal=value; Max-Age=60; Path=/; HttpOnly; Secure',
    );
    const wrong = await http.inject({ method: 'POST', path: '/form', headers: type, body: 'codes=1' });
    expect([wrong.status, wrong.headers['content-type']]).toEqual([422, 'text/html; charset=utf-8']);

    const files = (size: number) => {
      const boundary = 'b0undary';
      const body = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(size)}\r\n--${boundary}--\r\n`;
      const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
      return http.inject({ method: 'POST', path: '/files', headers, body });
    };
    expect((await files(10)).text).toBe('a=b x.txt:10');
    expect((await files(11)).status).toBe(413);
  });

  it('tells a handler when its client goes away, and not before', async () => {
    const heard: string[] = [];
    let left: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    const route = defineRoute({
      method: 'POST',
      path: '/v1/slow',
      summary: '',
      tags: [],
      access: 'public',
      body: z.strictObject({ wait: z.boolean() }),
      responses: { 200: z.strictObject({ aborted: z.boolean() }) },
    }).handle(async ({ body, signal }) => {
      if (body.wait) {
        heard.push('waiting');
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        heard.push('gone');
        left();
      }
      return { status: 200, body: { aborted: signal.aborted } };
    });
    const http = await serve([route]);
    const { port } = await http.listen('127.0.0.1', 0);
    const post = (wait: boolean, signal: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}/v1/slow`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ wait }),
        signal,
      });
    expect(await (await post(false, new AbortController().signal)).json()).toEqual({ aborted: false });
    const client = new AbortController();
    const lost = post(true, client.signal).catch(() => 'lost');
    await expect.poll(() => heard).toEqual(['waiting']);
    client.abort();
    await gone;
    expect([await lost, heard]).toEqual(['lost', ['waiting', 'gone']]);
  });

  it('ends events of whoever may read them no longer, and of nobody else', async () => {
    async function* events(signal: AbortSignal): AsyncGenerator<ServerEvent> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    const route = defineRoute({
      method: 'GET',
      path: '/v1/events',
      summary: '',
      tags: [],
      access: { permission: 'messages:read' },
      responses: { 200: eventStream },
    }).handle(async ({ signal }) => ({ status: 200, body: events(signal) }));
    let asked = 0;
    let ended = false;
    const principal = {
      organisation: '00000000-0000-4000-8000-000000000001' as OrganisationId,
      actor: { kind: 'system', component: 'test' },
      permissions: new Set(['messages:read'] as const),
    } as const;
    const apiKey = async () => {
      asked += 1;
      if (asked === 3) throw new Error('cannot be asked now');
      return ended ? null : principal;
    };
    const authenticator = { apiKey, sessions: noSessions };
    const http = await serve([route], { authenticator, askAgainMs: 10 });
    const { port } = await http.listen('127.0.0.1', 0);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/events`, {
      headers: { authorization: 'Bearer k' },
    });
    let open = true;
    const text = answer.text().finally(() => {
      open = false;
    });
    await expect.poll(() => asked).toBeGreaterThan(5);
    expect(open).toBe(true);
    ended = true;
    expect(await text).toBe('retry: 2000\n\n');
    const then = asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toBe(then);
  });

  it('writes events and ends them when the server drains', async () => {
    async function* events(signal: AbortSignal): AsyncGenerator<ServerEvent> {
      yield { id: '1', event: 'change', data: { text: 'line\nbreak' } };
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }
    const route = defineRoute({
      method: 'GET',
      path: '/v1/events',
      summary: '',
      tags: [],
      access: 'public',
      responses: { 200: eventStream },
    }).handle(async ({ signal }) => ({ status: 200, body: events(signal) }));
    const http = await serve([route]);
    const { port } = await http.listen('127.0.0.1', 0);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/events`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const read = async (): Promise<boolean> => {
      const part = await reader?.read();
      text += part?.value ?? '';
      return part !== undefined && !part.done;
    };
    // The event has come before the server drains.
    while (!text.includes('data:')) expect(await read()).toBe(true);
    await http.close();
    while (await read());
    expect(text).toBe('retry: 2000\n\nid: 1\nevent: change\ndata: {"text":"line\\nbreak"}\n\n');
  });
});
