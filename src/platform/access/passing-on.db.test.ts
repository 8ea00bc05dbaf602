import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { readStanding } from './grants.ts';
import { ORGANISATION_PERMISSIONS, ROLES } from './permissions.ts';
import { grantsOf, sourcesOf } from './standing.ts';
import { type AccessStage, from, openAccessStage } from './test-kit.ts';

// Nobody ends up with what neither they nor whoever acted held: many random acts by people of many kinds. What is judged
// by is written anew here and shares nothing with what decides but the reading of who stands how.

const STEPS = 400;

/** A right as somebody has it: `where` is `*` or one thing, `until` a time or never. */
interface Atom {
  readonly permission: Permission;
  readonly where: string;
  readonly until: number;
}

let stage: AccessStage;
beforeAll(async () => {
  stage = await openAccessStage();
});
afterAll(() => stage.world.close());

/** Repeatable: the same seed makes the same acts. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function addPerson(
  organisation: OrganisationId,
  local: string,
  roles: readonly string[],
): Promise<IdentityId> {
  const { access, world } = stage;
  const member = { address: { local, domain: 'clinic.test' }, displayName: local, roles };
  const added = await world.ports.database.tenant([organisation], 'app', (tx) =>
    access.members.add(tx, organisation, member, null, from),
  );
  return added.identity;
}

async function standingOf(organisation: OrganisationId, identity: IdentityId) {
  const { database, vault, clock } = stage.world.ports;
  return database.tenant([organisation], 'app', (tx) =>
    readStanding(tx, vault, organisation, identity, clock.now()),
  );
}

async function atomsOf(organisation: OrganisationId, identity: IdentityId): Promise<Atom[]> {
  const standing = await standingOf(organisation, identity);
  if (standing === undefined) return [];
  return sourcesOf(standing)
    .filter(({ stopped }) => stopped === null)
    .map(({ permission, scope, until }) => ({
      permission,
      where: scope === null ? '*' : `${scope.kind} ${scope.id}`,
      until: until?.getTime() ?? Number.POSITIVE_INFINITY,
    }));
}

function covered(wanted: Atom, by: readonly Atom[]): boolean {
  return by.some(
    (held) =>
      held.permission === wanted.permission &&
      (held.where === '*' || held.where === wanted.where) &&
      held.until >= wanted.until,
  );
}

async function callerFor(organisation: OrganisationId, identity: IdentityId): Promise<Caller> {
  const standing = await standingOf(organisation, identity);
  const grants = standing === undefined ? { permissions: new Set<Permission>() } : grantsOf(standing);
  return {
    organisation,
    actor: { kind: 'person', identity, session: 's' as SessionId },
    origin: from.origin,
    request: 'r',
    ...grants,
  };
}

const CAST: readonly (readonly [string, readonly string[]])[] = [
  ['it', ['it-administrator']],
  ['officer', ['compliance-officer']],
  ['physician', ['physician']],
  ['desk', ['front-desk']],
  ['nobody', []],
];

const LITTLE: readonly Permission[] = [
  'roles:read',
  'roles:write',
  'members:read',
  'members:write',
  'messages:send',
];

describe('passing rights on', () => {
  it('never gives anybody what neither they nor the giver held', { timeout: 120_000 }, async () => {
    const { access, enrol, world } = stage;
    const chief = await enrol();
    const parentChief = await enrol();
    const organisation = chief.organisation;
    const operator: Caller = {
      ...(await callerFor(parentChief.organisation, parentChief.identity)),
      permissions: new Set(PERMISSIONS),
    };
    await access.guardrails.place(operator, organisation, parentChief.organisation);
    const people: IdentityId[] = [chief.identity];
    for (const [local, roles] of CAST) people.push(await addPerson(organisation, local, roles));
    // Some who may write roles and hold little beside: those from whom a leak would show.
    const boss = await callerFor(organisation, chief.identity);
    const little = await access.roles.create(boss, {
      ...{ name: 'Keeper of roles', description: '', careOnly: false },
      permissions: LITTLE,
    });
    // Chance takes rights away sooner than it gives them: now and then the cast gets back what it began with.
    const supply = async (): Promise<void> => {
      for (const [index, [local, roles]] of CAST.entries()) {
        const identity = people[index + 1] as IdentityId;
        if ((await standingOf(organisation, identity)) === undefined)
          await addPerson(organisation, local, roles);
        // One of them is bounded well below what their roles hold, and may still write roles.
        await access.rights.setBoundary(
          boss,
          identity,
          local === 'officer' ? [...LITTLE, 'audit:read'] : null,
        );
        await access.rights.setRoles(boss, identity, roles);
        if (index > 2) continue;
        await access.assignments.assign(boss, {
          ...{ subject: { kind: 'identity', id: identity }, role: little.id, scope: null },
          expiresAt: index === 2 ? new Date(world.clock.now().getTime() + 3_600_000) : null,
        });
      }
    };
    const atoms = () => Promise.all(people.map((identity) => atomsOf(organisation, identity)));

    const seed = 20_261_127;
    const next = dice(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
    const some = <T>(from: readonly T[], most: number): T[] =>
      Array.from({ length: Math.floor(next() * (most + 1)) }, () => pick(from));
    const SCOPES = [
      null,
      { kind: 'mailbox', id: 'a@clinic.test' },
      { kind: 'mailbox', id: 'b@clinic.test' },
      { kind: 'stream', id: 'marketing' },
    ] as const;
    const made = { roles: [] as string[], groups: [] as string[], assignments: [] as string[] };
    const roleNames = () => [...ROLES, little.id, ...made.roles];
    const newRole = () => ({
      name: `r${Math.floor(next() * 1e9)}`,
      description: '',
      permissions: some(ORGANISATION_PERMISSIONS, 6),
      careOnly: next() < 0.2,
    });
    const expiry = () => (next() < 0.5 ? null : new Date(world.clock.now().getTime() + next() * 7_200_000));

    const acts: readonly (readonly [string, (caller: Caller) => Promise<unknown>])[] = [
      ['create role', async (by) => made.roles.push((await access.roles.create(by, newRole())).id)],
      ['change role', (by) => access.roles.change(by, pick(made.roles), newRole())],
      ['remove role', (by) => access.roles.remove(by, pick(made.roles))],
      ['make group', async (by) => made.groups.push((await access.groups.create(by, `g${next()}`)).id)],
      ['join', (by) => access.groups.addMember(by, pick(made.groups), pick(people))],
      ['leave', (by) => access.groups.removeMember(by, pick(made.groups), pick(people))],
      ['remove group', (by) => access.groups.remove(by, pick(made.groups))],
      ...(['assign', 'assign', 'assign'] as const).map(
        (name) =>
          [
            name,
            async (by: Caller) => {
              const subject =
                next() < 0.5 && made.groups.length > 0
                  ? ({ kind: 'group', id: pick(made.groups) } as const)
                  : ({ kind: 'identity', id: pick(people) } as const);
              const wanted = { subject, role: pick(roleNames()), scope: pick(SCOPES), expiresAt: expiry() };
              made.assignments.push((await access.assignments.assign(by, wanted)).id);
            },
          ] as const,
      ),
      ['unassign', (by) => access.assignments.unassign(by, pick(made.assignments))],
      ['roles', (by) => access.rights.setRoles(by, pick(people.slice(1)), some(roleNames(), 2))],
      [
        'boundary',
        (by) =>
          access.rights.setBoundary(
            by,
            pick(people.slice(1)),
            next() < 0.4 ? null : some(ORGANISATION_PERMISSIONS, 30),
          ),
      ],
      ['end', (by) => access.members.remove(by, pick(people.slice(1)))],
      [
        'invite again',
        (by) => {
          const [local] = pick(CAST);
          const member = {
            address: { local, domain: 'clinic.test' },
            displayName: local,
            roles: some(roleNames(), 2),
          };
          return world.ports.database.tenant([organisation], 'app', (tx) =>
            access.members.add(tx, organisation, member, by, from),
          );
        },
      ],
    ];

    const done = new Map<string, number>();
    let refused = 0;
    let before: Atom[][] = [];
    for (let step = 0; step < STEPS; step += 1) {
      if (step % 25 === 0) {
        await supply();
        before = await atoms();
      }
      world.clock.advance(next() < 0.1 ? 900 : 1);
      // What time took is no act's doing.
      const now = world.clock.now().getTime();
      before = before.map((has) => has.filter(({ until }) => until > now));
      const byParent = next() < 0.05;
      const who = next() < 0.3 ? 0 : Math.floor(next() * people.length);
      const actor = byParent
        ? await callerFor(parentChief.organisation, parentChief.identity)
        : await callerFor(organisation, people[who] as IdentityId);
      const held = byParent
        ? await atomsOf(parentChief.organisation, parentChief.identity)
        : (before[who] as Atom[]);
      const [name, act] = byParent
        ? ([
            'guardrail',
            (by: Caller) =>
              access.guardrails.change(by, {
                denied: some(
                  ORGANISATION_PERMISSIONS.filter((one) => one !== 'roles:write'),
                  4,
                ),
                caps: next() < 0.5 ? {} : { physician: some(ORGANISATION_PERMISSIONS, 10) },
              }),
          ] as const)
        : pick(acts);
      try {
        await act(actor);
        done.set(name, (done.get(name) ?? 0) + 1);
      } catch (fault) {
        if (!(fault instanceof Refusal) && !String(fault).includes('22P02')) throw fault;
        refused += 1;
      }
      const after = await atoms();
      const leaks = after.flatMap((has, index) =>
        has
          .filter((atom) => !covered(atom, before[index] as Atom[]) && !covered(atom, held))
          .map((atom) => ({ seed, step, name, person: index, by: byParent ? 'parent' : who, ...atom })),
      );
      expect(leaks).toEqual([]);
      before = after;
    }
    // Not vacuous: most kinds of act succeeded, and many were refused.
    expect([...done.keys()].length).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(50);
    expect([...done.values()].reduce((sum, one) => sum + one, 0)).toBeGreaterThan(80);
  });
});
