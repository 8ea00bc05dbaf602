import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '#platform/keyring';
import { silentLogger, systemClock } from '#platform/runtime';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';

let home: string;
let server: HttpServer | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-http-'));
});
afterEach(async () => {
  await server?.close(100);
  server = undefined;
  rmSync(home, { recursive: true, force: true });
});

async function serve(more: Partial<HttpServerOptions>): Promise<HttpServer> {
  server = await createHttpServer({
    channel: 'api',
    routes: [],
    authenticator: null,
    idempotency: null,
    clock: systemClock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
    ...more,
  });
  return server;
}

async function writeCertificate(name: string, paths: { certificate: string; key: string }): Promise<void> {
  const { cert, key } = await selfSignedCertificate(name, new Date());
  writeFileSync(paths.certificate, cert);
  writeFileSync(paths.key, key);
}

/** The name in the certificate of a fresh connection, and the HSTS header. */
function look(port: number): Promise<{ name: string; hsts: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/health/live',
      rejectUnauthorized: false,
      agent: false,
    } as const;
    const sent = request(options, (answer) => {
      const socket = answer.socket as TLSSocket;
      resolve({
        name: String(socket.getPeerCertificate().subject.CN),
        hsts: answer.headers['strict-transport-security'],
      });
      answer.resume();
    });
    sent.on('error', reject).end();
  });
}

describe('TLS by certificate files', () => {
  it('serves renewed files to new connections, and keeps the old pair when the new one is unusable', async () => {
    const tls = { certificate: join(home, 'cert.pem'), key: join(home, 'key.pem') };
    await writeCertificate('first', tls);
    const http = await serve({ tls });
    const { port } = await http.listen('127.0.0.1', 0);
    expect(await look(port)).toEqual({ name: 'first', hsts: expect.stringContaining('max-age=') });
    expect(http.reloadCertificate()).toBe(false);
    writeFileSync(tls.certificate, 'not a certificate');
    utimesSync(tls.certificate, new Date(), new Date(Date.now() + 2_000));
    expect(http.reloadCertificate()).toBe(false);
    expect((await look(port)).name).toBe('first');
    await writeCertificate('second', tls);
    utimesSync(tls.certificate, new Date(), new Date(Date.now() + 4_000));
    expect(http.reloadCertificate()).toBe(true);
    expect((await look(port)).name).toBe('second');
  });
});

it('speaks no cipher that lacks forward secrecy or does not authenticate what it encrypts', async () => {
  const tls = { certificate: join(home, 'cert.pem'), key: join(home, 'key.pem') };
  await writeCertificate('first', tls);
  const http = await serve({ tls });
  const { port } = await http.listen('127.0.0.1', 0);
  const handshake = (ciphers: string) =>
    new Promise<string>((resolve) => {
      const common = { host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const;
      const socket = connect({ ...common, ciphers }, () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      });
      socket.on('error', () => resolve('refused'));
    });
  expect(await handshake('ECDHE-ECDSA-AES128-GCM-SHA256')).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
  expect(await handshake('ECDHE-ECDSA-AES128-SHA256')).toBe('refused');
});

describe('the console', () => {
  it('is served under / with its own addresses, apart from the API, without inline script', async () => {
    mkdirSync(join(home, 'assets'));
    writeFileSync(join(home, 'index.html'), '<!doctype html><title>console</title>');
    writeFileSync(join(home, 'assets', 'main-a1b2c3d4.js'), 'export {};');
    const http = await serve({ staticDirectory: home });
    const get = (path: string) => http.inject({ method: 'GET', path });
    for (const path of ['/', '/messages/1', '/sign-in?next=x']) {
      const page = await get(path);
      expect([page.status, page.text]).toEqual([200, '<!doctype html><title>console</title>']);
      expect(page.headers['content-security-policy']).toContain("script-src 'self';");
      expect(page.headers['cache-control']).toBe('no-cache');
    }
    const script = await get('/assets/main-a1b2c3d4.js');
    expect(script.headers['cache-control']).toContain('immutable');
    expect(script.headers['x-content-type-options']).toBe('nosniff');
    for (const path of ['/assets/main-00000000.js', '/assets/', '/assets?x=1']) {
      const missing = await get(path);
      expect([path, missing.status]).toEqual([path, 404]);
      expect(missing.text).not.toContain('<title>console');
    }
    expect((await get('/v1/nothing')).json()).toMatchObject({ status: 404 });
    expect((await get('/../../etc/passwd')).text).not.toContain('root:');
    expect((await get('/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd')).text).not.toContain('root:');
    expect((await http.inject({ method: 'POST', path: '/messages' })).status).toBe(404);
  });
});
