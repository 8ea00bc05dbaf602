import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller, Permission } from '#core/actor';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { readGrants } from './grants.ts';
import { type AccessStage, callerOf, type Enrolled, from, openAccessStage, refusal } from './test-kit.ts';

let world: AccessStage['world'];
let access: AccessStage['access'];
let enrol: AccessStage['enrol'];
let signIn: AccessStage['signIn'];
let chief: Enrolled;
let people = 0;

beforeAll(async () => {
  ({ world, access, enrol, signIn } = await openAccessStage());
});
afterAll(() => world.close());
beforeEach(async () => {
  chief = await enrol();
  world.entries.length = 0;
});

async function member(roles: readonly string[], organisation = chief.organisation): Promise<IdentityId> {
  people += 1;
  const person = { address: { local: `m${people}`, domain: 'clinic.test' }, displayName: 'M', roles };
  const added = await world.ports.database.tenant([organisation], 'app', (tx) =>
    access.members.add(tx, organisation, person, null, from),
  );
  return added.identity;
}

async function grants(identity: IdentityId, organisation = chief.organisation) {
  const { database, vault, clock } = world.ports;
  return database.tenant([organisation], 'app', (tx) =>
    readGrants(tx, vault, organisation, identity, clock.now()),
  );
}

/** As a request of this person would come in now. */
async function as(identity: IdentityId, organisation: OrganisationId = chief.organisation): Promise<Caller> {
  const held = await grants(identity, organisation);
  return {
    ...callerOf(chief, []),
    organisation,
    actor: { kind: 'person', identity, session: 's' as SessionId },
    ...(held ?? {}),
  };
}

const holds = async (identity: IdentityId, permission: Permission, organisation = chief.organisation) =>
  (await grants(identity, organisation))?.permissions.has(permission) ?? false;
const notPermitted = refusal('not-permitted');
const role = (permissions: readonly Permission[], name = `role ${people}`) => ({
  ...{ name, description: '', permissions, careOnly: false },
});
const give = (by: Caller, id: IdentityId, what: string, expiresAt: Date | null = null) =>
  access.assignments.assign(by, { subject: { kind: 'identity', id }, role: what, scope: null, expiresAt });

describe('own roles', () => {
  it('are made, changed and removed, and count for their holders at once', async () => {
    const boss = await as(chief.identity);
    const { id } = await access.roles.create(boss, role(['messages:read'], 'Reader'));
    const reader = await member([id]);
    expect(await holds(reader, 'messages:read')).toBe(true);
    await access.roles.change(boss, id, role(['audit:read'], 'Auditing reader'));
    expect(await holds(reader, 'messages:read')).toBe(false);
    expect(await holds(reader, 'audit:read')).toBe(true);
    const taken = access.roles.create(boss, role([], 'auditing READER'));
    await expect(taken).rejects.toEqual(refusal('already-exists'));
    await expect(access.roles.create(boss, role([], 'Nurse'))).rejects.toEqual(refusal('already-exists'));
    await access.roles.remove(boss, id);
    expect((await grants(reader))?.permissions.size).toBe(0);
    await expect(give(boss, reader, id)).rejects.toEqual(refusal('not-found'));
    const actions = world.entries.map(({ action }) => action);
    for (const action of ['role.created', 'role.changed', 'role.removed']) expect(actions).toContain(action);
  });

  it('hold nothing of the installation, whoever makes them', async () => {
    const operator = callerOf(chief);
    await expect(access.roles.create(operator, role(['installation:operate']))).rejects.toEqual(notPermitted);
  });

  it('lower a live session with its next request, and a group or an assignment raises it', async () => {
    const boss = await as(chief.identity);
    const person = await enrol();
    const { token } = await signIn(person);
    const own = await as(person.identity, person.organisation);
    const { id } = await access.roles.create(own, role(['messages:read'], 'R'));
    const live = async () => (await access.sessions.authenticate(token))?.permissions;
    expect((await live())?.has('messages:read')).toBe(true);
    const second = await member(['administrator'], person.organisation);
    await access.rights.setRoles(await as(second, person.organisation), person.identity, [id]);
    expect([...((await live()) ?? [])]).toEqual(['messages:read']);
    await access.roles.change(await as(second, person.organisation), id, role(['audit:read'], 'R'));
    expect([...((await live()) ?? [])]).toEqual(['audit:read']);
    expect(boss.organisation).not.toBe(person.organisation);
  });
});

