import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdentityId, OrganisationId } from '#core/ids';
import { ROLES, type Role } from '#platform/access';
import { csrfToken, type HttpServer, type InjectedAnswer, type InjectedRequest } from '#platform/http';
import { newId, silentLogger } from '#platform/runtime';
import { isolationConfig } from '../../prove/support/isolation-config.ts';
import { kindOf } from '../../prove/support/isolation-kinds.ts';
import { serversOf, twoTenants } from '../../prove/support/isolation-run.ts';
import { API_TABLE } from '../../prove/support/isolation-table.ts';
import { fromSomewhere } from '../../prove/support/tenant-doors.ts';
import type { Tenant } from '../../prove/support/tenants.ts';
import { type RunningSystem, runSystem } from '../../src/system/run-system.ts';
import { makeProver, type Prover } from '../support/prover.ts';
import {
  type Cell,
  type Expected,
  type Foreign,
  NOBODY,
  namesSomething,
  type Operation,
  operationsOf,
  readTable,
} from './support/access-table.ts';
import { requestsOf } from './support/audited-requests.ts';
import { AUDITED } from './support/audited-routes.ts';
import { type Asker, inWalkOrder, misfit, outcomeOf } from './support/audited-walk.ts';
import { approved, type Entry, good, type Signed } from './support/second-person.ts';

// docs/reference/access-matrix.md against a running system: every operation of the OpenAPI document, by nobody and by a
// person of every ready role, for what is their own organisation's and for what is another one's.
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

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-matrix-'));
  system = await runSystem(isolationConfig(home), silentLogger, { reach: () => undefined, volatile: true });
  const { api } = system.servers;
  if (api === null) throw new Error('the matrix needs the role api');
  server = api;
  // The first organisation's administrator operates the installation: the second one's people are ordinary.
  [foreign, own] = await twoTenants(system, serversOf(system));
  for (const role of ROLES) people.set(role, (await signedIn(role)).ask);
}, 240_000);
afterAll(async () => {
  await system.stop(1_000);
  rmSync(home, { recursive: true, force: true });
});

/** A person who holds this role alone, in a session made by the room's own door. */
async function signedIn(
  role: Role,
  name = `${role}.matrix`,
): Promise<{ readonly ask: Asker; readonly identity: IdentityId }> {
  const { access, database } = system.parts.foundation;
  const organisation = own.organisation as OrganisationId;
  const { identity } = await database.tenant([organisation], 'app', (tx) => {
    const address = { local: name, domain: 'sink.test' };
    const member = { address, displayName: role, roles: [role] };
    return access.members.add(tx, organisation, member, null, { origin: ORIGIN, request: null });
  });
  return { ask: await session(identity), identity };
}

const ORIGIN = { address: '192.0.2.1', channel: 'console' } as const;

/** Another session of somebody. */
async function session(identity: IdentityId): Promise<Asker> {
  const { access, database } = system.parts.foundation;
  const organisation = own.organisation as OrganisationId;
  const prover = makeProver();
  const browser = { key: prover.key, agent: undefined, posture: null };
  const { token } = await database.tenant([organisation], 'app', (tx) => {
    // An authenticator app is not enough for those who administer and have just come.
    const factors = ['passphrase', 'passkey'];
    const from = { origin: { ...ORIGIN, browser }, request: null };
    return access.sessions.start(tx, { identity, organisation, factors, agent: undefined }, from);
  });
  return withCredentials(`sealpost=${token}`, csrfToken(token), prover);
}

function withCredentials(cookie: string, csrf: string, prover: Prover | null): Asker {
  return (request) =>
    server.inject({
      ...request,
      headers: {
        ...{ cookie, 'x-sealpost-csrf': csrf },
        ...prover?.headers(request.method, request.path, csrf),
        ...request.headers,
      },
    });
}

function askerOf(role: Role): Asker {
  const ask = people.get(role);
  if (ask === undefined) throw new Error(`nobody holds the role ${role}`);
  return ask;
}

