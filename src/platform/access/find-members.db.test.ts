import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { connectOwner } from '../database/owner-connection.ts';
import { addressIndex, personBinding } from './person.ts';
import { type AccessStage, callerOf, type Enrolled, from, openAccessStage, refusal } from './test-kit.ts';

// Names are sealed one by one as the room does it; memberships of a crowd are put in by one statement, to save time.
const CROWD = 3_000;

let world: AccessStage['world'];
let access: AccessStage['access'];
let chief: Enrolled;
let other: Enrolled;

beforeAll(async () => {
  const stage = await openAccessStage();
  ({ world, access } = stage);
  [chief, other] = [await stage.enrol(), await stage.enrol()];
});
afterAll(() => world.close());

async function add(name: string, local: string, organisation = chief.organisation): Promise<IdentityId> {
  const member = { address: { local, domain: 'clinic.test' }, displayName: name, roles: ['sender'] };
  const added = await world.ports.database.tenant([organisation], 'app', (tx) =>
    access.members.add(tx, organisation, member, null, from),
  );
  return added.identity;
}

async function crowd(organisation: OrganisationId, size: number, name: (at: number) => string) {
  const { vault } = world.ports;
  const rows = await Promise.all(
    Array.from({ length: size }, async (_, at) => {
      const id = newId() as IdentityId;
      const address = { local: `${id}.${at}`, domain: 'clinic.test' };
      const [index, sealed, displayName] = await Promise.all([
        addressIndex(vault, address),
        vault.sealValue('identity', personBinding('address', id), `${id}.${at}@clinic.test`),
        vault.sealValue('identity', personBinding('display-name', id), name(at)),
      ]);
      return { id, index, sealed, displayName };
    }),
  );
  const sql = await connectOwner(world.superuserUrl);
  const ids = rows.map(({ id }) => id);
  await sql.query(
    `insert into sealpost.identity (id, address_index, address, display_name)
     select * from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[])`,
    [ids, rows.map((row) => row.index), rows.map((row) => row.sealed), rows.map((row) => row.displayName)],
  );
  await sql.query(
    `insert into sealpost.membership (organisation, identity, roles)
     select $1, id, '{sender}' from unnest($2::uuid[]) as id`,
    [organisation, ids],
  );
  await sql.close();
}

const reader = (of: Enrolled = chief): Caller => callerOf(of, ['members:read']);
const search = (text: string, most = 20, by = reader()) => {
  const [local, domain] = text.split('@');
  const address = local && domain?.includes('.') ? { local, domain } : null;
  return access.members.search(by, { text, address, most });
};
const names = async (...asked: Parameters<typeof search>) =>
  (await search(...asked)).members.map(({ person }) => person.displayName);

describe('finding members', () => {
  it('finds by beginnings of words of name and address, in the order of names', async () => {
    await add('Zoë Brandt', 'zoe.b');
    await add('Ana-María Brandt', 'ana.m');
    expect(await names('brandt')).toEqual(['Ana-María Brandt', 'Zoë Brandt']);
    expect(await names('maria br')).toEqual(['Ana-María Brandt']);
    expect(await names('zoe.b')).toEqual(['Zoë Brandt']);
    expect(await names('rand')).toEqual([]);
    expect(await search('brandt', 1)).toMatchObject({ members: [{}], more: true, whole: true });
  });

  it('finds a whole address by its index, in any case', async () => {
    expect(await names('ZOE.B@clinic.test')).toEqual(['Zoë Brandt']);
    expect(await names('nobody@clinic.test')).toEqual([]);
  });

  it('finds nobody of another organisation, by name, address or id', async () => {
    const kim = await add('Kim Foreign', 'kim.f', other.organisation);
    expect(await names('kim', 20, reader(other))).toEqual(['Kim Foreign']);
    expect(await names('kim')).toEqual([]);
    expect(await names('kim.f@clinic.test')).toEqual([]);
    const own = await add('Own One', 'own.one');
    const named = await access.members.named(reader(), [kim, own, newId()]);
    expect(named.map(({ person }) => person.id)).toEqual([own]);
  });

  it('leaves nothing on record: staff of the own organisation are no PHI', async () => {
    const before = world.entries.length;
    await search('own');
    await search('own.one@clinic.test');
    expect(world.entries).toHaveLength(before);
  });

  it('finds nobody whose membership has ended', async () => {
    const gone = await add('Gone Person', 'gone.p');
    await access.members.remove(callerOf(chief), gone);
    expect(await names('gone')).toEqual([]);
    expect(await names('gone.p@clinic.test')).toEqual([]);
    expect(await access.members.named(reader(), [gone])).toEqual([]);
  });

  it('asks for the permission', async () => {
    const nobody = callerOf(chief, ['messages:read']);
    await expect(search('ana', 20, nobody)).rejects.toMatchObject(refusal('not-permitted'));
    await expect(search('ana.m@clinic.test', 20, nobody)).rejects.toMatchObject(refusal('not-permitted'));
    await expect(access.members.named(nobody, [newId()])).rejects.toMatchObject(refusal('not-permitted'));
  });

  it('looks through 3,000 people within two seconds, and says when there are more than it opens', async () => {
    await crowd(other.organisation, CROWD, (at) => `Person Number z${at}`);
    const begun = performance.now();
    // No part of an address here, which is made of hexadecimal digits, begins with a z.
    expect(await names('number z2999', 20, reader(other))).toEqual(['Person Number z2999']);
    const all = performance.now() - begun;
    expect(all).toBeLessThan(2_000);
    await crowd(other.organisation, 2_001, (at) => `Later Number ${at}`);
    // Ids of one millisecond stand in no order: who comes last is made in one of their own.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await crowd(other.organisation, 1, () => 'The Very Last');
    const late = await search('very last', 20, reader(other));
    expect(late).toMatchObject({ members: [], more: false, whole: false });
    expect(await search('number', 20, reader(other))).toMatchObject({ more: true, whole: true });
  });
});
