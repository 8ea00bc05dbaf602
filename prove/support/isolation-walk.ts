import type { Route } from '#platform/http';
import { formsOf } from '../../test/support/page-browser.ts';
import { API_TABLE, type Parties, PORTAL_TABLE, type Try } from './isolation-table.ts';
import { fromSomewhere } from './tenant-doors.ts';
import type { Tenant } from './tenants.ts';
import { type WebAnswer, WebClient } from './web-client.ts';

export interface Walked {
  attempts: number;
  /** Statuses seen, to show that the walk met more than one wall. */
  readonly statuses: Map<number, number>;
  readonly leaks: string[];
}

export interface Servers {
  readonly apiUrl: string;
  readonly portalUrl: string;
  readonly apiRoutes: readonly Route[];
  readonly portalRoutes: readonly Route[];
  /** Of the tries of each route every so many-th alone, another choice for each route: for the reduced run. */
  readonly every?: number;
}

/** Who asks: with what credentials, and what such a caller may be told of others on purpose. */
interface Asker {
  readonly name: string;
  readonly client: WebClient;
  readonly headers: Readonly<Record<string, string>>;
  /** The operator of the installation sees which organisations there are. */
  readonly operator: boolean;
}

/** Routes that have no entry in the tables, and entries that have no route. */
export function unknownRoutes({ apiRoutes, portalRoutes }: Servers): string[] {
  const compare = (routes: readonly Route[], table: Readonly<Record<string, unknown>>): string[] => {
    const served = new Set(routes.map((route) => `${route.method} ${route.path}`));
    const missing = [...served]
      .filter((name) => !Object.hasOwn(table, name))
      .map((name) => `${name} has no entry`);
    const left = Object.keys(table)
      .filter((name) => !served.has(name))
      .map((name) => `${name} is no route`);
    return [...missing, ...left];
  };
  return [...compare(apiRoutes, API_TABLE), ...compare(portalRoutes, PORTAL_TABLE)];
}

/** The tenant's own API key, console session and portal session, against everything of the other one. */
export async function walkAs(
  servers: Servers,
  parties: Parties,
  operator: boolean,
  walked: Walked,
): Promise<void> {
  const { self } = parties;
  const key = new WebClient(servers.apiUrl, { authorization: `Bearer ${self.apiKey}` });
  await walkApi(servers, parties, { name: 'API key', client: key, headers: {}, operator: false }, walked);
  // A directory's key opens nothing else, and nothing else opens what is a directory's.
  const scim = {
    ...servers,
    apiRoutes: servers.apiRoutes.filter(({ path }) => path.startsWith('/scim/')),
  };
  const directory = new WebClient(servers.apiUrl, { authorization: `Bearer ${self.scimKey}` });
  const asker = { name: "directory's key", client: directory, headers: {}, operator: false };
  await walkApi(scim, parties, asker, walked);
  const browser = new WebClient(servers.apiUrl, { origin: servers.apiUrl });
  for (const [name, value] of self.cookies) browser.cookies.set(name, value);
  browser.prover = self.prover;
  const csrf = { 'x-sealpost-csrf': self.csrf };
  await walkApi(
    servers,
    parties,
    { name: 'console session', client: browser, headers: csrf, operator },
    walked,
  );
  await walkPortal(servers, parties, walked);
}

/** In the table's order, whose last entry ends the session. */
function ordered(routes: readonly Route[], table: Readonly<Record<string, unknown>>): Route[] {
  const places = Object.keys(table);
  const place = (route: Route): number => places.indexOf(`${route.method} ${route.path}`);
  return [...routes].sort((a, b) => place(a) - place(b));
}

/** The first try, and of the others every so many-th, beginning elsewhere for each route; beside them what names one of `near`. */
function someOf(
  tries: readonly Try[],
  at: number,
  { every = 1 }: Servers,
  near: readonly string[] = [],
): readonly Try[] {
  const names = (one: Try): boolean => near.some((id) => `${one.path} ${String(one.body)}`.includes(id));
  return tries.filter((one, index) => index === 0 || (index + at) % every === 0 || names(one));
}

/** What recipients' pages are about: always tried. */
const nearPortal = ({ ids }: Tenant): string[] => [
  ...[ids['portal item'], ids['portal person'], ids['portal delivery'], ids.message],
  ...[ids.organisation, ids.caregiver, ids['pdf password']],
];

async function walkApi(servers: Servers, parties: Parties, asker: Asker, walked: Walked): Promise<void> {
  for (const [at, route] of ordered(servers.apiRoutes, API_TABLE).entries()) {
    const name = `${route.method} ${route.path}`;
    for (const one of someOf(API_TABLE[name]?.(parties) ?? [], at, servers)) {
      const headers = { ...asker.headers, ...one.headers, ...fromSomewhere() };
      const answer = await asker.client.ask(route.method, one.path, { ...one, headers });
      judge(name, one, answer, parties, asker, walked);
    }
  }
}

/** The victim itself reads its own things: what the walk would call a leak, were it somebody else. */
export async function walkControl(servers: Servers, victim: Tenant): Promise<number> {
  const walked: Walked = { attempts: 0, statuses: new Map(), leaks: [] };
  const client = new WebClient(servers.apiUrl, { authorization: `Bearer ${victim.apiKey}` });
  const asker: Asker = { name: 'own API key', client, headers: {}, operator: false };
  const reading = servers.apiRoutes.filter((route) => route.method === 'GET');
  await walkApi({ ...servers, apiRoutes: reading, every: 1 }, { self: victim, victim }, asker, walked);
  return walked.leaks.length;
}