const nobody: Asker = (request) => server.inject(request);

/** The request of an operation, as far as admission goes: a body that no schema takes, so that nothing is done. */
function requestOf({ method, path }: Operation, id: string): InjectedRequest {
  return {
    method,
    path: path
      .replace(/\{[a-zA-Z]*[iI]d\}/g, id)
      .replace('{index}', '0')
      .replace(/\{[a-zA-Z]+\}/g, 'x'),
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

/** Asks for each, a few at a time; the answers in the order of the questions. */
async function askAll<Found>(
  among: readonly Operation[],
  ask: (operation: Operation) => Promise<Found>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < among.length; at += SIDE_BY_SIDE)
    found.push(...(await Promise.all(among.slice(at, at + SIDE_BY_SIDE).map(ask))));
  return found;
}
const SIDE_BY_SIDE = 8;

async function deviations(
  ask: Asker,
  column: string,
  among: readonly Operation[] = operations,
): Promise<string[]> {
  const ordered = [...among].sort((a, b) => Number(nameOf(a) === LAST) - Number(nameOf(b) === LAST));
  const of = async (operation: Operation): Promise<string[]> => {
    const cell = cellOf(operation, await ask(requestOf(operation, ownId(operation))));
    const wanted = table.get(nameOf(operation))?.get(column)?.own;
    return cell === wanted
      ? []
      : [`${nameOf(operation)} for ${column}: ${cell} where the table says ${wanted}`];
  };
  const before = await askAll(
    ordered.filter((one) => nameOf(one) !== LAST),
    of,
  );
  const last = await askAll(
    ordered.filter((one) => nameOf(one) === LAST),
    of,
  );
  return [...before, ...last].flat();
}

const patternOf = ({ path }: Operation): string => path.replace(/\{(\w+)\}/g, ':$1');

/** The organisation's own thing for what reads alone; one that is nowhere for acts, which would be done. */
function ownId(operation: Operation): string {
  // A stream of events would not end.
  const reads = operation.method === 'GET' && !operation.path.endsWith('/events');
  const kind = reads ? kindOf(patternOf(operation)) : null;
  return kind === null ? newId() : own.ids[kind];
}

/** A good request for the very thing of the other organisation that the route is about. */
function foreignRequest(operation: Operation): InjectedRequest {
  const name = `${operation.method} ${patternOf(operation)}`;
  const [one] = API_TABLE[name]?.({ self: own, victim: foreign }) ?? [];
  if (one === undefined || one.expect === 'own') throw new Error(`${name} has no try for another's id`);
  const headers = { ...fromSomewhere(), ...one.headers };
  const request = { method: operation.method, path: one.path };
  if (one.body instanceof URLSearchParams) {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return { ...request, headers: { ...headers, ...type }, body: one.body.toString() };
  }
  return { ...request, headers, ...(one.body === undefined ? {} : { body: one.body }) };
}

function foreignOutcome({ access }: Operation, answer: InjectedAnswer): Foreign | `status ${number}` {
  if (answer.status >= 500) return `status ${answer.status}`;
  if (access === 'public') return 'same';
  // What the sandbox has not is answered before anything is looked for.
  if (answer.status === 409 && answer.text.includes('"reason":"sandbox"')) return '404';
  for (const outcome of ['404', '403', '401'] as const) if (String(answer.status) === outcome) return outcome;
  return `status ${answer.status}`;
}

async function foreignDeviations(ask: Asker, column: string): Promise<string[]> {
  const found = await askAll(operations.filter(namesSomething), async (operation) => {
    const outcome = foreignOutcome(operation, await ask(foreignRequest(operation)));
    const wanted = table.get(nameOf(operation))?.get(column)?.foreign;
    return outcome === wanted
      ? []
      : [`${nameOf(operation)} for ${column}, another's: ${outcome} where the table says ${wanted}`];
  });
  return found.flat();
}

/** A try of a connection that no provider answers, and a reference of an entry that has one: others' tests have them. */
const NOT_AT_HAND = [
  'GET /v1/sso-connections/{id}/tries/{try}',
  'GET /v1/audit/{id}/reference',
  // The act that waits was put in without a request that could be opened.
  'GET /v1/pending-acts/{id}/request',
];

describe('who may call what', () => {
  it('stands in the table for every operation of the document, and for nothing else', () => {
    expect([...table.keys()].sort()).toEqual(operations.map(nameOf).sort());
    for (const row of table.values()) expect([...row.keys()]).toEqual([NOBODY, ...ROLES]);
  });

  it('is refused to whoever has no credentials', async () => {
    expect(await deviations(nobody, NOBODY)).toEqual([]);
    expect(await foreignDeviations(nobody, NOBODY)).toEqual([]);
  });

  it.each(ROLES)(
    'shows the role %s nothing of another organisation, and does nothing to it',
    async (role) => {
      expect(await foreignDeviations(askerOf(role), role)).toEqual([]);
    },
  );

  it('shows an administrator what is their own, by the same ids', async () => {
    const reading = operations.filter(
      (one) =>
        one.method === 'GET' &&
        one.access !== 'public' &&
        !one.path.endsWith('/events') &&
        !NOT_AT_HAND.includes(nameOf(one)) &&
        kindOf(patternOf(one)) !== null,
    );
    const statuses = await askAll(reading, async (operation) => {
      const { status } = await askerOf('administrator')(requestOf(operation, ownId(operation)));
      return status === 200 ? null : `${nameOf(operation)}: ${status}`;
    });
    expect(reading.length).toBeGreaterThan(20);
    expect(statuses.filter((one) => one !== null)).toEqual([]);
  });

  it('would be seen: a table that says otherwise is found wrong', async () => {
    const name = 'GET /v1/members';
    const row = table.get(name) ?? new Map<string, Expected>();
    table.set(name, new Map([...row.keys()].map((column) => [column, { own: 'no', foreign: null }])));
    const [operation] = operations.filter((one) => nameOf(one) === name);
    if (operation === undefined) throw new Error('nothing to ask');
    const found = await deviations(askerOf('compliance-officer'), 'compliance-officer', [operation]);
    table.set(name, row);
    expect(found).toEqual([`${name} for compliance-officer: yes where the table says no`]);
  });

  it.each(ROLES)('is for the role %s what the table says', async (role) => {
    expect(await deviations(askerOf(role), role)).toEqual([]);
  });
});

describe('acts that want a second person, by their real routes', () => {
  const PATH = '/v1/four-eyes-settings';
  let two: readonly [Signed, Signed];
  const json = async (path: string) => (await good(two[0].ask, { method: 'GET', path })).json();
  const codes = async () => ((await json(PATH)) as { codes: string[] }).codes;
  const act = (request: InjectedRequest, changed: () => Promise<boolean>) =>
    approved(
      { database: system.parts.foundation.database, organisation: own.organisation },
      two,
      request,
      changed,
    );
  /** Who did what, as the log has it: the asker is A, the second person B. */
  const who = (entries: readonly Entry[]) =>
    entries.map(({ action, actor }) => `${actor.identity === two[0].identity ? 'A' : 'B'} ${action}`);
  const done = (...actions: string[]) => [
    ...['A pending-act.asked', 'B pending-act.viewed', 'B pending-act.approved'],
    ...actions.map((action) => `A ${action}`),
    'B pending-act.ended',
  ];

  it('are done once, as who asked, and the log names both', async () => {
    two = [await signedIn('administrator', 'asks'), await signedIn('administrator', 'approves')];
    const [{ ask }, second] = two;
    const body = { codes: ['retention', 'single-sign-on', 'keys'] };
    await good(ask, { method: 'PUT', path: PATH, body });

    const kept = (await json('/v1/audit-settings')) as { reviewDays: number };
    const { keptUntil: _until, changedAt: _at, ...settings } = kept as Record<string, unknown>;
    const rarer = { ...settings, reviewDays: kept.reviewDays + 1 };
    const days = async () => ((await json('/v1/audit-settings')) as typeof kept).reviewDays;
    const retention = await act(
      { method: 'PUT', path: '/v1/audit-settings', body: rarer },
      async () => (await days()) === rarer.reviewDays,
    );
    expect(retention.seen).toMatchObject({ 'body.reviewDays': String(rarer.reviewDays) });
    expect(who(retention.entries)).toEqual(done('audit.settings-changed'));

    const named = { kind: 'oidc', name: 'To be removed' };
    const made = await good(ask, { method: 'POST', path: '/v1/sso-connections', body: named });
    const { id } = made.json() as { id: string };
    const path = `/v1/sso-connections/${id}`;
    const gone = async () => (await ask({ method: 'GET', path })).status === 404;
    const removed = await act({ method: 'DELETE', path }, gone);
    expect(removed.seen).toEqual({ 'params.id': id });
    expect(who(removed.entries)).toEqual(done('sso-connection.removed'));

    const wanted = { label: 'Laboratory of two', permissions: ['messages:read'] };
    const listed = async () => JSON.stringify(await json('/v1/api-keys')).includes(wanted.label);
    const key = await act({ method: 'POST', path: '/v1/api-keys', body: wanted }, listed);
    expect(key.seen).toMatchObject({ 'body.label': wanted.label, 'body.permissions': 'messages:read' });
    expect(who(key.entries)).toEqual(done('api-key.created'));
    const take = { method: 'POST', path: `/v1/pending-acts/${key.id}/answer` } as const;
    expect((await second.ask(take)).status).toBe(404);
    const { secret } = JSON.parse(((await good(ask, take)).json() as { json: string }).json);
    const headers = { authorization: `Bearer ${secret}` };
    expect((await server.inject({ method: 'GET', path: '/v1/messages', headers })).status).toBe(200);
    expect((await ask(take)).status).toBe(410);
  });

  it('show the second person no secret, and the choice itself is such an act', async () => {
    const [{ ask }] = two;
    const made = await good(ask, {
      ...{ method: 'POST', path: '/v1/sso-connections' },
      body: { kind: 'oidc', name: 'Provider' },
    });
    const view = made.json() as { id: string };
    const path = `/v1/sso-connections/${view.id}`;
    const SECRET = 'seven-grey-herons';
    const name = async () => ((await json(path)) as { name: string }).name;
    const [tried] = API_TABLE['PUT /v1/sso-connections/:id']?.({ self: own, victim: own }) ?? [];
    const provider = {
      ...{ kind: 'oidc', issuer: 'https://idp.example', clientId: 'sealpost', secret: SECRET },
      ...{ method: 'client_secret_basic', scopes: [], userInfo: false },
    };
    const changed = await act(
      { method: 'PUT', path, body: { ...Object(tried?.body), name: 'Renamed', provider } },
      async () => (await name()) === 'Renamed',
    );
    expect(JSON.stringify(changed)).not.toContain(SECRET);
    expect(Object.values(changed.seen)).toContain(null);
    const off = await act(
      { method: 'PUT', path: PATH, body: { codes: [] } },
      async () => (await codes()).length === 0,
    );
    expect(who(off.entries)).toEqual(done('four-eyes.changed'));
    expect(off.entries.find(({ action }) => action === 'four-eyes.changed')?.details).toMatchObject({
      loosened: 'retention single-sign-on keys',
    });
  });
});

/** The table's requests may have begun a review, and another is not begun before it is closed. */
async function closeReviews(ask: Asker): Promise<void> {
  const list = await ask({ method: 'GET', path: '/v1/audit-reviews' });
  for (const { id, closedAt } of (list.json() as { items: { id: string; closedAt: string | null }[] })
    .items) {
    const path = `/v1/audit-reviews/${id}/close`;
    if (closedAt === null) await ask({ method: 'POST', path, body: { statement: 'Nothing stands out.' } });
  }
}

// The last, because it changes and removes whatever there is.
describe('what comes onto the record (AU-1)', () => {
  const declared = Object.entries(AUDITED);

  it('is declared for every operation of the document, and for nothing else', () => {
    expect(declared.map(([name]) => name).sort()).toEqual(operations.map(nameOf).sort());
    const changing = declared.filter(([name, one]) => 'nothing' in one && !/^(GET|POST) /.test(name));
    expect(changing).toEqual([]);
  });

  it('names actions that there are, and tests that show them where the walk cannot', () => {
    const sentences = readFileSync(root('web/console/src/text/audit-actions.ts'), 'utf8');
    for (const [name, one] of declared) {
      if ('nothing' in one) continue;
      const text = 'shownIn' in one ? readFileSync(root(one.shownIn), 'utf8') : sentences;
      for (const action of one.actions) expect(text, name).toContain(`'${action}'`);
    }
    // A number that only goes down.
    expect(declared.filter(([, one]) => 'unasked' in one).length).toBeLessThanOrEqual(22);
  });

  it('is one entry or more of what is declared, by every operation that somebody may do', async () => {
    const { database } = system.parts.foundation;
    const administrator = await signedIn('administrator', 'walker');
    const colleague = await signedIn('sender', 'colleague');
    const mover = await signedIn('sender', 'mover');
    // One to end by its id, and one to end with all others.
    for (let more = 0; more < 2; more += 1) await session(administrator.identity);
    await closeReviews(administrator.ask);
    const cookie = [...foreign.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const operator = withCredentials(cookie, foreign.csrf, foreign.prover);
    const answers = new Map<string, Record<string, unknown>>();
    const found: string[] = [];
    for (const operation of inWalkOrder(operations)) {
      const name = nameOf(operation);
      const declaration = AUDITED[name];
      const isStream = name === 'GET /v1/messages/{id}/events';
      if (isStream || (declaration !== undefined && ('shownIn' in declaration || 'unasked' in declaration)))
        continue;
      const byOperator = !ROLES.some((role) => table.get(name)?.get(role)?.own === 'yes');
      const self = byOperator ? foreign : own;
      const given = { self, administrator: administrator.identity, colleague: colleague.identity, answers };
      // Going on elsewhere makes another session of this one.
      const person = name === 'PATCH /v1/session' ? mover.ask : administrator.ask;
      const ask = byOperator ? operator : person;
      const outcome = await outcomeOf(database, self.organisation, ask, requestsOf(operation, given));
      const { status, headers, text } = outcome.answer;
      if (
        status < 300 &&
        /^application\/json(;|$)/.test(String(headers['content-type'])) &&
        text.startsWith('{')
      ) {
        answers.set(name, outcome.answer.json() as Record<string, unknown>);
      }
      const wrong = misfit(declaration, outcome);
      if (wrong !== null) found.push(`${name} ${wrong}`);
    }
    expect(found).toEqual([]);
  }, 90_000);

  it('would be seen: a route that leaves nothing, or something else, is found', () => {
    const answer = { status: 200, headers: {}, text: '', json: () => ({}) };
    expect(misfit(undefined, { answer, actions: [] })).toBe('is not declared');
    expect(misfit({ actions: ['a.b'] }, { answer, actions: [] })).toBe('left no entry');
    expect(misfit({ actions: ['a.b'] }, { answer, actions: ['a.b', 'c.d'] })).toBe('left c.d');
    expect(misfit({ nothing: 'x' }, { answer, actions: ['a.b'] })).toBe('left a.b');
    expect(misfit({ actions: ['a.b'] }, { answer: { ...answer, status: 404 }, actions: [] })).toMatch(/404/);
    expect(misfit({ actions: ['a.b'] }, { answer, actions: ['a.b'] })).toBeNull();
  });
});
