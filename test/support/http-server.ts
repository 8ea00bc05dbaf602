import { PERMISSIONS, type Permission } from '#core/actor';
import { type ApiKeyId, type IdentityId, INSTALLATION, type SessionId } from '#core/ids';
import {
  type Authenticator,
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type Route,
} from '#platform/http';
import { silentLogger, systemClock } from '#platform/runtime';

const everything: ReadonlySet<Permission> = new Set(PERMISSIONS);
const authenticator: Authenticator = {
  apiKey: (secret) => {
    if (secret !== 'sp_good' && secret !== 'sp_poor') return Promise.resolve(null);
    return Promise.resolve({
      organisation: INSTALLATION,
      actor: { kind: 'api-key', apiKey: 'k' as ApiKeyId },
      permissions: secret === 'sp_good' ? everything : new Set<Permission>(['audit:read']),
    });
  },
  session: (token) => {
    if (token !== 'token') return Promise.resolve(null);
    const [identity, id] = ['i' as IdentityId, 's' as SessionId];
    return Promise.resolve({
      organisation: INSTALLATION,
      actor: { kind: 'person', identity, session: id },
      permissions: everything,
      session: { id, identity, factors: ['passphrase', 'totp'], expiresAt: new Date() },
    });
  },
};

/** A server without database or sockets: `Bearer sp_good` may do everything, `sp_poor` little; the cookie's session is `token`. */
export function serveForTest(routes: Route[], more: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  return createHttpServer({
    channel: 'api',
    routes,
    authenticator,
    idempotency: null,
    clock: systemClock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => 'https://console.example',
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: { database: true } }),
    ...more,
  });
}
