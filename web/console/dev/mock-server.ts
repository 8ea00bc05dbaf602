import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { toString as qrSvg } from 'qrcode';
import { administration } from './mock-administration.ts';
import { at, demoDetail, demoId, session, summary } from './mock-data.ts';
import { mockRoles } from './mock-roles.ts';
import { ssoConnections, ssoTry } from './mock-sso.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

// As the real server sends it.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface MockState {
  signedIn: boolean;
  setUp: boolean;
  empty: boolean;
  live: boolean;
  failing: string | null;
  startedAt: number;
  conflict: boolean;
  rows: number;
}

/** Serves the built console and made-up answers on loopback. */
export function startMock(dist: string, state: MockState) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname.startsWith('/v1/')) void answer(request, response, url, state);
    else serveFile(dist, url.pathname, response);
  });
  return new Promise<{ origin: string; close: () => void }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve({
        origin: `http://localhost:${port}`,
        close: () => {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}

function serveFile(dist: string, path: string, response: ServerResponse): void {
  const known = /^\/(assets\/[\w.-]+|favicon\.svg)$/.test(path);
  const file = join(dist, known ? path : 'index.html');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'text/plain',
    'content-security-policy': POLICY,
  });
  response.end(readFileSync(file));
}

function seconds(state: MockState): number {
  return state.startedAt === 0 ? 100 : (Date.now() - state.startedAt) / 1000;
}

async function answer(request: IncomingMessage, response: ServerResponse, url: URL, state: MockState) {
  const route = `${request.method} ${url.pathname}`;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const json = (status: number, body: unknown) => {
    response.writeHead(status, {
      'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    });
    response.end(JSON.stringify(body));
  };
  const problem = (status: number, code: string) =>
    json(status, {
      type: `urn:sealpost:problem:${code}`,
      title: code,
      status,
      code,
      request: '0193a0c0-77aa-7000-8000-1b2c3d4e5f60',
    });
  if (state.failing !== null && url.pathname.startsWith(state.failing)) return problem(503, 'unavailable');
  if (!state.signedIn && !/setup|sign-in/.test(url.pathname)) return problem(401, 'not-authenticated');
  if (route === `GET /v1/messages/${demoId}/events`) return streamEvents(response);
  if (route === 'PUT /v1/policy' && state.conflict) return problem(412, 'version-conflict');
  const found = await fixed(route, state, url);
  if (found !== undefined)
    return json(request.method === 'POST' && url.pathname === '/v1/messages' ? 202 : 200, found);
  if (request.method === 'DELETE') {
    if (url.pathname === '/v1/session') state.signedIn = false;
    response.writeHead(204);
    return response.end();
  }
  return problem(404, 'not-found');
}

function streamEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 2000\n\n');
  const timer = setInterval(() => {
    response.write(
      `event: change\ndata: ${JSON.stringify({ type: 'delivery.decided', occurredAt: at(0), delivery: null })}\n\n`,
    );
  }, 500);
  response.on('close', () => clearInterval(timer));
}

const page = <T>(items: T[]) => ({ items, next: null });

async function fixed(route: string, state: MockState, url: URL): Promise<unknown> {
  const signedIn = () => {
    state.signedIn = true;
    return session;
  };
  const mode = state.live ? 'live' : 'sandbox';
  const many = (count: number) => Array.from({ length: state.empty ? 0 : count }, (_, n) => n);
  switch (route) {
    case 'GET /v1/session':
      return { ...session, mode };
    case 'GET /v1/setup':
      return { state: state.setUp ? 'done' : 'open', consoleUrl: null, portalUrl: 'http://localhost:8081' };
    case 'GET /v1/sso-connections':
      return { items: state.empty ? [] : ssoConnections };
    case 'GET /v1/session/provider':
      return { signOutUrl: null };
    case 'GET /v1/sign-in/organisations/clinic':
      return { ways: [{ id: 'c', name: 'Riverside Clinic', startUrl: '/sso/c/start' }] };
    case `GET /v1/sso-connections/${ssoConnections[0]?.id}/tries/t`:
      return ssoTry;
    case 'POST /v1/setup/start':
    case 'POST /v1/sign-in':
      return { ceremony: 'c1', factors: ['totp', 'passkey', 'recovery-code'], expiresAt: at(-600) };
    case 'POST /v1/setup/totp/options': {
      const uri = 'otpauth://totp/Sealpost:maria@clinic.test?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=Sealpost';
      return { uri, secret: 'JBSWY3DPEHPK3PXPJBSWY3DP', svg: await qrSvg(uri, { type: 'svg' }) };
    }
    case 'POST /v1/setup/totp':
      state.setUp = true;
      return {
        session: signedIn(),
        recoveryCodes: [
          'k7rw-29dm-xq4p',
          'p3vd-66hc-za8t',
          'm2tk-81fs-wc5n',
          'd9hb-37vx-te6r',
          'z4cn-52qp-kg7m',
          'x8fs-14mt-hv3d',
          'r6pw-93kd-bn2c',
          't5gx-78rz-fq9h',
        ],
      };
    case 'POST /v1/setup/recovery-kit':
      return {
        fileName: 'sealpost-recovery-kit.txt',
        content: 'mock',
        code: '7Q4M-R2XK-9WDP-5HTC-81ZB-N6VF',
      };
    case 'POST /v1/sign-in/totp':
      return signedIn();
    case 'GET /v1/overview':
      return {
        attention: state.empty
          ? { held: 0, failing: 0, bounced: 0, unreadInPortal: 0 }
          : { held: 0, failing: 2, bounced: 3, unreadInPortal: 14 },
        today: {
          since: at(40_000),
          total: state.empty ? 0 : 148,
          methods: state.empty
            ? []
            : [
                { method: 'tls', count: 112 },
                { method: 'portal', count: 31 },
                { method: 'pgp', count: 4 },
                { method: 'none', count: 1 },
              ],
        },
        recent: many(5).map((n) => summary(n)),
      };
    case 'GET /v1/messages':
      return page(many(state.rows).map((n) => summary(n)));
    case 'POST /v1/messages/search':
      return page(many(2).map((n) => summary(n)));
    case 'POST /v1/messages':
      state.startedAt = Date.now();
      return { id: demoId, deliveries: [] };
    case `GET /v1/messages/${demoId}`:
      return demoDetail(seconds(state));
    case `GET /v1/messages/${demoId}/content`:
      return {
        subject: 'Your laboratory results of this week',
        from: 'reception@clinic.test',
        to: ['anna@good-tls.test'],
        text: 'Dear patient,\n\nyour results are ready: all values are within their range.\n\nKind regards\nThe clinic',
        attachments: [{ index: 0, name: 'laboratory-report.txt', type: 'text/plain', size: 213 }],
      };
    case `POST /v1/messages/${demoId}/retract`:
      return {
        deliveries: demoDetail(100).deliveries.map(({ id, to, state: at }) => ({
          id,
          to,
          result:
            at === 'portal-read'
              ? 'retracted-after-read'
              : at === 'portal-waiting'
                ? 'retracted'
                : 'cannot-recall',
        })),
      };
    default:
      return mockRoles(route) ?? administration(route, state, url, mode, many);
  }
}
