// How soon a person who was ended is refused: here at once, in another process on the same database within what is kept there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdentityId } from '#core/ids';
import { createAccess, type DirectoryHand, NOTHING_KEPT, type PersonRecord } from '#platform/access';
import { from, openStage, type Stage } from './test-kit.ts';

let stage: Stage;
let clinic: Awaited<ReturnType<Stage['organisation']>>;
let hand: DirectoryHand;

beforeAll(async () => {
  stage = await openStage(() => []);
  clinic = await stage.organisation('clinic');
  hand = {
    ...{ organisation: clinic.id, source: 'scim:default', from },
    actor: { kind: 'system', component: 'test' },
  };
});
afterAll(() => stage.close());

const within = <Result>(
  work: (tx: Parameters<Parameters<Stage['database']['tenant']>[2]>[0]) => Promise<Result>,
) => stage.database.tenant([clinic.id], 'app', work);

const record = (local: string, more: Partial<PersonRecord> = {}): PersonRecord => ({
  ...{ ...NOTHING_KEPT, userName: { local, domain: 'clinic.test' }, active: true, ...more },
});
const add = (local: string) => within((tx) => stage.access.provisioned.add(tx, hand, record(local)));
const change = (id: IdentityId, said: PersonRecord) =>
  within((tx) => stage.access.provisioned.change(tx, hand, id, said));