describe('nobody passes on what they do not hold', () => {
  it('not by inviting, by raising somebody directly, by a role that others have, or by a key', async () => {
    const boss = await as(chief.identity);
    const little: readonly Permission[] = ['roles:read', 'roles:write', 'members:write', 'api-keys:write'];
    const keeper = await access.roles.create(boss, role(little, 'Keeper'));
    const reader = await access.roles.create(boss, role(['messages:read-content'], 'Reader'));
    const lesser = await member([keeper.id]);
    const other = await member([]);
    const by = await as(lesser);
    const invited = { address: { local: `n${people}`, domain: 'clinic.test' }, displayName: 'N' };
    const add = (roles: readonly string[]) =>
      world.ports.database.tenant([chief.organisation], 'app', (tx) =>
        access.members.add(tx, chief.organisation, { ...invited, roles }, by, from),
      );
    await expect(add([reader.id])).rejects.toEqual(notPermitted);
    await expect(add(['sender'])).rejects.toEqual(notPermitted);
    await expect(access.rights.setRoles(by, other, [reader.id])).rejects.toEqual(notPermitted);
    await expect(access.rights.setRoles(by, chief.identity, [])).rejects.toEqual(notPermitted);
    await expect(
      access.roles.change(by, reader.id, role(['messages:read-content', 'roles:read'], 'Reader')),
    ).rejects.toEqual(notPermitted);
    await expect(
      access.roles.change(by, keeper.id, role([...little, 'audit:read'], 'Keeper')),
    ).rejects.toEqual(notPermitted);
    await expect(give(by, lesser, 'administrator')).rejects.toEqual(notPermitted);
    await expect(
      access.apiKeys.create(by, { label: 'k', permissions: ['audit:read'], networks: [], expiresAt: null }),
    ).rejects.toEqual(notPermitted);
    // What they hold they may give.
    await access.rights.setRoles(by, other, [keeper.id]);
    expect(await holds(other, 'roles:write')).toBe(true);
  });

  it('not for longer than they hold it, neither as a role nor as a key', async () => {
    const boss = await as(chief.identity);
    const keeper = await access.roles.create(boss, role(['roles:write', 'api-keys:write'], 'Keeper'));
    const lesser = await member([keeper.id]);
    const soon = new Date(world.clock.now().getTime() + 3_600_000);
    const reader = await access.roles.create(boss, role(['messages:read'], 'Reader'));
    await give(boss, lesser, reader.id, soon);
    const by = await as(lesser);
    const other = await member([]);
    const key = { label: 'k', permissions: ['messages:read'] as const, networks: [] };
    await expect(give(by, lesser, reader.id)).rejects.toEqual(notPermitted);
    await expect(access.apiKeys.create(by, { ...key, expiresAt: null })).rejects.toEqual(notPermitted);
    await give(by, other, reader.id, soon);
    await access.apiKeys.create(by, { ...key, expiresAt: soon });
    expect(await holds(other, 'messages:read')).toBe(true);
    world.clock.advance(3_601);
    expect(await holds(other, 'messages:read')).toBe(false);
  });

  it('not by widening a boundary, their own or that of another', async () => {
    const boss = await as(chief.identity);
    const bounded = await member(['administrator']);
    const other = await member(['sender']);
    const little: Permission[] = ['roles:read', 'roles:write', 'messages:send'];
    await access.rights.setBoundary(boss, bounded, little);
    await access.rights.setBoundary(boss, other, ['messages:send']);
    expect([...((await grants(bounded))?.permissions ?? [])].sort()).toEqual([...little].sort());
    const by = await as(bounded);
    await expect(access.rights.setBoundary(by, bounded, null)).rejects.toEqual(notPermitted);
    await expect(access.rights.setBoundary(by, other, null)).rejects.toEqual(notPermitted);
    await expect(access.rights.setBoundary(by, other, ['messages:send', 'messages:read'])).rejects.toEqual(
      notPermitted,
    );
    // Nor do they bound those who may do more.
    await expect(access.rights.setBoundary(by, chief.identity, little)).rejects.toEqual(notPermitted);
    expect(world.entries.at(-1)?.action).toBe('boundary.changed');
  });

  it('not by ending and taking up a membership: it begins with nothing but a boundary of before', async () => {
    const boss = await as(chief.identity);
    const person = await member(['sender']);
    const { id: group } = await access.groups.create(boss, 'Team');
    await access.groups.addMember(boss, group, person);
    await access.assignments.assign(boss, {
      ...{ subject: { kind: 'group', id: group }, role: 'auditor', scope: null, expiresAt: null },
    });
    await give(boss, person, 'compliance-officer');
    await access.rights.setBoundary(boss, person, ['messages:send', 'audit:read']);
    expect(await holds(person, 'audit:read')).toBe(true);
    await access.members.remove(boss, person);
    expect(await grants(person)).toBeUndefined();
    const again = {
      address: { local: `m${people}`, domain: 'clinic.test' },
      displayName: 'M',
      roles: ['sender'],
    };
    await world.ports.database.tenant([chief.organisation], 'app', (tx) =>
      access.members.add(tx, chief.organisation, again, boss, from),
    );
    expect([...((await grants(person))?.permissions ?? [])]).toEqual(['messages:send']);
  });
});

