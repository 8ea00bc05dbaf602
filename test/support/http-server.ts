import { PERMISSIONS, type Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import { type ApiKeyId, type IdentityId, INSTALLATION, type SessionId } from '#core/ids';
import {
  type Authenticator,
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type Route,
} from '#platform/http';
import { silentLogger, systemClock } from '#platform/runtime';
import { readProofKey } from '../../src/platform/access/request-proof.ts';
import { makeProver } from './prover.ts';

/** The key that the session is bound to. */
export const sessionProver = makeProver();
export const GOOD_TICKET = 't'.repeat(43);
/** Why proofs were refused, in order. */
export const refusedProofs: string[] = [];

/** For servers that only programs with keys call. */
export const noSessions: Authenticator['sessions'] = {
  authenticate: () => Promise.resolve(null),
  use: () => Promise.resolve(),
  proofRefused: () => Promise.resolve(),
  tickets: {
    issue: () => Promise.reject(new Error('no tickets here')),
    use: () => Promise.resolve(false),
  },
};

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
  sessions: {
    ...noSessions,
    proofRefused: (_live, reason) => Promise.resolve(void refusedProofs.push(reason)),
    tickets: {
      ...noSessions.tickets,
      use: (_holder, ticket) => Promise.resolve(ticket === GOOD_TICKET),
    },
    authenticate: (token) => {
      if (token !== 'token') return Promise.resolve(null);
      const [identity, id] = ['i' as IdentityId, 's' as SessionId];
      return Promise.resolve({
        organisation: INSTALLATION,
        actor: { kind: 'person', identity, session: id },
        permissions: everything,
        scoped: new Map(),
        session: {
          id,
          identity,
          factors: ['passphrase', 'totp'],
          expiresAt: new Date(),
          idleSeconds: 1800,
          provenAt: new Date(),
          stepUpMinutes: 10,
          proofKey: readProofKey(sessionProver.key),
          lastUsedAt: new Date(),
          rules: [],
          standing: { roles: [], groups: [], device: 'known', risk: 0, factors: [], timeZone: 'UTC' },
        },
      });
    },
  },
};

/** Who may only do this, and whose last factor is too long ago; `used` takes down what was asked of the session. */
export function sessionsWith({
  permissions,
  used,
}: {
  permissions: Permission[];
  used: unknown[];
}): Authenticator {
  const { sessions } = authenticator;
  return {
    ...authenticator,
    sessions: {
      ...sessions,
      authenticate: async (token) => {
        const live = await sessions.authenticate(token);
        return live === null ? null : { ...live, permissions: new Set(permissions) };
      },
      use: async (_live, how) => {
        used.push(how);
        if (how.stepUp) throw new Refusal('step-up-required');
      },
    },
  };
}

/**
 * A server without database or sockets: `Bearer sp_good` may do everything, `sp_poor` little; the cookie's session is `token`,
 * bound to the key of `sessionProver`.
 */
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