async function walkPortal(servers: Servers, parties: Parties, walked: Walked): Promise<void> {
  const client = new WebClient(servers.portalUrl);
  for (const [name, value] of parties.self.portalCookies) client.cookies.set(name, value);
  const asker: Asker = { name: 'portal session', client, headers: {}, operator: false };
  for (const [at, route] of ordered(servers.portalRoutes, PORTAL_TABLE).entries()) {
    const name = `${route.method} ${route.path}`;
    const form = route.method === 'POST' ? await formToken(client, route.path, parties) : '';
    const tries = PORTAL_TABLE[name]?.(parties, form) ?? [];
    for (const one of someOf(tries, at, servers, nearPortal(parties.victim))) {
      const answer = await client.ask(route.method, one.path, {
        ...one,
        headers: { ...one.headers, ...fromSomewhere() },
      });
      judge(name, one, answer, parties, asker, walked);
    }
  }
}

/** A token of the asker's own: from the page where this form stands for them. */
async function formToken(client: WebClient, route: string, { self, victim }: Parties): Promise<string> {
  const pages: Readonly<Record<string, string>> = {
    '/m/:token': `/m/${victim.linkToken}`,
    '/sign-in': '/sign-in',
    '/messages/:id/reply': `/messages/${self.ids['portal item']}/reply`,
    '/write': '/write',
    '/sign-out': '/sign-out',
  };
  const page = pages[route];
  if (page === undefined) return 'none';
  const answer = await client.ask('GET', page, { headers: fromSomewhere() });
  const tokens = formsOf(answer.text).flatMap(({ fields }) => fields.token ?? []);
  return tokens[0] ?? 'none';
}

/** What of the victim must not be in any answer. */
function marksOf(victim: Tenant): string[] {
  const local = (address: string): string => address.split('@')[0] ?? address;
  return [
    victim.canary,
    victim.linkToken,
    victim.apiKey,
    local(victim.mailbox),
    ...Object.values(victim.ids),
  ];
}

function judge(
  name: string,
  one: Try,
  answer: WebAnswer,
  { victim }: Parties,
  asker: Asker,
  walked: Walked,
): void {
  walked.attempts += 1;
  walked.statuses.set(answer.status, (walked.statuses.get(answer.status) ?? 0) + 1);
  const leak = (what: string): void =>
    void walked.leaks.push(
      `${name} with another organisation's ${asker.name}: ${what}: ${answer.text.slice(0, 300)}`,
    );
  if (answer.status >= 500) leak(`ended with ${answer.status}`);
  // The installation's operator lists organisations and sets their limits; what is in them stays shut.
  if (asker.operator && name.includes('/v1/organisations')) return;
  // Directories come with a key: a person's session is nobody there.
  const nobody = answer.status === 401 && name.includes(' /scim/');
  if (one.expect === 'hidden' && answer.status !== 403 && answer.status !== 404 && !nobody)
    leak(`answered ${answer.status}`);
  const to = answer.headers.location ?? '';
  if (one.expect === 'nothing' && /^\/(messages|written)\//.test(to)) leak(`opened ${to}`);
  const said = `${answer.text} ${JSON.stringify(answer.headers)}`;
  // These show the link that they were asked with.
  const marks =
    name === 'POST /m/:token' || name === 'GET /m/:token' || name === 'POST /passkey'
      ? marksOf({ ...victim, linkToken: victim.canary })
      : marksOf(victim);
  // An organisation's log names the session of the operator who founded it.
  const founding = name === 'GET /v1/audit/export' ? victim.ids.session : null;
  for (const mark of marks)
    if (mark !== founding && said.includes(mark)) leak(`says ${mark === victim.canary ? 'its words' : mark}`);
}

/** Every route that is not for everybody, without credentials: 401; with a key that may do nothing of it: 403. */
export async function walkWithout(
  servers: Servers,
  parties: Parties,
  poorKey: string,
  walked: Walked,
): Promise<void> {
  const nobody = new WebClient(servers.apiUrl);
  const poor = new WebClient(servers.apiUrl, { authorization: `Bearer ${poorKey}` });
  for (const route of servers.apiRoutes) {
    if (route.access === 'public') continue;
    const name = `${route.method} ${route.path}`;
    const [one] = API_TABLE[name]?.({ self: parties.self, victim: parties.self }) ?? [];
    if (one === undefined) continue;
    const ask = (client: WebClient) =>
      client.ask(route.method, one.path, {
        readForMs: 2_000,
        ...one,
        headers: { ...one.headers, ...fromSomewhere() },
      });
    for (const [client, wanted] of [
      [nobody, 401],
      [poor, 403],
    ] as const) {
      const answer = await ask(client);
      walked.attempts += 1;
      if (answer.status !== wanted)
        walked.leaks.push(`${name} answered ${answer.status} where ${wanted} was due`);
    }
  }
  const stranger = new WebClient(servers.portalUrl);
  for (const [at, route] of servers.portalRoutes.entries()) {
    const name = `${route.method} ${route.path}`;
    const tries = PORTAL_TABLE[name]?.({ self: parties.self, victim: parties.self }, 'none') ?? [];
    for (const one of someOf(tries, at, servers, nearPortal(parties.self))) {
      const answer = await stranger.ask(route.method, one.path, {
        ...one,
        headers: { ...one.headers, ...fromSomewhere() },
      });
      walked.attempts += 1;
      const to = answer.headers.location ?? '';
      const closed = one.expect !== 'hidden' || (answer.status === 303 && to === '/sign-in');
      if (!closed) walked.leaks.push(`${name} without a session answered ${answer.status} ${to}`);
      if (answer.text.includes(parties.self.canary))
        walked.leaks.push(`${name} without a session says words of an organisation`);
    }
  }
}