describe('the last administrator', () => {
  const last = expect.objectContaining({
    code: 'wrong-state',
    parameters: expect.objectContaining({ reason: 'last-administrator' }),
  });

  it('cannot be removed, lowered or bounded, by whichever way they are one', async () => {
    const boss = await as(chief.identity);
    await expect(access.rights.setRoles(boss, chief.identity, ['sender'])).rejects.toEqual(last);
    await expect(
      access.rights.setBoundary(boss, chief.identity, ['roles:write', 'messages:send']),
    ).rejects.toEqual(last);
    // One for a time does not count.
    const helper = await member([]);
    await give(boss, helper, 'administrator', new Date(world.clock.now().getTime() + 60_000));
    await expect(access.rights.setRoles(boss, chief.identity, [])).rejects.toEqual(last);
    // One through a group does, until the group goes.
    const { id: group } = await access.groups.create(boss, 'Chiefs');
    await access.groups.addMember(boss, group, helper);
    const { id: assignment } = await access.assignments.assign(boss, {
      ...{ subject: { kind: 'group', id: group }, role: 'administrator', scope: null, expiresAt: null },
    });
    await access.rights.setRoles(boss, chief.identity, []);
    const now = await as(helper);
    await expect(access.groups.removeMember(now, group, helper)).rejects.toEqual(last);
    await expect(access.groups.remove(now, group)).rejects.toEqual(last);
    await expect(access.assignments.unassign(now, assignment)).rejects.toEqual(last);
    await access.rights.setRoles(now, chief.identity, ['administrator']);
    await access.groups.remove(await as(chief.identity), group);
  });

  it('is left when two remove each other at once', async () => {
    const second = await member(['administrator']);
    const [a, b] = [await as(chief.identity), await as(second)];
    const ends = await Promise.allSettled([
      access.members.remove(a, second),
      access.members.remove(b, chief.identity),
    ]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('guardrails', () => {
  it('of all parents add up, for people and keys, and a child cannot loosen them', async () => {
    const [top, middle] = [await enrol(), await enrol()];
    const operator = callerOf(top);
    await access.guardrails.place(operator, middle.organisation, top.organisation);
    await access.guardrails.place(operator, chief.organisation, middle.organisation);
    const key = {
      label: 'k',
      permissions: ['audit:export', 'audit:read'] as const,
      networks: [],
      expiresAt: null,
    };
    const issued = await access.apiKeys.create(await as(chief.identity), key);
    const nurse = await member(['nurse']);
    await access.guardrails.change(await as(top.identity, top.organisation), {
      denied: ['audit:export'],
      caps: { nurse: ['messages:read', 'messages:send'] },
    });
    await access.guardrails.change(await as(middle.identity, middle.organisation), {
      ...{ denied: ['messages:send'], caps: {} },
    });
    expect([...((await grants(nurse))?.permissions ?? [])]).toEqual(['messages:read']);
    expect(await holds(chief.identity, 'audit:export')).toBe(false);
    expect(await holds(middle.identity, 'audit:export', middle.organisation)).toBe(false);
    expect(await holds(middle.identity, 'messages:send', middle.organisation)).toBe(true);
    expect(await holds(top.identity, 'audit:export', top.organisation)).toBe(true);
    const principal = await access.authenticateApiKey(issued.secret, null);
    expect([...(principal?.permissions ?? [])]).toEqual(['audit:read']);
    // The child says what it likes: what stands above stays. It still gives ready roles, which stay stopped.
    const boss = await as(chief.identity);
    await access.guardrails.change(boss, { denied: [], caps: {} });
    await access.roles.create(boss, role(['audit:export', 'audit:read'], 'Exporter'));
    const other = await member([]);
    await give(boss, other, 'auditor');
    expect(await holds(other, 'audit:read')).toBe(true);
    expect(await holds(other, 'audit:export')).toBe(false);
    const { above } = await access.guardrails.read(boss);
    expect(above.map(({ organisation }) => organisation)).toEqual([middle.organisation, top.organisation]);
    // Nobody in the middle loosens what the middle does not hold.
    await access.guardrails.change(await as(middle.identity, middle.organisation), {
      ...{ denied: ['audit:export'], caps: {} },
    });
    const stranger = access.guardrails.change(await as(nurse), { denied: [], caps: {} });
    await expect(stranger).rejects.toEqual(notPermitted);
  });

  it('are not walked around in a circle, and only the operator moves organisations', async () => {
    const other = await enrol();
    const operator = callerOf(other);
    await access.guardrails.place(operator, chief.organisation, other.organisation);
    await expect(access.guardrails.place(operator, other.organisation, chief.organisation)).rejects.toEqual(
      refusal('wrong-state'),
    );
    await expect(access.guardrails.place(operator, chief.organisation, chief.organisation)).rejects.toEqual(
      refusal('wrong-state'),
    );
    const boss = await as(chief.identity);
    await expect(access.guardrails.place(boss, chief.organisation, null)).rejects.toEqual(notPermitted);
    const entry = world.entries.find(({ action }) => action === 'organisation.placed');
    expect(entry?.organisation).toBe(chief.organisation);
  });
});

describe('groups', () => {
  it('that a directory keeps are changed only there, and can be given roles', async () => {
    const boss = await as(chief.identity);
    const { id } = await access.groups.create(boss, 'From outside');
    const person = await member([]);
    await world.ports.database.tenant([chief.organisation], 'app', (tx) =>
      tx.execute({ text: "update sealpost.access_group set source = 'scim' where id = $1", values: [id] }),
    );
    const kept = refusal('wrong-state');
    await expect(access.groups.addMember(boss, id, person)).rejects.toEqual(kept);
    await expect(access.groups.rename(boss, id, 'x')).rejects.toEqual(kept);
    await expect(access.groups.remove(boss, id)).rejects.toEqual(kept);
    await access.assignments.assign(boss, {
      ...{ subject: { kind: 'group', id }, role: 'auditor', scope: null, expiresAt: null },
    });
    expect((await access.assignments.list(boss, id, null, 10)).map((one) => one.role)).toEqual(['auditor']);
  });

  it('take members of the organisation only', async () => {
    const boss = await as(chief.identity);
    const stranger = await enrol();
    const { id } = await access.groups.create(boss, 'Team');
    await expect(access.groups.addMember(boss, id, stranger.identity)).rejects.toEqual(refusal('not-found'));
    await expect(give(boss, stranger.identity, 'sender')).rejects.toEqual(refusal('not-found'));
  });
});

describe('use of permissions', () => {
  it('is counted beside the request and read as what was never used', async () => {
    const boss = await as(chief.identity);
    const sender = await member(['sender']);
    const by = await as(sender);
    for (let count = 0; count < 3; count += 1) access.uses.note(by, 'messages:send');
    access.uses.note(by, 'messages:read');
    expect(await access.uses.flush()).toBe(2);
    access.uses.note(by, 'messages:send');
    await access.uses.flush();
    expect(await access.uses.flush()).toBe(0);
    const of = async (days: number) =>
      (await access.uses.unused(boss, days, null, 100)).find(({ person }) => person.id === sender)?.unused;
    expect(await of(90)).not.toContain('messages:send');
    expect(await of(90)).toContain('messages:cancel');
    world.clock.advance(40 * 86_400);
    expect(await of(30)).toContain('messages:send');
    expect(await of(60)).not.toContain('messages:send');
  });
});

describe('an explanation', () => {
  it('names the ways and the bounds, and says of a stranger that they are none of us', async () => {
    const boss = await as(chief.identity);
    const person = await member(['sender']);
    const { id } = await access.groups.create(boss, 'Auditors');
    await access.groups.addMember(boss, id, person);
    await access.assignments.assign(boss, {
      ...{ subject: { kind: 'group', id }, role: 'auditor', scope: null, expiresAt: null },
    });
    const told = await access.rights.explain(boss, person, 'messages:read', null);
    expect(told.allowed).toBe(true);
    expect(told.reasons.map(({ via, role: which, code }) => [code, via, which])).toEqual([
      ['granted', 'direct', 'sender'],
      ['granted', 'group', 'auditor'],
    ]);
    expect(told.groups.get(id)).toBe('Auditors');
    await access.rights.setBoundary(boss, person, ['audit:read']);
    const bounded = await access.rights.explain(boss, person, 'messages:read', null);
    expect(bounded.allowed).toBe(false);
    expect(bounded.reasons.map(({ code }) => code)).toEqual(['stopped-by-boundary', 'stopped-by-boundary']);
    const stranger = await enrol();
    expect((await access.rights.explain(boss, stranger.identity, 'messages:read', null)).reasons).toEqual([
      expect.objectContaining({ code: 'not-a-member' }),
    ]);
  });
});
