import type { Actor, Caller, Permission, Scope } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readApiKeyRow } from './api-key.store.ts';
import { readStanding } from './grants.ts';
import { givenBySync } from './group-gives.ts';
import { hasAccess, readyRolesHolding, requireAccess } from './permissions.ts';
import type { AccessPorts } from './ports.ts';
import { holdersOf, lockAccess, ownRolesHolding } from './role.store.ts';
import type { Sessions } from './sessions.ts';
import { mayPassOn, type Source, type Standing, sourcesOf, type Wanted, wantedOf } from './standing.ts';

/** What the acts of this file's neighbours stand on. */
export interface GrantingPorts extends AccessPorts {
  readonly sessions: Pick<Sessions, 'forgetPerson' | 'forgetEverybody'>;
}

/** What somebody may pass on. */
export interface Holdings {
  holds(wanted: Wanted): boolean;
  /** Refusal `not-permitted` naming the first permission that is too much. */
  requireAll(wanted: readonly Wanted[]): void;
}

/**
 * Reads what the caller holds anew, in the transaction of the act: a session that was lowered a second ago passes nothing
 * on. What the session itself does not hold is not passed on either, whatever the roles say. A program passes on what its
 * key holds; where a person stands behind the key, only what they could pass on themselves, so for no longer than they hold it.
 */
export async function readHoldings(
  tx: Transaction,
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  caller: Caller,
): Promise<Holdings> {
  const { actor, organisation } = caller;
  const person = await behind(tx, organisation, actor);
  const standing =
    person === null ? undefined : await readStanding(tx, vault, organisation, person, clock.now());
  const sources: readonly Source[] = standing === undefined ? [] : sourcesOf(standing);
  const holds = (wanted: Wanted): boolean => {
    const held = hasAccess(caller, wanted.permission, wanted.scope ?? undefined);
    if (person === null) return held;
    const source = mayPassOn(sources, wanted, standing?.guardrails ?? []);
    if (source === undefined) return false;
    if (actor.kind !== 'person') return held;
    return source.stopped !== null || source.underCare || held;
  };
  return {
    holds,
    requireAll(wanted) {
      const missing = wanted.find((one) => !holds(one));
      if (missing !== undefined) throw new Refusal('not-permitted', { permission: missing.permission });
    },
  };
}

/** The person whose rights bound an act; null for keys of set-up and of service accounts, which people outlive. */
async function behind(
  tx: Transaction,
  organisation: OrganisationId,
  actor: Actor,
): Promise<IdentityId | null> {
  if (actor.kind === 'person') return actor.identity;
  if (actor.kind !== 'api-key') return null;
  const key = await readApiKeyRow(tx, organisation, actor.apiKey);
  return key === undefined || key.service_account !== null ? null : key.created_by;
}

/** What a key that holds one of these does goes on when the key has ended: rights given, people brought in, further keys. */
const LASTING: readonly Permission[] = [
  'roles:write',
  'members:write',
  'api-keys:write',
  'sign-in:write',
  'provisioning:sync',
];

/**
 * Nobody makes a key that may do more than they may, or for longer. `until` is the key's end (null: none); `scopes` are the
 * single things it is for (none: everywhere). A key that can pass rights on wants its maker to hold them without end, because
 * what it gives has none; one for a directory, what that directory's groups give. Refusal `not-permitted` naming the first permission that is too much.
 */
export async function requirePassable(
  tx: Transaction,
  ports: Pick<AccessPorts, 'vault' | 'clock'>,
  caller: Caller,
  {
    permissions,
    until,
    scopes = [],
  }: {
    readonly permissions: readonly Permission[];
    readonly until: Date | null;
    readonly scopes?: readonly Scope[];
  },
): Promise<void> {
  const holdings = await readHoldings(tx, ports, caller);
  const lasts = permissions.some((permission) => LASTING.includes(permission));
  for (const scope of scopes.length === 0 ? [null] : scopes) {
    // What is the operator's alone stands in no role: the session says whether it is held.
    for (const permission of permissions) requireAccess(caller, permission, scope ?? undefined);
    holdings.requireAll(wantedOf({ permissions, careOnly: false }, { scope, until: lasts ? null : until }));
  }
  if (permissions.includes('provisioning:sync'))
    holdings.requireAll(await givenBySync(ports, tx, caller.organisation));
}

/** Everything that a person was given, as if it were given now. */
export function wantedOfStanding(standing: Standing): Wanted[] {
  return standing.given.flatMap((given) => {
    const role = standing.roles.get(given.role);
    return role === undefined ? [] : wantedOf(role, given);
  });
}

/** An act that changes who may do what: one after the other, by somebody with `permission` here. */
export async function changeAccess<T>(
  ports: GrantingPorts,
  caller: Caller,
  work: (tx: Transaction, holdings: Holdings) => Promise<T>,
  permission: Permission = 'roles:write',
): Promise<T> {
  requireAccess(caller, permission);
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    await lockAccess(tx, caller.organisation);
    return work(tx, await readHoldings(tx, ports, caller));
  });
}

/** What makes somebody an administrator: they can give rights to others and bring people in. */
const ADMINISTRATION: readonly Permission[] = ['roles:write', 'members:write'];

/** Whether somebody may give rights to others or bring people in, for however long. */
export async function administers(
  tx: Transaction,
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<boolean> {
  const standing = await readStanding(tx, vault, organisation, identity, clock.now());
  if (standing === undefined) return false;
  const held = sourcesOf(standing).filter(({ stopped }) => stopped === null);
  return ADMINISTRATION.some((wanted) => held.some(({ permission }) => permission === wanted));
}

/**
 * Runs an act that may lower somebody. Refusal `wrong-state` (reason `last-administrator`) when it would leave nobody who
 * can give rights everywhere, without end, after boundary and guardrails. Needs lockAccess.
 */
export async function keepAdministrator<T>(
  tx: Transaction,
  ports: Pick<AccessPorts, 'vault' | 'clock'>,
  organisation: OrganisationId,
  work: () => Promise<T>,
): Promise<T> {
  const before = await hasAdministrator(tx, ports, organisation);
  const done = await work();
  if (before && !(await hasAdministrator(tx, ports, organisation)))
    throw new Refusal('wrong-state', { reason: 'last-administrator' });
  return done;
}

/** The same for what an outside directory says: its refusal is one that it understands. */
export async function keepForDirectory<T>(
  tx: Transaction,
  ports: Pick<AccessPorts, 'vault' | 'clock'>,
  organisation: OrganisationId,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await keepAdministrator(tx, ports, organisation, work);
  } catch (fault) {
    if (!(fault instanceof Refusal) || fault.parameters.reason !== 'last-administrator') throw fault;
    throw new Refusal('not-permitted', { reason: 'last-administrator', scimType: 'mutability' });
  }
}

async function hasAdministrator(
  tx: Transaction,
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  organisation: OrganisationId,
): Promise<boolean> {
  const roles = [
    ...readyRolesHolding('roles:write'),
    ...(await ownRolesHolding(tx, organisation, 'roles:write')),
  ];
  for (const identity of await holdersOf(tx, organisation, roles)) {
    const standing = await readStanding(tx, vault, organisation, identity, clock.now());
    if (standing === undefined) continue;
    const lasting = sourcesOf(standing).filter(
      ({ stopped, scope, until }) => stopped === null && scope === null && until === null,
    );
    if (ADMINISTRATION.every((wanted) => lasting.some(({ permission }) => permission === wanted)))
      return true;
  }
  return false;
}