describe('a person who was ended', () => {
  it('is refused at once here, and elsewhere after two seconds (session) and five (key)', async () => {
    const elsewhere = createAccess(stage.world.ports);
    const id = await add('leaver');
    const { token } = await stage.session(clinic.id, id);
    const key = await stage.key(clinic.id, id, ['messages:send']);
    for (const access of [stage.access, elsewhere]) {
      expect(await access.sessions.authenticate(token)).not.toBeNull();
      expect(await access.authenticateApiKey(key, null)).not.toBeNull();
    }
    await change(id, record('leaver', { active: false }));
    expect(await stage.access.sessions.authenticate(token)).toBeNull();
    expect(await stage.access.authenticateApiKey(key, null)).toBeNull();
    stage.world.clock.advance(2);
    expect(await elsewhere.sessions.authenticate(token)).toBeNull();
    stage.world.clock.advance(3);
    expect(await elsewhere.authenticateApiKey(key, null)).toBeNull();
  });

  it('keeps what another organisation gave', async () => {
    const second = await stage.organisation('second');
    const id = await add('shared');
    // Somebody joins a further organisation by their own asking: they found it.
    const founder = { kind: 'person', identity: id, session: 's' as never } as const;
    const address = { local: 'shared', domain: 'clinic.test' };
    await stage.database.tenant([second.id], 'app', (tx) =>
      stage.access.members.add(
        tx,
        second.id,
        { address, displayName: 'Shared', roles: ['sender'], founder },
        null,
        from,
      ),
    );
    const [here, there] = [await stage.session(clinic.id, id), await stage.session(second.id, id)];
    const key = await stage.key(second.id, id, ['messages:send']);
    // What others know the person by is not this directory's to change.
    await change(id, record('shared', { displayName: 'Renamed' }));
    expect((await stage.access.members.person(id))?.displayName).toBe('shared@clinic.test');
    await expect(change(id, record('other'))).rejects.toMatchObject({ code: 'not-permitted' });
    await change(id, record('shared', { active: false }));
    expect(await stage.access.sessions.authenticate(here.token)).toBeNull();
    expect(await stage.access.sessions.authenticate(there.token)).not.toBeNull();
    expect(await stage.access.authenticateApiKey(key, null)).not.toBeNull();
    // And is not taken up again here: they belong elsewhere now.
    await expect(change(id, record('shared'))).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('signs in again after a change of address, and by the new one', async () => {
    const id = await add('maiden');
    const { token } = await stage.session(clinic.id, id);
    await change(id, record('married'));
    expect(await stage.access.sessions.authenticate(token)).toBeNull();
    expect((await stage.access.members.person(id))?.address).toBe('married@clinic.test');
    await expect(change(id, record('admin'))).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('loses keys as well when removed by hand', async () => {
    const id = await add('byhand');
    const key = await stage.key(clinic.id, id, ['messages:send']);
    const { token } = await stage.session(clinic.id, id);
    await stage.access.members.remove(stage.callerOf(clinic.id, clinic.administrator), id);
    expect(await stage.access.authenticateApiKey(key, null)).toBeNull();
    expect(await stage.access.sessions.authenticate(token)).toBeNull();
  });

  it('stays, with nothing on record, when the record cannot be written', async () => {
    const id = await add('unrecorded');
    const key = await stage.key(clinic.id, id, ['messages:send']);
    stage.world.audit.fails = true;
    await expect(change(id, record('unrecorded', { active: false }))).rejects.toThrow();
    stage.world.audit.fails = false;
    expect(await stage.access.authenticateApiKey(key, null)).not.toBeNull();
  });
});

describe('roles of a group', () => {
  it('reach live sessions at once, for who holds them may give them, and end with the place in the group', async () => {
    const id = await add('member');
    const { token } = await stage.session(clinic.id, id);
    const { provisionedGroups, groupRoles, sessions } = stage.access;
    const rights = async () => [...((await sessions.authenticate(token))?.permissions ?? [])];
    const said = (members: readonly IdentityId[]) => ({ name: 'Nurses', externalId: 'g', members });
    const group = await within((tx) => provisionedGroups.add(tx, hand, said([id])));
    expect(await rights()).toEqual([]);
    const administrator = stage.callerOf(clinic.id, clinic.administrator);
    const wanted = [
      { role: 'nurse', scope: null },
      { role: 'auditor', scope: { kind: 'mailbox', id: 'ward@clinic.test' } },
    ] as const;
    const weak = stage.callerOf(clinic.id, clinic.administrator, ['sign-in:write', 'messages:send']);
    await expect(groupRoles.set(weak, group, wanted)).rejects.toMatchObject({ code: 'not-permitted' });
    await groupRoles.set(administrator, group, wanted);
    expect(await rights()).toContain('messages:send');
    const live = await sessions.authenticate(token);
    expect(live?.scoped.get('audit:read')).toEqual([{ kind: 'mailbox', id: 'ward@clinic.test' }]);
    const [mapped] = await groupRoles.list(administrator);
    expect(mapped).toMatchObject({ id: group, members: 1, source: 'scim:default' });
    expect(mapped?.roles).toEqual(expect.arrayContaining(wanted.map((one) => ({ ...one, name: null }))));
    await expect(groupRoles.set(weak, group, [])).rejects.toMatchObject({ code: 'not-permitted' });
    const unknown = [{ role: 'no-such-role', scope: null }];
    await expect(groupRoles.set(administrator, group, unknown)).rejects.toMatchObject({ code: 'invalid' });
    await within((tx) => provisionedGroups.change(tx, hand, group, said([])));
    expect(await rights()).toEqual([]);
    await within((tx) => provisionedGroups.change(tx, hand, group, said([id])));
    await within((tx) => provisionedGroups.remove(tx, hand, group));
    expect(await rights()).toEqual([]);
    await expect(groupRoles.set(administrator, group, [])).rejects.toMatchObject({ code: 'not-found' });
  });

  it('come back with the person, and what was given to them alone does not', async () => {
    const member = {
      address: { local: 'returner', domain: 'clinic.test' },
      ...{ displayName: 'Returner', roles: ['lowering-sender'] as const },
    };
    const added = await within((tx) => stage.access.members.add(tx, clinic.id, member, null, from));
    const id = added.identity;
    const before = await stage.session(clinic.id, id);
    const had = await stage.access.sessions.authenticate(before.token);
    expect(had?.permissions.has('messages:lower')).toBe(true);
    const group = await within((tx) =>
      stage.access.provisionedGroups.add(tx, hand, { name: 'Doctors', externalId: null, members: [id] }),
    );
    const administrator = stage.callerOf(clinic.id, clinic.administrator);
    await stage.access.groupRoles.set(administrator, group, [{ role: 'billing', scope: null }]);
    await change(id, record('returner', { active: false }));
    await change(id, record('returner'));
    const { token } = await stage.session(clinic.id, id);
    const live = await stage.access.sessions.authenticate(token);
    expect(live?.permissions.has('messages:send')).toBe(true);
    expect(live?.permissions.has('messages:lower')).toBe(false);
  });
});
