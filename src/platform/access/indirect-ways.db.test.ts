import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller, Permission } from '#core/actor';
import type { ApiKeyId, IdentityId, SessionId } from '#core/ids';
import { newId } from '#platform/runtime';
import { caresForAny } from './care.store.ts';
import { readGrants } from './grants.ts';
import { lockAccess } from './role.store.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  from,
  openAccessStage,
  refusal,
  refused,
} from './test-kit.ts';

// Ways around what may be passed on: through a key, a capped role's other name, a directory, a membership taken up again.

let world: AccessStage['world'];
let access: AccessStage['access'];
let enrol: AccessStage['enrol'];
let chief: Enrolled;
let people = 0;

beforeAll(async () => {
  ({ world, access, enrol } = await openAccessStage());
});
afterAll(() => world.close());
beforeEach(async () => {
  chief = await enrol();
});

const tenant = <T>(work: Parameters<typeof world.ports.database.tenant<T>>[2]): Promise<T> =>
  world.ports.database.tenant([chief.organisation], 'app', work);

async function member(roles: readonly string[]): Promise<{ id: IdentityId; address: Enrolled['address'] }> {
  people += 1;
  const address = { local: `i${people}`, domain: 'clinic.test' };
  const person = { address, displayName: 'M', roles };
  const added = await tenant((tx) => access.members.add(tx, chief.organisation, person, null, from));
  return { id: added.identity, address };
}

const grants = (identity: IdentityId) =>
  tenant((tx) => readGrants(tx, world.ports.vault, chief.organisation, identity, world.clock.now()));

async function as(identity: IdentityId): Promise<Caller> {
  const actor = { kind: 'person', identity, session: 's' as SessionId } as const;
  return { ...callerOf(chief, []), actor, ...(await grants(identity)) };
}

const notPermitted = refusal('not-permitted');
const soon = () => new Date(world.clock.now().getTime() + 3_600_000);
const forGood = (id: IdentityId, role: string) =>
  ({ subject: { kind: 'identity', id }, role, scope: null, expiresAt: null }) as const;
const PASSING: readonly Permission[] = ['roles:write', 'messages:send', 'api-keys:write'];

describe('a right held for a time', () => {
  async function forAnHour() {
    const boss = await as(chief.identity);
    const role = { name: 'Keeper', description: '', permissions: PASSING, careOnly: false };
    const { id: keeper } = await access.roles.create(boss, role);
    const { id } = await member([]);
    await access.assignments.assign(boss, { ...forGood(id, keeper), expiresAt: soon() });
    return { boss, keeper, id, caller: await as(id) };
  }

  it('does not outlast itself through a key that gives it back without end', async () => {
    const { id, keeper, caller } = await forAnHour();
    const key = { label: 'k', permissions: PASSING, networks: [], expiresAt: soon() };
    await expect(access.apiKeys.create(caller, key)).rejects.toEqual(notPermitted);
    // A key from a time when it was held for good gives no longer than its maker holds it now.
    const actor = { kind: 'person', identity: id, session: 's' as SessionId } as const;
    const issued = await tenant((tx) => access.apiKeys.issue(tx, chief.organisation, key, actor, from));
    const principal = await access.authenticateApiKey(issued.secret, null);
    expect(principal?.permissions.has('roles:write')).toBe(true);
    const program = { ...caller, ...principal } as Caller;
    await expect(access.assignments.assign(program, forGood(id, keeper))).rejects.toEqual(notPermitted);
    const sameHour = { ...forGood(id, keeper), expiresAt: soon() };
    await expect(access.assignments.assign(program, sameHour)).resolves.toHaveProperty('id');
  });

  it('makes keys as long as itself of what passes nothing on', async () => {
    const { caller } = await forAnHour();
    const key = { label: 'k', permissions: ['messages:send'], networks: [], expiresAt: soon() } as const;
    await expect(access.apiKeys.create(caller, key)).resolves.toHaveProperty('secret');
  });

  it('does not raise what a sign-in by another provider may reach', async () => {
    const { boss, id, caller } = await forAnHour();
    expect(caller.permissions.has('roles:write')).toBe(true);
    const lasting = (of: Caller) => tenant((tx) => access.provided.lasting(tx, of));
    expect([...(await lasting(caller))]).toEqual([]);
    await access.rights.setRoles(boss, id, ['front-desk']);
    const both = await as(id);
    expect((await lasting(both)).has('messages:send')).toBe(true);
    expect((await lasting(both)).has('roles:write')).toBe(false);
    expect(await lasting(boss)).toEqual(boss.permissions);
  });

  it('of a key that nobody stands behind is what the key holds', async () => {
    const { id, keeper, caller } = await forAnHour();
    const actor = { kind: 'api-key', apiKey: newId() as ApiKeyId } as const;
    const program = { ...caller, actor, permissions: new Set(PASSING) };
    await expect(access.assignments.assign(program, forGood(id, keeper))).resolves.toHaveProperty('id');
  });
});

