// For this room's tests only: an organisation with an administrator, the routes served, a browser that keeps its cookies.
import { expect } from 'vitest';
import type { z } from 'zod';
import type { Caller } from '#core/actor';
import type { IdentityId } from '#core/ids';
import { createLogoutTokens, createOidc, createSaml } from '#platform/federation';
import { createHttpServer, csrfToken, type InjectedRequest } from '#platform/http';
import { safeFetch } from '#platform/net';
import { silentLogger } from '#platform/runtime';
import { makeProver } from '../../../test/support/prover.ts';
import { callerOf, type Enrolled, openAccessStage } from '../../platform/access/test-kit.ts';
import { type SignOnNeeds, signOnRoutes } from './index.ts';
import type { changeSchema, connectionSchema } from './schemas.ts';

export type Connection = z.output<typeof connectionSchema>;
export type Change = z.input<typeof changeSchema>;

const CONSOLE = 'http://127.0.0.1';

/** A browser as far as it matters here: its cookies, which a post from another site does not bring. */
export interface Browser {
  get(url: string): Promise<{ readonly status: number; readonly location: string }>;
  postFromElsewhere(
    url: string,
    form: Record<string, string>,
  ): Promise<{ readonly status: number; readonly location: string }>;
  session(): string | undefined;
}

export async function openSignOnStage() {
  const stage = await openAccessStage();
  const { world, access } = stage;
  const resolver = {
    mx: () => Promise.reject(new Error('not asked')),
    addresses: () => Promise.reject(new Error('not asked')),
    txt: () => Promise.reject(new Error('not asked')),
  };
  const network = { resolver, mayConnect: (to: string) => to === '127.0.0.1', extraRoots: [] };
  const fetch: SignOnNeeds['fetch'] = (url, options) => safeFetch(url, { ...options, network });
  const ports = { fetch, allowHttp: () => true, monotonic: () => performance.now() };
  const { database, vault, audit } = world.ports;
  const needs: SignOnNeeds = {
    ...{ database, vault, audit, clock: world.clock, access, fetch, allowHttp: () => true },
    addresses: { console: CONSOLE },
    oidc: createOidc(ports),
    saml: createSaml(),
    logoutTokens: createLogoutTokens(ports),
  };
  const server = await createHttpServer({
    channel: 'api',
    routes: signOnRoutes(needs),
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    idempotency: { database, vault },
    clock: world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
    publicRate: { burst: 1000, perSecond: 100 },
  });
  const admin = await stage.enrol();
  const { token, id } = await stage.signIn(admin);
  const prover = makeProver(() => world.clock.now().getTime());
  await access.sessions.bind(callerOf(admin), id, prover.key);

  let lastSet: string[] = [];
  /** As the administrator in the console. */
  async function api<T>(
    method: InjectedRequest['method'],
    path: string,
    body?: object,
  ): Promise<{ status: number; body: T }> {
    const csrf = csrfToken(token);
    const proof = prover.headers(method, path, csrf);
    const headers = { cookie: `sealpost=${token}`, 'x-sealpost-csrf': csrf, ...proof };
    const answer = await server.inject({ method, path, headers, ...(body === undefined ? {} : { body }) });
    lastSet = [answer.headers['set-cookie'] ?? []].flat().map(String);
    return { status: answer.status, body: answer.text === '' ? (undefined as T) : (answer.json() as T) };
  }

  function browser(): Browser {
    const jar = new Map<string, string>();
    const keep = (headers: Readonly<Record<string, unknown>>) => {
      for (const set of [headers['set-cookie'] ?? []].flat()) {
        const [pair = ''] = String(set).split(';');
        const [name = '', value = ''] = pair.split('=');
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
    };
    const path = (url: string) => url.replace(CONSOLE, '');
    return {
      session: () => jar.get('sealpost'),
      async get(url) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await server.inject({ method: 'GET', path: path(url), headers: { cookie } });
        keep(answer.headers);
        return { status: answer.status, location: String(answer.headers.location) };
      },
      async postFromElsewhere(url, form) {
        const headers = {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'https://idp.test',
          'sec-fetch-site': 'cross-site',
        };
        const body = new URLSearchParams(form).toString();
        const answer = await server.inject({ method: 'POST', path: path(url), headers, body });
        keep(answer.headers);
        return { status: answer.status, location: String(answer.headers.location) };
      },
    };
  }

  /** The refusals on record, oldest first. */
  const refusals = (): unknown[] =>
    world.entries.filter(({ action }) => action === 'sso.refused').map(({ details }) => details.reason);
  const done = (action: string) => world.entries.filter((entry) => entry.action === action);

  async function rolesOf(identity: IdentityId): Promise<string[]> {
    const rows = await database.tenant([admin.organisation], 'app', (tx) =>
      tx.query<{ role: string; source: string }>({
        text: 'select role, source from sealpost.role_assignment where subject = $1 and ended_at is null order by role',
        values: [identity],
      }),
    );
    return rows.map(({ role }) => role);
  }

  /** Who a session token stands for now. */
  const live = async (session: string | undefined) => {
    expect(session).toBeDefined();
    return access.sessions.authenticate(session ?? '');
  };

  /** A request of somebody who came by their provider, from the browser that their session is then bound to. */
  async function provenGet(session: string, path: string) {
    const came = await live(session);
    if (came === null) throw new Error('no session');
    const { id, identity } = came.session;
    await access.sessions.bind(
      { ...callerOf(admin), actor: { kind: 'person', identity, session: id } },
      id,
      prover.key,
    );
    const headers = { cookie: `sealpost=${session}`, ...prover.headers('GET', path, '') };
    return server.inject({ method: 'GET', path, headers });
  }

  return {
    adminToken: token,
    provenGet,
    /** A cookie that the last answer to the administrator set, as `name=value`. */
    lastCookie: (name: string) => lastSet.find((set) => set.startsWith(`${name}=`))?.split(';')[0] ?? '',
    ...{ ...stage, needs, server, admin, api, browser, refusals, done, rolesOf, live },
    caller: (permissions?: Caller['permissions']) =>
      callerOf(admin, permissions === undefined ? undefined : [...permissions]),
    async close() {
      await server.close(100);
      await world.close();
    },
  };
}

export type SignOnStage = Awaited<ReturnType<typeof openSignOnStage>>;
export type { Enrolled };
