import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { type IdentityId, isUuid } from '#core/ids';
import type { Access, DirectoryHand, ProvisionedPerson } from '#platform/access';
import type { Database, Transaction } from '#platform/database';
import { parseAddress } from '#platform/mail';
import { type Filter, parseAttributePath, parseFilter } from './filter.ts';
import { groupView, readGroup } from './group-resource.ts';
import { type JsonObject, matches, requiredEqual, valuesOf } from './match.ts';
import { applyPatch, parsePatch } from './patch.ts';
import { GROUP, GROUPS, LIST, MOST_RESULTS, type ResourceDefinition, USER, USERS } from './schemas.ts';
import { scimRefusal } from './scim-refusal.ts';
import { select, selectionOf, shows } from './select.ts';
import { readUser, userView } from './user-resource.ts';

/** The one SCIM directory of an organisation. */
export const SCIM_SOURCE = 'scim:default';
/** Names and addresses are sealed: to compare them they are opened, and this many at most. */
const MOST_SCANNED = 20_000;
const CHUNK = 1_000;

export interface ScimPorts {
  readonly database: Database;
  readonly people: Access['provisioned'];
  readonly groups: Access['provisionedGroups'];
  /** Where this server is reached from outside, without a path. */
  address(): string;
}

/** A query as it stands behind `?` or in a search message. Counts below their bounds mean the bound (RFC 7644 §3.4.2.4). */
export interface ScimQuery {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: 'ascending' | 'descending' | undefined;
  readonly startIndex?: number | undefined;
  readonly count?: number | undefined;
  readonly attributes?: string | undefined;
  readonly excludedAttributes?: string | undefined;
}

/** One kind of resource, as the protocol works on it. `expected`: the If-Match of a request. */
export interface ScimResource {
  readonly definition: ResourceDefinition;
  list(caller: Caller, query: ScimQuery): Promise<JsonObject>;
  read(caller: Caller, id: string): Promise<JsonObject>;
  create(caller: Caller, body: unknown): Promise<JsonObject>;
  replace(caller: Caller, id: string, body: unknown, expected: string | undefined): Promise<JsonObject>;
  patch(caller: Caller, id: string, body: unknown, expected: string | undefined): Promise<JsonObject>;
  remove(caller: Caller, id: string, expected: string | undefined): Promise<void>;
}

export const baseOf = (ports: Pick<ScimPorts, 'address'>) => `${ports.address().replace(/\/$/, '')}/scim/v2`;

function handOf(caller: Caller): DirectoryHand {
  return { organisation: caller.organisation, source: SCIM_SOURCE, actor: caller.actor, from: caller };
}

/** The version that a client wants to change must be the one that stands (RFC 7644 §3.14). */
function requireVersion(view: JsonObject, expected: string | undefined): void {
  if (expected === undefined || expected.trim() === '*') return;
  const meta = view.meta;
  const version = meta !== null && typeof meta === 'object' && 'version' in meta ? meta.version : null;
  if (!expected.split(',').some((one) => one.trim() === version)) throw new Refusal('version-conflict');
}

export function userResource(ports: ScimPorts): ScimResource {
  const { database, people, groups } = ports;
  const within = <Result>(caller: Caller, work: (tx: Transaction) => Promise<Result>) =>
    database.tenant([caller.organisation], 'app', work);

  async function views(
    tx: Transaction,
    caller: Caller,
    found: readonly ProvisionedPerson[],
    grouped: boolean,
  ) {
    const of = grouped
      ? await groups.groupsOf(
          tx,
          handOf(caller),
          found.map(({ id }) => id),
        )
      : new Map();
    return found.map((person) => userView(person, of.get(person.id) ?? [], baseOf(ports)));
  }

  async function current(tx: Transaction, caller: Caller, id: string) {
    const person = isUuid(id) ? await people.lock(tx, caller.organisation, id as IdentityId) : undefined;
    if (person === undefined) throw new Refusal('not-found');
    const [view] = await views(tx, caller, [person], true);
    return { person, view: view ?? {} };
  }

  /** Those who can pass a filter at all, by what is indexed; null when everybody must be looked at. */
  async function candidates(
    tx: Transaction,
    { organisation }: Caller,
    filter: Filter,
  ): Promise<ProvisionedPerson[] | null> {
    const userName = requiredEqual(filter, 'userName');
    if (userName !== null) {
      const address = parseAddress(userName);
      return address === null ? [] : people.byAddress(tx, organisation, address);
    }
    const externalId = requiredEqual(filter, 'externalId');
    if (externalId !== null) return people.byExternalId(tx, organisation, externalId);
    const id = requiredEqual(filter, 'id');
    if (id !== null) return isUuid(id) ? people.read(tx, organisation, [id]) : [];
    return null;
  }

  async function everybody(tx: Transaction, { organisation }: Caller): Promise<ProvisionedPerson[]> {
    if ((await people.count(tx, organisation)) > MOST_SCANNED) throw scimRefusal('tooMany');
    const found: ProvisionedPerson[] = [];
    for (;;) {
      const chunk = await people.page(tx, organisation, found.length, CHUNK);
      found.push(...chunk);
      if (chunk.length < CHUNK) return found;
    }
  }

  async function change(
    caller: Caller,
    id: string,
    expected: string | undefined,
    make: (view: JsonObject) => unknown,
  ): Promise<JsonObject> {
    return within(caller, async (tx) => {
      const { person, view } = await current(tx, caller, id);
      requireVersion(view, expected);
      const record = readUser(make(view), { active: person.record.active });
      const changed = await people.change(tx, handOf(caller), person.id, record);
      return changed ? (await current(tx, caller, id)).view : view;
    });
  }

  return {
    definition: USERS,
    list: (caller, query) =>
      within(caller, async (tx) => {
        const filter = query.filter === undefined ? null : parseFilter(query.filter);
        const grouped = shows(selectionOf(query), 'groups') || /groups/i.test(query.filter ?? '');
        const { start, most } = windowOf(query);
        if (filter === null && query.sortBy === undefined) {
          const total = await people.count(tx, caller.organisation);
          const found = await people.page(tx, caller.organisation, start - 1, most);
          return answer(await views(tx, caller, found, grouped), total, start, query);
        }
        const found = (filter && (await candidates(tx, caller, filter))) ?? (await everybody(tx, caller));
        return searched(await views(tx, caller, found, grouped), filter, USER, query);
      }),
    read: async (caller, id) =>
      within(caller, async (tx) => {
        const found = isUuid(id) ? await people.read(tx, caller.organisation, [id]) : [];
        const [view] = await views(tx, caller, found, true);
        if (view === undefined) throw new Refusal('not-found');
        return view;
      }),
    create: (caller, body) =>
      within(caller, async (tx) => {
        const id = await people.add(tx, handOf(caller), readUser(body, { active: true }));
        return (await current(tx, caller, id)).view;
      }),
    replace: (caller, id, body, expected) => change(caller, id, expected, () => body),
    patch: (caller, id, body, expected) => {
      const operations = parsePatch(body);
      return change(caller, id, expected, (view) => applyPatch(view, operations, USERS));
    },
    remove: (caller, id, expected) =>
      within(caller, async (tx) => {
        const { person, view } = await current(tx, caller, id);
        requireVersion(view, expected);
        await people.end(tx, handOf(caller), person.id, 'directory');
      }),
  };
}