describe('a cap of a role from above', () => {
  it('is not walked around by a role of another name', async () => {
    const top = await enrol();
    await access.guardrails.place(callerOf(top), chief.organisation, top.organisation);
    const held: readonly Permission[] = ['roles:write', 'roles:read', 'members:write', 'members:read'];
    const caps = { administrator: [...held] };
    await access.guardrails.change(callerOf(top), { denied: [], caps });
    const boss = await as(chief.identity);
    expect([...boss.permissions].sort()).toEqual([...held].sort());
    const role = { name: 'Reader', description: '', permissions: ['audit:read'], careOnly: false } as const;
    await expect(access.roles.create(boss, role)).rejects.toEqual(notPermitted);
    const { id } = await member([]);
    await expect(access.assignments.assign(boss, forGood(id, 'auditor'))).rejects.toEqual(notPermitted);
    // Capped for whoever gets it too, it is given on.
    await access.assignments.assign(boss, forGood(id, 'administrator'));
    expect((await grants(id))?.permissions.has('audit:read')).toBe(false);
  });
});

describe('an outside directory', () => {
  const hand = () =>
    ({
      ...{ organisation: chief.organisation, source: 'ldap:x', from },
      actor: { kind: 'system', component: 'test' },
    }) as const;
  const last = refused('not-permitted', 'last-administrator');

  it('takes the last administrator away neither by a group nor by a person', async () => {
    const boss = await as(chief.identity);
    const { id: other } = await member([]);
    const record = { name: 'Chiefs', externalId: 'g', members: [other] };
    const group = await tenant((tx) => access.provisionedGroups.add(tx, hand(), record));
    await access.groupRoles.set(boss, group, [{ role: 'administrator', scope: null }]);
    await access.rights.setRoles(boss, chief.identity, []);
    const emptied = tenant((tx) =>
      access.provisionedGroups.change(tx, hand(), group, { ...record, members: [] }),
    );
    await expect(emptied).rejects.toEqual(last);
    await expect(tenant((tx) => access.provisionedGroups.remove(tx, hand(), group))).rejects.toEqual(last);
    const ended = tenant((tx) => access.provisioned.end(tx, hand(), other, 'left-directory'));
    await expect(ended).rejects.toEqual(last);
    await access.rights.setRoles(await as(other), chief.identity, ['administrator']);
    await tenant((tx) => access.provisioned.end(tx, hand(), other, 'left-directory'));
    expect(await grants(other)).toBeUndefined();
  });

  it('is spoken for only by a key whose maker holds what its groups give', async () => {
    const boss = await as(chief.identity);
    const record = { name: 'Chiefs', externalId: 'g', members: [] };
    const scim = { ...hand(), source: 'scim:default' };
    const group = await tenant((tx) => access.provisionedGroups.add(tx, scim, record));
    const permissions: readonly Permission[] = ['provisioning:sync', 'api-keys:write'];
    const role = { name: 'Syncer', description: '', permissions, careOnly: false };
    const { id: syncer } = await access.roles.create(boss, role);
    const weaker = await as((await member([syncer])).id);
    const key = { label: 'k', permissions: ['provisioning:sync'], networks: [], expiresAt: null } as const;
    await expect(access.apiKeys.create(weaker, key)).resolves.toHaveProperty('secret');
    await access.groupRoles.set(boss, group, [{ role: 'administrator', scope: null }]);
    await expect(access.apiKeys.create(weaker, key)).rejects.toEqual(notPermitted);
    await expect(access.apiKeys.create(boss, key)).resolves.toHaveProperty('secret');
  });

  it('waits for whoever changes rights at that moment', async () => {
    const { id } = await member([]);
    let done = false;
    let end: Promise<void> = Promise.resolve();
    await tenant(async (tx) => {
      await lockAccess(tx, chief.organisation);
      end = tenant((other) => access.provisioned.end(other, hand(), id, 'left-directory')).then(() => {
        done = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(done).toBe(false);
    });
    await end;
    expect(done).toBe(true);
  });
});

describe('a membership that is taken up again', () => {
  it('has none of the care relationships of before', async () => {
    const boss = await as(chief.identity);
    const { id, address } = await member(['nurse']);
    const patient = 'patient@home.test';
    const care = { address: patient, since: new Date(world.clock.now().getTime() - 1000), until: null };
    await access.care.record(boss, { subject: { kind: 'identity', id }, ...care });
    const cares = async () => {
      const index = await world.ports.vault.blindIndex(chief.organisation, 'address', patient);
      return tenant((tx) => caresForAny(tx, chief.organisation, id, [index], world.clock.now()));
    };
    expect(await cares()).toBe(true);
    await access.members.remove(boss, id);
    const again = { address, displayName: 'M', roles: ['nurse'] };
    await tenant((tx) => access.members.add(tx, chief.organisation, again, boss, from));
    expect(await cares()).toBe(false);
  });
});

describe('an invitation', () => {
  it('is for the membership that it was made for: not after its end, and not for one with more', async () => {
    const { id, address } = await member(['sender']);
    const issue = () => tenant((tx) => access.invitations.issue(tx, id, chief.organisation));
    const first = await issue();
    expect((await access.invitations.open(first.ceremony)).identity).toBe(id);
    const boss = await as(chief.identity);
    await access.members.remove(boss, id);
    await expect(access.invitations.open(first.ceremony)).rejects.toEqual(refusal('gone'));
    const late = await issue();
    const again = { address, displayName: 'M', roles: ['administrator'] };
    await tenant((tx) => access.members.add(tx, chief.organisation, again, boss, from));
    await expect(access.invitations.open(late.ceremony)).rejects.toEqual(refusal('gone'));
    expect((await access.invitations.open((await issue()).ceremony)).identity).toBe(id);
  });
});

describe('the role for emergencies', () => {
  it('is not removed, so that what it gives does not go back to what nobody chose', async () => {
    const boss = await as(chief.identity);
    await tenant((tx) => access.emergency.setPermissions(tx, chief.organisation, ['messages:read']));
    const role = (await access.roles.list(boss)).find(({ name }) => name?.startsWith('Emergency access'));
    await expect(access.roles.remove(boss, role?.id ?? '')).rejects.toEqual(
      refused('wrong-state', 'emergency-role'),
    );
    expect(await tenant((tx) => access.emergency.permissions(tx, chief.organisation))).toEqual([
      'messages:read',
    ]);
  });
});

describe('an operator of the installation', () => {
  const operates = (identity: IdentityId, operator: boolean) =>
    world.ports.database.system('app', (tx) =>
      tx.execute({
        text: 'update sealpost.identity set operator = $2 where id = $1',
        values: [identity, operator],
      }),
    );

  it('is removed by an operator alone, and never the last one, by whatever hand', async () => {
    const { id } = await member(['administrator']);
    await operates(id, true);
    await expect(access.members.remove(await as(chief.identity), id)).rejects.toEqual(notPermitted);
    const operator = callerOf(chief);
    const last = refused('wrong-state', 'last-operator');
    await expect(access.members.remove(operator, id)).rejects.toEqual(last);
    const actor = { kind: 'system', component: 'test' } as const;
    const hand = { organisation: chief.organisation, source: 'ldap:x', from, actor };
    const ended = tenant((tx) => access.provisioned.end(tx, hand, id, 'left-directory'));
    await expect(ended).rejects.toEqual(last);
    const elsewhere = await enrol();
    await operates(elsewhere.identity, true);
    await access.members.remove(operator, id);
    expect(await grants(id)).toBeUndefined();
    await Promise.all([operates(id, false), operates(elsewhere.identity, false)]);
  });
});
