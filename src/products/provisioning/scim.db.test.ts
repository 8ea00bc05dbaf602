// SCIM over the server's own routes, with the requests that directories in use send as their public documentation shows them.
import SCIMMY from 'scimmy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import { scimRoutes } from './scim/scim-routes.ts';
import { from, openStage, type Stage } from './test-kit.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

let stage: Stage;
let clinic: Awaited<ReturnType<Stage['organisation']>>;
let other: Awaited<ReturnType<Stage['organisation']>>;

beforeAll(async () => {
  stage = await openStage((world, access) =>
    scimRoutes({
      database: world.ports.database,
      people: access.provisioned,
      groups: access.provisionedGroups,
      address: () => 'https://sealpost.test/',
    }),
  );
  clinic = await stage.organisation('clinic');
  other = await stage.organisation('other');
});
afterAll(() => stage.close());

const scim = (...request: [Parameters<Stage['send']>[1], string, unknown?, Record<string, string>?]) =>
  stage.send(clinic.key, ...request);
const idOf = (answer: { json: Record<string, unknown> }) => z.string().parse(answer.json.id) as IdentityId;
const patch = (...operations: object[]) => ({ schemas: [PATCH], Operations: operations });
const listed = z.object({ totalResults: z.number(), Resources: z.array(z.record(z.string(), z.json())) });
async function find(filter: string, path = 'Users') {
  const answer = await scim('GET', `/scim/v2/${path}?filter=${encodeURIComponent(filter)}`);
  expect(answer.status, answer.text).toBe(200);
  return listed.parse(answer.json);
}