export function groupResource(ports: ScimPorts): ScimResource {
  const { database, groups } = ports;
  const within = <Result>(caller: Caller, work: (tx: Transaction) => Promise<Result>) =>
    database.tenant([caller.organisation], 'app', work);
  const current = async (tx: Transaction, caller: Caller, id: string) =>
    groupView(await groups.read(tx, handOf(caller), id), baseOf(ports));

  async function change(
    caller: Caller,
    id: string,
    expected: string | undefined,
    make: (view: JsonObject) => unknown,
  ): Promise<JsonObject> {
    return within(caller, async (tx) => {
      const view = await current(tx, caller, id);
      requireVersion(view, expected);
      const changed = await groups.change(tx, handOf(caller), id, readGroup(make(view)));
      return changed ? current(tx, caller, id) : view;
    });
  }

  return {
    definition: GROUPS,
    list: (caller, query) =>
      within(caller, async (tx) => {
        const filter = query.filter === undefined ? null : parseFilter(query.filter);
        const asked = /members/i.test(`${query.filter ?? ''} ${query.sortBy ?? ''}`);
        const found = await groups.list(tx, handOf(caller), asked || shows(selectionOf(query), 'members'));
        return searched(
          found.map((group) => groupView(group, baseOf(ports))),
          ...([filter, GROUP, query] as const),
        );
      }),
    read: (caller, id) => within(caller, (tx) => current(tx, caller, id)),
    create: (caller, body) =>
      within(caller, async (tx) => {
        const id = await groups.add(tx, handOf(caller), readGroup(body));
        return current(tx, caller, id);
      }),
    replace: (caller, id, body, expected) => change(caller, id, expected, () => body),
    patch: (caller, id, body, expected) => {
      const operations = parsePatch(body);
      return change(caller, id, expected, (view) => applyPatch(view, operations, GROUPS));
    },
    remove: (caller, id, expected) =>
      within(caller, async (tx) => {
        requireVersion(await current(tx, caller, id), expected);
        await groups.remove(tx, handOf(caller), id);
      }),
  };
}

function windowOf({ startIndex, count }: ScimQuery): { readonly start: number; readonly most: number } {
  return {
    start: Math.max(1, startIndex ?? 1),
    most: Math.min(MOST_RESULTS, Math.max(0, count ?? 100)),
  };
}

function searched(
  all: readonly JsonObject[],
  filter: Filter | null,
  schema: string,
  query: ScimQuery,
): JsonObject {
  const found = filter === null ? [...all] : all.filter((one) => matches(one, filter, schema));
  if (query.sortBy !== undefined) sort(found, query.sortBy, schema, query.sortOrder === 'descending');
  const { start, most } = windowOf(query);
  return answer(found.slice(start - 1, start - 1 + most), found.length, start, query);
}

/** What has no value comes last, or first when descending (RFC 7644 §3.4.2.3). */
function sort(found: JsonObject[], sortBy: string, schema: string, descending: boolean): void {
  const path = parseAttributePath(sortBy);
  if (path === null) throw scimRefusal('invalidPath');
  const key = (one: JsonObject) => {
    const [first] = valuesOf(one, path, schema);
    return first === undefined || first === null ? null : String(first).toLowerCase();
  };
  const keyed = new Map(found.map((one) => [one, key(one)]));
  found.sort((a, b) => {
    const [left, right] = [keyed.get(a) ?? null, keyed.get(b) ?? null];
    if (left === right) return 0;
    const before = right === null || (left !== null && left < right) ? -1 : 1;
    return descending ? -before : before;
  });
}

function answer(page: readonly JsonObject[], total: number, start: number, query: ScimQuery): JsonObject {
  const selection = selectionOf(query);
  return {
    schemas: [LIST],
    totalResults: total,
    startIndex: start,
    itemsPerPage: page.length,
    Resources: page.map((one) => select(one, selection)),
  };
}
