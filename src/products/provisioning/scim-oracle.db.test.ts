// The same filters and patches by another hand: SCIMMY, a public implementation of RFC 7643 and 7644, says what a client may expect.
import SCIMMY from 'scimmy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scimRoutes } from './scim/scim-routes.ts';
import { openStage, type Stage } from './test-kit.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let stage: Stage;
let key = '';
const people = new Map<string, string>();
const document = z.record(z.string(), z.json());

beforeAll(async () => {
  stage = await openStage((world, access) =>
    scimRoutes({
      database: world.ports.database,
      people: access.provisioned,
      groups: access.provisionedGroups,
      address: () => 'https://sealpost.test/',
    }),
  );
  ({ key } = await stage.organisation('clinic'));
  // Lower case throughout: SCIMMY tells cases apart where the schema does not.
  const rows = [
    ['ana', { name: { givenName: 'ana', familyName: 'smith' }, active: true, externalId: 'x-1' }],
    ['ben', { name: { givenName: 'ben', familyName: 'smithson' }, active: false, externalId: 'x-2' }],
    ['cleo', { name: { givenName: 'cleo', familyName: 'jones' }, active: true, displayName: 'dr. cleo' }],
    ['dan', { active: true, displayName: 'dan', emails: [{ value: 'dan@clinic.test', type: 'work' }] }],
    ['eva', { active: false, phoneNumbers: [{ value: '+34600000001', type: 'work' }] }],
  ] as const;
  for (const [name, more] of rows) {
    const body = { schemas: [USER], userName: `${name}@clinic.test`, ...more };
    const made = await stage.send(key, 'POST', '/scim/v2/Users', body);
    expect(made.status, made.text).toBe(201);
    people.set(name, z.string().parse(made.json.id));
  }
});
afterAll(() => stage.close());

async function all(query = '') {
  const answer = await stage.send(key, 'GET', `/scim/v2/Users${query}`);
  expect(answer.status, answer.text).toBe(200);
  return z.array(document).parse(answer.json.Resources);
}
const namesOf = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  rows.map(({ userName }) => String(userName)).sort();

describe('what a public implementation expects', () => {
  it.each([
    'userName eq "ana@clinic.test"',
    'userName ne "ana@clinic.test"',
    'userName sw "b"',
    'userName ew "n@clinic.test"',
    'name.familyName co "smith"',
    'name.familyName eq "smith" or name.familyName eq "jones"',
    'name.familyName sw "smith" and active eq true',
    'not (active eq true)',
    'externalId pr',
    'not (externalId pr)',
    'externalId eq "x-2"',
    'displayName pr and not (displayName sw "dr.")',
    'active eq true and (name.givenName eq "ana" or name.givenName eq "cleo")',
    'active eq true and name.givenName eq "ana" or name.givenName eq "ben"',
    'userName gt "b" and userName lt "d"',
    'userName ge "dan@clinic.test"',
    'emails[type eq "work"]',
    'emails.type eq "work"',
    'phoneNumbers.value sw "+34"',
  ])('of the filter %s', async (filter) => {
    const everybody = (await all()).filter(({ userName }) => !String(userName).startsWith('admin'));
    // It stumbles over a value that is not there where the filter asks for a part of it.
    const filled = everybody.map((one) => ({ name: {}, emails: [], phoneNumbers: [], ...one }));
    const theirs = new SCIMMY.Types.Filter(filter).match(filled as never[]);
    const ours = await all(`?filter=${encodeURIComponent(filter)}`);
    expect(namesOf(ours.filter(({ userName }) => !String(userName).startsWith('admin')))).toEqual(
      namesOf(theirs),
    );
    // Neither everybody nor nobody: a filter that is not looked at would do for those.
    expect(theirs.length).toBeGreaterThan(0);
    expect(theirs.length).toBeLessThan(everybody.length);
  });

  it.each([
    ['one value', [{ op: 'replace', path: 'displayName', value: 'ana the first' }]],
    ['a part of a value', [{ op: 'replace', path: 'name.familyName', value: 'miller' }]],
    ['values without a path', [{ op: 'add', value: { displayName: 'second', locale: 'es' } }]],
    ['a removal', [{ op: 'remove', path: 'displayName' }]],
    [
      'several, in their order',
      [
        { op: 'add', path: 'displayName', value: 'third' },
        { op: 'replace', path: 'name', value: { givenName: 'anna', familyName: 'smith' } },
        { op: 'remove', path: 'locale' },
      ],
    ],
    [
      'a value in a list',
      [{ op: 'add', path: 'phoneNumbers', value: [{ value: '+34600000009', type: 'work' }] }],
    ],
    [
      'what is picked by a filter',
      [{ op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '+34600000010' }],
    ],
  ] as const)('of a change of %s', async (_name, operations) => {
    const path = `/scim/v2/Users/${people.get('ana') ?? ''}`;
    const before = (await stage.send(key, 'GET', path)).json;
    const message = { schemas: [PATCH], Operations: [...operations] };
    const theirs = await new SCIMMY.Messages.PatchOp(message as never).apply(
      new SCIMMY.Schemas.User(before as never, 'both') as never,
    );
    const answer = await stage.send(key, 'PATCH', path, message);
    expect(answer.status, answer.text).toBe(200);
    // It says of what is not the primary one that it is not; we do not.
    const plain = (resource: unknown) => {
      const {
        meta: _meta,
        schemas: _schemas,
        ...rest
      } = document.parse(
        JSON.parse(JSON.stringify(resource, (name, value) => (name === 'primary' ? undefined : value))),
      );
      return rest;
    };
    expect(theirs).toBeDefined();
    expect(plain(answer.json)).toEqual(plain(theirs));
  });
});