/** As Entra ID's documentation shows it. */
const entraUser = (name: string) => ({
  schemas: [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId: `0a21f0f2-8d2a-4f8e-bf98-${name}`,
  userName: `${name}@clinic.test`,
  active: true,
  emails: [{ primary: true, type: 'work', value: `${name}@clinic.test` }],
  meta: { resourceType: 'User' },
  name: { formatted: `${name} family`, familyName: 'family', givenName: name },
  roles: [],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Ward 3' },
});

async function add(name: string): Promise<IdentityId> {
  const made = await scim('POST', '/scim/v2/Users', entraUser(name));
  expect(made.status, made.text).toBe(201);
  return idOf(made);
}

describe('what the service says of itself', () => {
  it('is read by another implementation’s classes', async () => {
    const config = await scim('GET', '/scim/v2/ServiceProviderConfig');
    expect(config.headers['content-type']).toMatch(/^application\/scim\+json/);
    expect(config.json).toMatchObject({ patch: { supported: true }, bulk: { supported: false } });
    const schemas = await scim('GET', '/scim/v2/Schemas');
    expect(listed.parse(schemas.json).Resources.map(({ id }) => id)).toEqual([USER, GROUP]);
    for (const [path, size] of [
      ['Schemas', 2],
      ['ResourceTypes', 2],
    ] as const) {
      const answer = await scim('GET', `/scim/v2/${path}`);
      expect(new SCIMMY.Messages.ListResponse(answer.json as never).totalResults).toBe(size);
    }
    const one = await scim('GET', `/scim/v2/Schemas/${USER}`);
    expect(one.json.id).toBe(USER);
    expect((await scim('GET', '/scim/v2/Schemas?filter=id%20pr')).status).toBe(403);
  });

  it('needs a key with its permission, and refuses in its own words', async () => {
    const powerless = await stage.key(clinic.id, clinic.administrator, ['messages:read']);
    for (const [key, status] of [
      [null, 401],
      ['sp_wrong', 401],
      [powerless, 403],
    ] as const) {
      const answer = await stage.send(key, 'GET', '/scim/v2/Users');
      expect(answer.status).toBe(status);
      expect(answer.json).toMatchObject({ schemas: [ERROR], status: String(status) });
      expect(answer.headers['content-type']).toMatch(/^application\/scim\+json/);
    }
  });
});

describe('people', () => {
  it('are made, read, listed, replaced and deleted, and another implementation can read them', async () => {
    const made = await scim('POST', '/scim/v2/Users', entraUser('ana'));
    expect(made.status, made.text).toBe(201);
    const id = idOf(made);
    expect(made.headers.location).toBe(`https://sealpost.test/scim/v2/Users/${id}`);
    expect(made.json).toMatchObject({
      active: true,
      name: { givenName: 'ana' },
      externalId: expect.any(String),
    });
    expect(made.text).not.toContain('Ward 3');
    const read = await scim('GET', `/scim/v2/Users/${id}`);
    expect(read.json).toEqual(made.json);
    const theirs = new SCIMMY.Schemas.User(read.json as never, 'out');
    expect(theirs).toMatchObject({ userName: 'ana@clinic.test', active: true });
    expect(await find('userName eq "ANA@clinic.test"')).toMatchObject({ totalResults: 1 });
    const replaced = await scim('PUT', `/scim/v2/Users/${id}`, {
      ...{ schemas: [USER], id, USERNAME: 'ana@clinic.test', displayName: 'Dr. Ana', emails: [] },
    });
    expect(replaced.json).toMatchObject({ displayName: 'Dr. Ana', active: true });
    expect(replaced.json.name).toBeUndefined();
    expect((await scim('DELETE', `/scim/v2/Users/${id}`)).status).toBe(204);
    expect((await scim('GET', `/scim/v2/Users/${id}`)).status).toBe(404);
    // Who was deleted may come again.
    expect(idOf(await scim('POST', '/scim/v2/Users', entraUser('ana')))).toBe(id);
  });

  it('are one each: the second of a name is a conflict, in any case and also of people added by hand', async () => {
    await add('twin');
    for (const userName of ['twin@clinic.test', 'TWIN@clinic.test', 'admin@clinic.test']) {
      const again = await scim('POST', '/scim/v2/Users', { schemas: [USER], userName });
      expect(again.json).toMatchObject({ status: '409', scimType: 'uniqueness' });
    }
  });

  it('belong to their organisation: nobody of another, and no foreign domain', async () => {
    const ids = [other.administrator, '00000000-0000-4000-8000-000000000000', 'nonsense'];
    for (const id of ids) {
      for (const [method, body] of [
        ['GET', undefined],
        ['PUT', entraUser('x')],
        ['PATCH', patch({ op: 'replace', path: 'active', value: false })],
        ['DELETE', undefined],
      ] as const) {
        const answer = await scim(method, `/scim/v2/Users/${id}`, body);
        expect([method, id, answer.status]).toEqual([method, id, 404]);
      }
    }
    expect((await find('userName eq "admin@other.test"')).totalResults).toBe(0);
    const taken = await scim('POST', '/scim/v2/Users', { schemas: [USER], userName: 'admin@other.test' });
    expect(taken.json).toMatchObject({ status: '409', scimType: 'uniqueness' });
    const foreign = await scim('POST', '/scim/v2/Users', { schemas: [USER], userName: 'x@elsewhere.test' });
    expect(foreign.json).toMatchObject({ status: '400', scimType: 'invalidValue' });
    await stage.database.tenant([clinic.id], 'app', (tx) =>
      stage.access.provisioned.setFurtherDomains(tx, clinic.id, ['elsewhere.test']),
    );
    const allowed = await scim('POST', '/scim/v2/Users', { schemas: [USER], userName: 'x@elsewhere.test' });
    expect(allowed.status).toBe(201);
    const moved = await scim(
      ...(['PATCH', `/scim/v2/Users/${idOf(allowed)}`] as const),
      patch({ op: 'replace', path: 'userName', value: 'x@other.test' }),
    );
    expect(moved.json).toMatchObject({ status: '409' });
  });

  it('are found by every operator, and what is no filter is refused', async () => {
    const id = await add('filter');
    const mine = 'externalId eq "0a21f0f2-8d2a-4f8e-bf98-filter"';
    for (const [filter, found] of [
      [mine, 1],
      [mine.toUpperCase().replace('EXTERNALID EQ', 'externalId eq'), 0],
      [`id eq "${id}"`, 1],
      [`${USER}:userName eq "filter@clinic.test"`, 1],
      ['urn:other:User:userName eq "filter@clinic.test"', 0],
      ['userName sw "FILTER"', 1],
      ['userName ew "ter@clinic.test" and not (active eq false)', 1],
      ['emails[type eq "work" and value co "filter@"]', 1],
      ['emails[type eq "work"].value eq "filter@clinic.test"', 1],
      ['emails.value co "filter@"', 1],
      ['(name.givenName eq "filter" or name.givenName eq "nobody") and active eq "True"', 1],
      ['name.givenName eq "nobody" or name.givenName eq "filter" and externalId pr', 1],
      ['name.givenName eq "filter" and nickName pr', 0],
      ['userName eq "filter@clinic.test" and active ne true', 0],
      ['name.givenName eq "filter" and meta.created gt "2011-05-13T04:42:34Z"', 1],
      ['name.givenName eq "filter" and displayName eq null', 1],
    ] as const) {
      expect([filter, (await find(filter)).totalResults]).toEqual([filter, found]);
    }
    for (const bad of [
      ...[
        '',
        'userName',
        'userName is "x"',
        'userName eq x',
        '(userName pr',
        'userName pr and',
        'emails[type pr',
      ],
      ...['userName eq "x" userName', 'active gt true', `${'('.repeat(30)}userName pr${')'.repeat(30)}`],
      ...["userName eq 'x'", 'a.b.c pr', '"x" eq userName'],
    ]) {
      const answer = await scim('GET', `/scim/v2/Users?filter=${encodeURIComponent(bad)}`);
      expect([bad, answer.json]).toMatchObject([bad, { status: '400', scimType: 'invalidFilter' }]);
    }
  });

  it('come in pages, sorted, and with the attributes that were asked for', async () => {
    await Promise.all(['pageb', 'pagea', 'pagec'].map(add));
    const query = 'filter=userName%20sw%20%22page%22&sortBy=userName&attributes=userName,name.givenName';
    const first = await scim('GET', `/scim/v2/Users?${query}&startIndex=1&count=2`);
    expect(first.json).toMatchObject({ totalResults: 3, itemsPerPage: 2, startIndex: 1 });
    const [one] = listed.parse(first.json).Resources;
    expect(one).toEqual({
      ...{
        schemas: [USER],
        id: expect.any(String),
        userName: 'pagea@clinic.test',
        name: { givenName: 'pagea' },
      },
    });
    const last = await scim('GET', `/scim/v2/Users?${query}&sortOrder=descending&startIndex=3&count=-5`);
    expect(last.json).toMatchObject({ totalResults: 3, itemsPerPage: 0 });
    const search = await scim('POST', '/scim/v2/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      ...{ filter: 'userName sw "page"', excludedAttributes: ['emails', 'meta'], startIndex: 2, count: 1 },
    });
    expect(search.json).toMatchObject({ totalResults: 3, itemsPerPage: 1, startIndex: 2 });
    expect(search.text).not.toContain('emails');
    const all = await scim('GET', '/scim/v2/Users?count=2&startIndex=2');
    expect(all.json).toMatchObject({ itemsPerPage: 2, startIndex: 2 });
  });

  it('are changed by a version once only', async () => {
    const id = await add('etag');
    const path = `/scim/v2/Users/${id}`;
    const read = await scim('GET', path);
    const etag = String(read.headers.etag);
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    expect((await scim('GET', path, undefined, { 'if-none-match': etag })).status).toBe(304);
    const rename = patch({ op: 'replace', path: 'displayName', value: 'E' });
    expect((await scim('PATCH', path, rename, { 'if-match': etag })).status).toBe(200);
    const stale = patch({ op: 'replace', path: 'displayName', value: 'F' });
    expect((await scim('PATCH', path, stale, { 'if-match': etag })).json).toMatchObject({ status: '412' });
    expect((await scim('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
    expect((await scim('DELETE', path, undefined, { 'if-match': '*' })).status).toBe(204);
  });
});

describe('requests of Entra ID and Okta', () => {
  it('change parts: capitals, strings for booleans, paths with filters, values without a path', async () => {
    const id = await add('quirk');
    const path = `/scim/v2/Users/${id}`;
    const send = async (...operations: object[]) => {
      const answer = await scim('PATCH', path, patch(...operations));
      expect(answer.status, answer.text).toBe(200);
      return answer.json;
    };
    expect(
      await send(
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@clinic.test' },
        { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+15550100' },
        { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
        {
          op: 'Add',
          path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
          value: 'x',
        },
        { op: 'Add', path: 'title', value: 'Nurse' },
      ),
    ).toMatchObject({
      emails: [{ value: 'new@clinic.test', type: 'work', primary: true }],
      phoneNumbers: [{ value: '+15550100', type: 'mobile' }],
      name: { familyName: 'updatedFamilyName', givenName: 'quirk' },
    });
    expect(
      await send({
        ...{ op: 'replace' },
        value: { displayName: 'Q', 'name.givenName': 'Quirky', [`${USER}:locale`]: 'es-MX', id: 'x' },
      }),
    ).toMatchObject({ displayName: 'Q', locale: 'es-MX', name: { givenName: 'Quirky' }, id });
    expect(await send({ op: 'Replace', path: 'active', value: 'False' })).toMatchObject({ active: false });
    expect(await send({ op: 'replace', value: { active: true } })).toMatchObject({ active: true });
    const removed = await send({ op: 'remove', path: 'phoneNumbers[type eq "mobile"]' });
    expect(removed.phoneNumbers).toBeUndefined();
  });

  it('are refused where they would change what is fixed, or mean nothing', async () => {
    const path = `/scim/v2/Users/${await add('fixed')}`;
    for (const [operation, scimType] of [
      [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
      [{ op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
      [{ op: 'replace', path: 'nonsense', value: 'x' }, 'invalidPath'],
      [{ op: 'replace', path: 'emails[', value: 'x' }, 'invalidPath'],
      [{ op: 'remove' }, 'noTarget'],
      [{ op: 'replace', path: 'emails[value co "nobody"].value', value: 'x' }, 'noTarget'],
      [{ op: 'move', path: 'active' }, 'invalidSyntax'],
      [{ op: 'replace', path: 'active', value: 'maybe' }, 'invalidValue'],
      [{ op: 'remove', path: 'userName' }, 'invalidValue'],
      [{ op: 'replace', path: 'userName', value: 'no address' }, 'invalidValue'],
    ] as const) {
      const answer = await scim('PATCH', path, patch(operation));
      expect([operation, answer.json]).toMatchObject([operation, { status: '400', scimType }]);
    }
    for (const body of ['{', '[]', '"x"', '{"schemas":[]}', '{"__proto__":{"userName":"x"}}']) {
      expect((await scim('PATCH', path, body)).json).toMatchObject({
        status: '400',
        scimType: 'invalidSyntax',
      });
    }
    expect((await scim('POST', '/scim/v2/Users', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('keep groups: members added, removed by filter and by value, replaced, without reading them', async () => {
    const [ana, ben, cem] = [await add('g1'), await add('g2'), await add('g3')];
    const made = await scim('POST', '/scim/v2/Groups', {
      ...{
        schemas: [GROUP],
        externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
        displayName: 'Nurses',
        members: [],
      },
    });
    expect(made.status, made.text).toBe(201);
    const path = `/scim/v2/Groups/${idOf(made)}`;
    const members = async () => {
      const { json } = await scim('GET', path);
      return z
        .array(z.object({ value: z.string() }))
        .default([])
        .parse(json.members)
        .map(({ value }) => value);
    };
    const send = async (...operations: object[]) => {
      const answer = await scim('PATCH', path, patch(...operations));
      expect(answer.status, answer.text).toBe(200);
      return (await members()).sort();
    };
    const one = (id: string) => ({ $ref: null, value: id });
    expect(await send({ op: 'Add', path: 'members', value: [one(ana), one(ben)] })).toEqual(
      [ana, ben].sort(),
    );
    expect(await send({ op: 'remove', path: `members[value eq "${ana}"]` })).toEqual([ben]);
    expect(await send({ op: 'Remove', path: 'members', value: [one(ben)] })).toEqual([]);
    expect(
      await send({ op: 'replace', value: { id: 'x', displayName: 'Ward', members: [one(cem)] } }),
    ).toEqual([cem]);
    const short = await scim('GET', `${path}?excludedAttributes=members`);
    expect(short.json).toMatchObject({ displayName: 'Ward' });
    expect(short.json.members).toBeUndefined();
    expect(await find('displayName eq "ward"', 'Groups')).toMatchObject({ totalResults: 1 });
    expect(await find(`members.value eq "${cem}"`, 'Groups')).toMatchObject({ totalResults: 1 });
    const person = await scim('GET', `/scim/v2/Users/${cem}`);
    expect(person.json.groups).toMatchObject([{ value: idOf(made), display: 'Ward', type: 'direct' }]);
    // A small message must not ask for hours of work: every organisation waits for the same processor.
    const filter = Array.from({ length: 95 }, (_, at) => `value eq "${at}"`).join(' or ');
    const crowd = Array.from({ length: 200_000 }, (_, at) => ({ value: `x${at}` }));
    const costly = patch(
      { op: 'replace', path: 'members', value: crowd },
      { op: 'remove', path: `members[${filter}]` },
    );
    expect((await scim('PATCH', path, costly)).json).toMatchObject({ status: '400', scimType: 'tooMany' });
    const stranger = patch({ op: 'add', path: 'members', value: [{ value: other.administrator }] });
    expect((await scim('PATCH', path, stranger)).json).toMatchObject({
      status: '400',
      scimType: 'invalidValue',
    });
    const again = await scim('POST', '/scim/v2/Groups', { schemas: [GROUP], displayName: 'WARD' });
    expect(again.json).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect((await stage.send(other.key, 'GET', path)).status).toBe(404);
    expect(new SCIMMY.Schemas.Group((await scim('GET', path)).json as never, 'out').displayName).toBe('Ward');
    expect((await scim('DELETE', path)).status).toBe(204);
    expect((await scim('GET', path)).status).toBe(404);
  });
});

describe('who is ended', () => {
  it.each(['active', 'delete'] as const)('loses session, keys and roles at once (%s)', async (how) => {
    const id = await add(`gone-${how}`);
    // A key gives no more than its maker may do now.
    await stage.world.ports.database.tenant([clinic.id], 'app', (tx) =>
      tx.execute({
        text: "update sealpost.membership set roles = '{sender}' where organisation = $1 and identity = $2",
        values: [clinic.id, id],
      }),
    );
    const { token } = await stage.session(clinic.id, id);
    const key = await stage.key(clinic.id, id, ['messages:send']);
    const user = key.split('_')[1] ?? '';
    expect(await stage.access.sessions.authenticate(token)).not.toBeNull();
    expect(await stage.access.authenticateApiKey(key, null)).not.toBeNull();
    expect(await stage.access.authenticateSmtp(user, key, null)).not.toBeNull();
    const path = `/scim/v2/Users/${id}`;
    const off = patch({ op: 'Replace', path: 'active', value: 'False' });
    const done = how === 'active' ? await scim('PATCH', path, off) : await scim('DELETE', path);
    expect(done.status).toBeLessThan(300);
    expect(await stage.access.sessions.authenticate(token)).toBeNull();
    expect(await stage.access.authenticateApiKey(key, null)).toBeNull();
    expect(await stage.access.authenticateSmtp(user, key, null)).toBeNull();
    const reasons = stage.world.entries.filter(({ subjects }) => subjects.some((one) => one.id === id));
    expect(reasons.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['provisioning.user-added', 'session.ended', 'provisioning.user-ended']),
    );
    if (how === 'delete') return;
    const back = await scim('PATCH', path, patch({ op: 'replace', value: { active: true } }));
    expect(back.json).toMatchObject({ active: true });
    expect(await stage.access.sessions.authenticate(token)).toBeNull();
    expect(await stage.access.authenticateApiKey(key, null)).toBeNull();
    const again = await stage.session(clinic.id, id);
    expect((await stage.access.sessions.authenticate(again.token))?.permissions.size).toBe(0);
  });

  it('keeps its address while it administers: a leaked key could else give it that of another account', async () => {
    const path = `/scim/v2/Users/${clinic.administrator}`;
    const before = (await scim('GET', path)).json;
    const move = patch({ op: 'replace', path: 'userName', value: 'ordinary.account@clinic.test' });
    expect((await scim('PATCH', path, move)).json).toMatchObject({ status: '403', scimType: 'mutability' });
    expect((await scim('GET', path)).json).toMatchObject({
      userName: (before as { userName: string }).userName,
    });
    const title = patch({ op: 'replace', path: 'title', value: 'Head of IT' });
    expect((await scim('PATCH', path, title)).status).toBe(200);
  });

  it('is never the last administrator', async () => {
    const off = patch({ op: 'replace', path: 'active', value: false });
    const last = await scim('PATCH', `/scim/v2/Users/${clinic.administrator}`, off);
    expect(last.json).toMatchObject({ status: '403', scimType: 'mutability' });
    const deleted = await scim('DELETE', `/scim/v2/Users/${clinic.administrator}`);
    expect(deleted.json).toMatchObject({ status: '403' });
  });

  it('is never the last administrator, also where another connection ends the other one in that moment', async () => {
    const place = await stage.organisation('twins');
    const twin = await stage.database.tenant([place.id], 'app', async (tx) => {
      const address = { local: 'twin', domain: 'twins.test' };
      const member = { address, displayName: 'Twin', roles: ['administrator'] as const };
      return (await stage.access.members.add(tx, place.id, member, null, from)).identity;
    });
    const actor = { kind: 'system', component: 'test' } as const;
    const hand = { organisation: place.id, source: 'ldap:x', actor, from };
    const second = await stage.database.tenant([place.id], 'app', async (tx) => {
      await stage.access.provisioned.end(tx, hand, twin, 'directory');
      const path = `/scim/v2/Users/${place.administrator}`;
      const other = stage.send(await stage.key(place.id, null, ['provisioning:sync']), 'DELETE', path);
      // Time enough to be answered, if it did not wait for us.
      await new Promise((resolve) => setTimeout(resolve, 150));
      return { other };
    });
    expect((await second.other).json).toMatchObject({ status: '403', scimType: 'mutability' });
  });

  it('is never the last administrator, also where the role was assigned', async () => {
    const place = await stage.organisation('assigned');
    await stage.database.tenant([place.id], 'app', async (tx) => {
      const roles = { roles: ['administrator'], groups: [] };
      await stage.access.provided.sync(tx, place.id, place.administrator, 'sso:x', roles, from);
      await tx.execute({
        text: "update sealpost.membership set roles = '{}' where organisation = $1 and identity = $2",
        values: [place.id, place.administrator],
      });
    });
    const deleted = await stage.send(place.key, 'DELETE', `/scim/v2/Users/${place.administrator}`);
    expect(deleted.json).toMatchObject({ status: '403', scimType: 'mutability' });
  });

  it('stands in no clear text: names, addresses and external ids are sealed', async () => {
    await scim('POST', '/scim/v2/Users', entraUser('canaryperson'));
    const { connectOwner } = await import('../../platform/database/owner-connection.ts');
    const owner = await connectOwner(stage.world.superuserUrl);
    try {
      const rows = await owner.query('select t::text as row from sealpost.provisioned_person t');
      expect(JSON.stringify(rows)).toContain(clinic.id);
      expect(JSON.stringify(rows)).not.toContain('canaryperson');
      expect(JSON.stringify(rows)).not.toContain(Buffer.from('canaryperson').toString('hex'));
    } finally {
      await owner.close();
    }
    expect(JSON.stringify(stage.world.entries)).not.toMatch(/canaryperson|@clinic\.test/);
  });
});
