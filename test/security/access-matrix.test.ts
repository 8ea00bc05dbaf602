import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdentityId, OrganisationId } from '#core/ids';
import { ROLES, type Role } from '#platform/access';
import { csrfToken, type HttpServer, type InjectedAnswer, type InjectedRequest } from '#platform/http';
import { newId, silentLogger } from '#platform/runtime';
import { isolationConfig } from '../../prove/support/isolation-config.ts';
import { serversOf, twoTenants } from '../../prove/support/isolation-run.ts';
import { fromSomewhere, type Tenant } from '../../prove/support/tenants.ts';
import { type RunningSystem, runSystem } from '../../src/system/run-system.ts';
import { makeProver } from '../support/prover.ts';
import { type Cell, NOBODY, type Operation, operationsOf, readTable } from './support/access-table.ts';

// docs/reference/access-matrix.md against a running system: every operation of the OpenAPI document, by nobody and by a
// person of every ready role, for ids of their own organisation's kind and for ids of another organisation.
const root = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const document: unknown = JSON.parse(readFileSync(root('client/openapi.json'), 'utf8'));
const operations = operationsOf(document);
const table = readTable(readFileSync(root('docs/reference/access-matrix.md'), 'utf8'));
const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
/** Ends the session that asks: asked last. */
const LAST = 'DELETE /v1/session';

let home = '';
let system: RunningSystem;
let server: HttpServer;
let own: Tenant;
let foreign: Tenant;
const people = new Map<Role, Asker>();

type Asker = (request: InjectedRequest) => Promise<InjectedAnswer>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-matrix-'));
  system = await runSystem(isolationConfig(home), silentLogger, { reach: () => undefined, volatile: true });
  const { api } = system.servers;
  if (api === null) throw new Error('the matrix needs the role api');
  server = api;
  // The first organisation's administrator operates the installation: the second one's people are ordinary.
  [foreign, own] = await twoTenants(system, serversOf(system));
  for (const role of ROLES) people.set(role, await signedIn(role));
}, 240_000);
afterAll(async () => {
  await system.stop(1_000);
  rmSync(home, { recursive: true, force: true });
});

/** A person who holds this role alone, in a session made by the room's own door. */
async function signedIn(role: Role): Promise<Asker> {
  const { access, database } = system.parts.foundation;
  const organisation = own.organisation as OrganisationId;
  const prover = makeProver();
  const browser = { key: prover.key, agent: undefined, posture: null };
  const from = { origin: { address: '192.0.2.1', channel: 'console', browser }, request: null } as const;
  const started = await database.tenant([organisation], 'app', async (tx) => {
    const address = { local: `${role}.matrix`, domain: 'sink.test' };
    const member = { address, displayName: role, roles: [role] };
    const { identity } = await access.members.add(tx, organisation, member, null, from);
    const who: { identity: IdentityId; organisation: OrganisationId } = { identity, organisation };
    // An authenticator app is not enough for those who administer and have just come.
    const factors = ['passphrase', 'passkey'];
    return access.sessions.start(tx, { ...who, factors, agent: undefined }, from);
  });
  const headers = {
    cookie: `sealpost=${started.token}`,
    'x-sealpost-csrf': csrfToken(started.token),
  };
  return (request) =>
    server.inject({
      ...request,
      headers: {
        ...headers,
        ...prover.headers(request.method, request.path, headers['x-sealpost-csrf']),
        ...request.headers,
      },
    });
}

const nobody: Asker = (request) => server.inject(request);

/** The request of an operation, as far as admission goes: a body that no schema takes, so that nothing is done. */
function requestOf({ method, path }: Operation, id: string): InjectedRequest {
  return {
    method,
    path: path.replace(/\{[a-zA-Z]*[iI]d\}/g, id).replace(/\{[a-zA-Z]+\}/g, 'x'),
    headers: fromSomewhere(),
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: { 'no-such-field': 1 } }),
  };
}

/** What an answer says about admission. */
function cellOf({ access }: Operation, answer: InjectedAnswer): Cell | `status ${number}` {
  if (answer.status >= 500) return `status ${answer.status}`;
  if (answer.status === 401) {
    const { code } = answer.json() as { code: string };
    // A wrong ceremony or password of a public route is no matter of admission, nor is a proof that must be given anew.
    return access === 'public' || code === 'step-up-required' ? 'yes' : '401';
  }
  if (answer.status !== 403) return 'yes';
  const { parameters } = answer.json() as { parameters?: { permission?: string } };
  return typeof access === 'object' && parameters?.permission === access.permission ? 'no' : 'yes';
}

async function deviations(
  ask: Asker,
  column: string,
  idOf: () => string,
  among: readonly Operation[] = operations,
): Promise<string[]> {
  const found: string[] = [];
  const ordered = [...among].sort((a, b) => Number(nameOf(a) === LAST) - Number(nameOf(b) === LAST));
  for (const operation of ordered) {
    const cell = cellOf(operation, await ask(requestOf(operation, idOf())));
    const wanted = table.get(nameOf(operation))?.get(column);
    if (cell !== wanted)
      found.push(`${nameOf(operation)} for ${column}: ${cell} where the table says ${wanted}`);
  }
  return found;
}

describe('who may call what', () => {
  it('stands in the table for every operation of the document, and for nothing else', () => {
    expect([...table.keys()].sort()).toEqual(operations.map(nameOf).sort());
    for (const row of table.values()) expect([...row.keys()]).toEqual([NOBODY, ...ROLES]);
  });

  it('is refused to whoever has no credentials', async () => {
    expect(await deviations(nobody, NOBODY, () => newId())).toEqual([]);
  });

  it('shows nothing of another organisation to any role, and does nothing to it', async () => {
    const ids = Object.values(foreign.ids);
    const withId = operations.filter(({ path }) => /\{[a-zA-Z]*[iI]d\}/.test(path));
    const opened: string[] = [];
    for (const [role, ask] of people) {
      for (const operation of withId) {
        for (const id of role === 'administrator' ? ids.slice(0, 8) : ids.slice(0, 1)) {
          const { status } = await ask(requestOf(operation, id));
          // 422 and 415: the body was refused before the id was looked at. 409: the same for any id.
          if (![401, 403, 404, 415, 422].includes(status))
            opened.push(`${nameOf(operation)} for ${role}: ${status}`);
        }
      }
    }
    expect(opened).toEqual([]);
  }, 60_000);

  it('would be seen: a table that says otherwise is found wrong', async () => {
    const name = 'GET /v1/members';
    const row = table.get(name) ?? new Map<string, Cell>();
    table.set(name, new Map([...row.keys()].map((column) => [column, 'no'])));
    const [operation] = operations.filter((one) => nameOf(one) === name);
    const ask = people.get('compliance-officer');
    if (operation === undefined || ask === undefined) throw new Error('nothing to ask');
    const found = await deviations(ask, 'compliance-officer', () => newId(), [operation]);
    table.set(name, row);
    expect(found).toEqual([`${name} for compliance-officer: yes where the table says no`]);
  });

  it.each(ROLES)('is for the role %s what the table says', async (role) => {
    const ask = people.get(role);
    if (ask === undefined) throw new Error('nobody holds the role');
    expect(await deviations(ask, role, () => newId())).toEqual([]);
  });
});
