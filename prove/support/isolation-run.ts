import type { OrganisationId } from '#core/ids';
import type { Config } from '#platform/runtime';
import { newId, silentLogger } from '#platform/runtime';
import { type RunningSystem, runSystem } from '../../src/system/run-system.ts';
import { kindOf } from './isolation-kinds.ts';
import {
  type Servers,
  unknownRoutes,
  type Walked,
  walkAs,
  walkControl,
  walkWithout,
} from './isolation-walk.ts';
import { call, foundSecond, fromSomewhere, setUpFirst } from './tenant-doors.ts';
import { stateOf } from './tenant-state.ts';
import { furnish, type Tenant } from './tenants.ts';
import { WebClient } from './web-client.ts';

export interface IsolationReport {
  readonly routes: number;
  readonly attempts: number;
  readonly leaks: readonly string[];
  /** What the same walk finds where a tenant reads its own things: it must not be blind. */
  readonly control: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Routes with an id that were tried with a real one of their kind, and those that were not. */
  readonly real: readonly string[];
  readonly unreal: readonly string[];
}

/**
 * Two organisations in one installation, each trying everything of the other. With `every` a part of it, spread over all
 * routes and all kinds of ids.
 */
export async function proveIsolation(config: Config, every = 1): Promise<IsolationReport> {
  const system = await runSystem(config, silentLogger, { reach: () => undefined, volatile: true });
  try {
    const servers = { ...serversOf(system), every };
    const [first, second] = await twoTenants(system, servers);
    const walked: Walked = { attempts: 0, statuses: new Map(), leaks: unknownRoutes(servers) };
    const poorKey = await keyWithout(servers, first);
    const before = [await stateOf(servers.apiUrl, first), await stateOf(servers.apiUrl, second)];
    await walkWithout(servers, { self: first, victim: second }, poorKey, walked);
    await walkAs(servers, { self: second, victim: first }, false, walked);
    const untouched = await stateOf(servers.apiUrl, first);
    if (untouched !== before[0])
      walked.leaks.push('something of the first organisation was changed by the second');
    const own = await stateOf(servers.apiUrl, second);
    await walkAs(servers, { self: first, victim: second }, true, walked);
    if ((await stateOf(servers.apiUrl, second)) !== own)
      walked.leaks.push('something of the second organisation was changed by the first');
    const statuses = Object.fromEntries(
      [...walked.statuses].map(([status, count]) => [String(status), count]),
    );
    return {
      routes: servers.apiRoutes.length + servers.portalRoutes.length,
      attempts: walked.attempts,
      leaks: walked.leaks,
      control: await walkControl(servers, second),
      statuses,
      ...idsOfRoutes(servers),
    };
  } finally {
    await system.stop(1_000);
  }
}

/** By whether the organisations have a thing of the kind that the route's id stands for. */
function idsOfRoutes({ apiRoutes, portalRoutes }: Servers) {
  const withId = [...apiRoutes, ...portalRoutes].filter(({ path }) => path.includes('/:id'));
  const named = (has: boolean): string[] =>
    withId
      .filter(({ path }) => (kindOf(path) !== null) === has)
      .map(({ method, path }) => `${method} ${path}`);
  return { real: named(true), unreal: named(false) };
}

/** Where a running system answers, and with what routes. */
export function serversOf(system: RunningSystem): Servers {
  const { ports, api, portal } = system.servers;
  if (api === null || portal === null) throw new Error('the proof needs the role api');
  return {
    apiUrl: `http://127.0.0.1:${ports.http}`,
    portalUrl: `http://127.0.0.1:${ports.portal}`,
    apiRoutes: api.routes,
    portalRoutes: portal.routes,
  };
}

/** Two furnished organisations; the first one's administrator operates the installation. */
export async function twoTenants(
  system: RunningSystem,
  { apiUrl, portalUrl }: Servers,
): Promise<[Tenant, Tenant]> {
  const { database, clock } = system.parts.foundation;
  const common = (canary: string, domain: string, organisation: () => string) => ({
    apiUrl,
    portalUrl,
    domain,
    canary,
    personOf: (item: string) =>
      database.tenant([organisation() as OrganisationId], 'app', async (tx) => {
        const values = [item];
        return (
          await tx.one<{ person: string }>({ text: 'select person from portal_item where id = $1', values })
        ).person;
      }),
    later: (asker: string, connection: string) =>
      database.tenant([organisation() as OrganisationId], 'app', async (tx) => {
        const [act, run] = [newId(clock), newId(clock)];
        await tx.execute({
          text: `insert into sealpost.pending_act
                   (organisation, id, code, route, permission, asker, asked_at, expires_at)
                 values ($1, $2, 'roles', 'POST /v1/roles', 'roles:write', $3, now(), now() + interval '1 day')`,
          values: [organisation(), act, asker],
        });
        await tx.execute({
          text: `insert into sealpost.provisioning_run
                   (id, organisation, connection, started_at, ended_at, state, reason)
                 values ($1, $2, $3, now(), now(), 'stopped', 'too-many')`,
          values: [run, organisation(), connection],
        });
        return { 'pending act': act, 'directory run': run };
      }),
  });
  const canaries = [`qa${Date.now().toString(36)}one`, `qb${Date.now().toString(36)}two`] as const;
  const one = await setUpFirst(system, apiUrl, canaries[0]);
  const two = await foundSecond(one.browser, one.session.csrf, apiUrl, 'sink.test', canaries[1]);
  const first = await furnish({
    ...one,
    ...common(canaries[0], 'clinic.test', () => one.session.organisation.id),
  });
  const second = await furnish({
    ...two,
    ...common(canaries[1], 'sink.test', () => two.session.organisation.id),
  });
  return [first, second];
}

/** A key of the organisation that holds one permission that no route asks for. */
async function keyWithout({ apiUrl }: Servers, tenant: Tenant): Promise<string> {
  const api = new WebClient(apiUrl, { authorization: `Bearer ${tenant.apiKey}` });
  const body = { label: 'poor', permissions: ['keys:rotate'] };
  return (
    await call<{ secret: string }>(api, 'POST', '/v1/api-keys', 201, { body, headers: fromSomewhere() })
  ).secret;
}
