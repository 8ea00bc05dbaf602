// For this room's tests only: organisations, people and keys on a database of its own, and a server with the room's routes.
import { z } from 'zod';
import type { Caller, Permission } from '#core/actor';
import { PERMISSIONS } from '#core/actor';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { createAccess } from '#platform/access';
import { createHttpServer, type InjectedRequest, type Route } from '#platform/http';
import { newId, silentLogger } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';

export const from = { origin: { address: '192.0.2.1', channel: 'api' }, request: 'r' } as const;
type World = Awaited<ReturnType<typeof accessForTest>>;
type Access = ReturnType<typeof createAccess>;

export async function openStage(routesOf: (world: World, access: Access) => Route[]) {
  const world = await accessForTest();
  const access = createAccess(world.ports);
  await access.installation.ensure();
  const { database } = world.ports;
  const server = await createHttpServer({
    channel: 'api',
    routes: routesOf(world, access),
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    idempotency: { database, vault: world.ports.vault },
    clock: world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
    publicRate: { burst: 10_000, perSecond: 1_000 },
  });

  async function organisation(name: string) {
    const id = newId() as OrganisationId;
    const administrator = await database.tenant([id], 'app', async (tx) => {
      await access.organisations.create(tx, { id, name, slug: name, domain: `${name}.test` });
      const address = { local: 'admin', domain: `${name}.test` };
      const member = { address, displayName: 'Admin', roles: ['administrator'] as const };
      return (await access.members.add(tx, id, member, null, from)).identity;
    });
    return { id, administrator, key: await key(id, administrator, ['provisioning:sync']) };
  }

  async function key(id: OrganisationId, maker: IdentityId | null, permissions: readonly Permission[]) {
    const wanted = { label: 'k', permissions, networks: [], expiresAt: null };
    const actor =
      maker === null
        ? ({ kind: 'system', component: 'test' } as const)
        : ({ kind: 'person', identity: maker, session: newId() as SessionId } as const);
    const issued = await database.tenant([id], 'app', (tx) =>
      access.apiKeys.issue(tx, id, wanted, actor, from),
    );
    return issued.secret;
  }

  function callerOf(
    id: OrganisationId,
    identity: IdentityId,
    permissions: readonly Permission[] = PERMISSIONS,
  ): Caller {
    const actor = { kind: 'person', identity, session: newId() as SessionId } as const;
    return { organisation: id, actor, permissions: new Set(permissions), ...from };
  }

  const session = (organisationId: OrganisationId, identity: IdentityId) =>
    database.tenant([organisationId], 'app', (tx) =>
      access.sessions.start(
        tx,
        { identity, organisation: organisationId, factors: ['passphrase', 'passkey'], agent: 'test' },
        from,
      ),
    );

  async function send(
    as: string | null,
    method: InjectedRequest['method'],
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const answer = await server.inject({
      ...{ method, path },
      headers: {
        ...(as === null ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const json = answer.text === '' ? {} : z.record(z.string(), z.json()).parse(answer.json());
    return { status: answer.status, headers: answer.headers, text: answer.text, json };
  }

  return {
    ...{ world, access, database, server, organisation, key, callerOf, session, send },
    async close() {
      await server.close(100);
      await world.close();
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;
