// A directory kept in step: with OpenLDAP's own server, and with pictures that a test makes for what goes wrong.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import type { IdentityId } from '#core/ids';
import { NOTHING_KEPT } from '#platform/access';
import { escapeFilterValue, FilterBroken, LdapFailed, readFilterText } from '#platform/keyring';
import { type Slapd, slapdPresent, startSlapd } from '../../../test/support/slapd.ts';
import { loopback } from '../../platform/keyring/ldap/directory-fixture.ts';
import {
  askForPass,
  confirmRun,
  listConnections,
  listRuns,
  readRun,
  removeConnection,
  saveConnection,
} from './directory/connections.ts';
import { type DirectoryPicture, readDirectory } from './directory/read-directory.ts';
import type { ConnectionSettings, SealedSettings } from './directory/settings.ts';
import { type SyncPorts, syncDue } from './directory/sync.ts';
import { openStage, type Stage } from './test-kit.ts';

const BASE = 'dc=clinic,dc=test';
const READER = `cn=sealpost,${BASE}`;
const PASSWORD = 'grüne Wiese';

let stage: Stage;
let clinic: Awaited<ReturnType<Stage['organisation']>>;
let caller: Caller;
let ports: SyncPorts;

beforeAll(async () => {
  stage = await openStage(() => []);
  clinic = await stage.organisation('clinic');
  caller = stage.callerOf(clinic.id, clinic.administrator);
  ports = {
    ...stage.world.ports,
    people: stage.access.provisioned,
    groups: stage.access.provisionedGroups,
    network: () => loopback(),
  };
});
afterAll(() => stage.close());

const settings: ConnectionSettings = {
  ...{ name: 'Clinic', host: 'ldap.clinic.test', port: 636, security: 'ldaps', authorities: '' },
  bindDn: READER,
  people: {
    ...{ base: `ou=people,${BASE}`, filter: '(objectClass=inetOrgPerson)' },
    attributes: {
      ...{ id: 'entryUUID', userName: 'mail', displayName: 'displayName', givenName: 'givenName' },
      ...{ familyName: 'sn', phone: 'telephoneNumber', disabled: 'none' },
    },
  },
  groups: {
    ...{ base: `ou=groups,${BASE}`, filter: '(objectClass=groupOfNames)', id: 'entryUUID', name: 'cn' },
    ...{ membership: 'member', primaryGroup: false },
  },
};

function entriesOf(): string {
  const person = (name: string, unit: string, mail = `${name}@clinic.test`) =>
    [
      ...[`dn: uid=${name},ou=${unit},${BASE}`, 'objectClass: inetOrgPerson', `uid: ${name}`, `cn: ${name}`],
      ...[`sn: ${name}`, `givenName: Given`, `displayName: Given ${name}`, `mail: ${mail}`],
    ].join('\n');
  const password = Buffer.from(PASSWORD).toString('base64');
  return [
    `dn: ${BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Clinic\ndc: clinic`,
    `dn: ${READER}\nobjectClass: person\ncn: sealpost\nsn: s\nuserPassword:: ${password}`,
    ...['people', 'many', 'groups'].map(
      (ou) => `dn: ou=${ou},${BASE}\nobjectClass: organizationalUnit\nou: ${ou}`,
    ),
    ...['erika', 'otto', 'mia'].map((name) => person(name, 'people')),
    person('foreign', 'people', 'foreign@elsewhere.test'),
    ...Array.from({ length: 1_203 }, (_, at) => person(`many${at}`, 'many')),
    [
      ...[`dn: cn=Nurses,ou=groups,${BASE}`, 'objectClass: groupOfNames', 'cn: Nurses'],
      ...[`member: uid=erika,ou=people,${BASE}`, `member: UID=otto, OU=people, ${BASE}`],
    ].join('\n'),
    [
      ...[`dn: cn=posix,ou=groups,${BASE}`, 'objectClass: posixGroup', 'cn: posix', 'gidNumber: 7'],
      ...['memberUid: mia', 'memberUid: nobody'],
    ].join('\n'),
  ].join('\n\n');
}

describe('OpenLDAP', () => {
  let slapd: Slapd | null = null;
  beforeAll(async () => {
    if (slapdPresent)
      slapd = await startSlapd({
        ...{ base: BASE, reader: READER, entries: entriesOf() },
        more: ['sizelimit size.soft=100 size.hard=100 size.pr=600 size.prtotal=unlimited'],
      });
  });
  afterAll(() => slapd?.stop());
  beforeEach((context) => {
    if (!slapdPresent) context.skip('slapd (OpenLDAP) is not installed here');
  });

  const sealed = (more: Partial<SealedSettings> = {}): SealedSettings => ({
    ...{ ...settings, authorities: slapd?.authority ?? '', port: slapd?.ports.ldaps ?? 0 },
    ...{ password: PASSWORD, identity: null, ...more },
  });

  it('is read as a whole, in pages, beyond what it gives at once', async () => {
    const people = { ...settings.people, base: `ou=many,${BASE}` };
    const picture = await readDirectory(sealed({ people, groups: null }), loopback());
    expect(picture).toMatchObject({ unusable: 0, groups: null });
    expect(new Set(picture.people.map(({ externalId }) => externalId)).size).toBe(1_203);
    const small = { ...people, filter: '(&(uid=many12*)(!(uid=*3)))' };
    expect((await readDirectory(sealed({ people: small, groups: null }), loopback())).people).toHaveLength(
      13,
    );
  });

  it.each(['ldaps', 'starttls'] as const)('names who is in which group (%s)', async (security) => {
    const port = slapd?.ports[security] ?? 0;
    const picture = await readDirectory(sealed({ security, port }), loopback());
    const names = new Map(picture.people.map((one) => [one.externalId, one.userName.local]));
    expect(picture.people.find(({ userName }) => userName.local === 'erika')).toMatchObject({
      ...{ displayName: 'Given erika', familyName: 'erika', active: true },
    });
    const shown = (found: DirectoryPicture) =>
      found.groups?.map(({ name, members }) => [name, members.map((one) => names.get(one)).sort()]);
    expect(shown(picture)).toEqual([['Nurses', ['erika', 'otto']]]);
    const groups = {
      ...{ base: `ou=groups,${BASE}`, filter: 'objectClass=posixGroup', id: 'cn', name: 'cn' },
      ...{ membership: 'memberUid' as const, primaryGroup: false },
    };
    expect(shown(await readDirectory(sealed({ groups }), loopback()))).toEqual([['posix', ['mia']]]);
  });

  it.each([
    ['credentials-refused', { password: 'wrong' }],
    ['base-not-found', { people: { ...settings.people, base: 'ou=nowhere,dc=clinic,dc=test' } }],
    ['certificate-untrusted', { authorities: '' }],
    ['certificate-wrong-name', { host: 'other.clinic.test' }],
  ] as const)('fails as a whole where it cannot be read: %s', async (code, more) => {
    await expect(readDirectory(sealed(more), loopback())).rejects.toEqual(new LdapFailed(code));
  });

  it('fills an organisation: a plan first, then people and groups; nothing of it stands in clear', async () => {
    const { authority = '', ports: at } = slapd ?? {};
    const here = { ...settings, authorities: authority, port: at?.ldaps ?? 0 };
    const rule = { enabled: true, everyMinutes: 1, guardPercent: 10, guardLeast: 5 };
    const secrets = { password: PASSWORD };
    const made = await saveConnection(ports, caller, null, { settings: here, secrets, rule });
    await askForPass(ports, caller, made.id, true);
    await syncDue(ports);
    const [planned] = await listRuns(ports, caller, made.id);
    expect(planned).toMatchObject({ state: 'planned', counts: { people: 4, add: 4, end: 0, groups: 1 } });
    const { lines } = await readRun(ports, caller, planned?.id ?? '');
    expect(lines).toContainEqual({ kind: 'add', address: 'erika@clinic.test' });
    expect(await addressesHere()).not.toContain('erika@clinic.test');
    await askForPass(ports, caller, made.id, false);
    await syncDue(ports);
    const [done] = await listRuns(ports, caller, made.id);
    // Whoever has an address elsewhere is refused; everybody else is here.
    expect(done).toMatchObject({ state: 'finished', reason: 'foreign-domain', counts: { refused: 1 } });
    expect(await addressesHere()).toEqual(
      expect.arrayContaining(['erika@clinic.test', 'otto@clinic.test', 'mia@clinic.test']),
    );
    const [group] = await stage.access.groupRoles.list(caller);
    expect(group).toMatchObject({ name: 'Nurses', members: 2, source: `ldap:${made.id}` });
    stage.world.clock.advance(60);
    await syncDue(ports);
    const [again] = await listRuns(ports, caller, made.id);
    expect(again).toMatchObject({ state: 'finished', counts: { add: 1, change: 0, same: 3 } });
    expect(JSON.stringify(stage.world.entries)).not.toMatch(/erika|grüne/);
    await removeConnection(ports, caller, made.id);
    expect(await addressesHere()).toContain('erika@clinic.test');
    expect(await stage.access.groupRoles.list(caller)).toEqual([]);
  });
});

async function everybody() {
  return stage.database.tenant([clinic.id], 'app', (tx) =>
    stage.access.provisioned.page(tx, clinic.id, 0, 1_000),
  );
}
async function addressesHere() {
  return (await everybody()).map(({ record }) => `${record.userName.local}@${record.userName.domain}`);
}

const said = (name: string, more: object = {}): DirectoryPicture['people'][number] => ({
  ...{ ...NOTHING_KEPT, externalId: `id-${name}`, userName: { local: name, domain: 'clinic.test' } },
  ...{ active: true, ...more },
});

describe('a pass', () => {
  let id = '';
  const names = Array.from({ length: 12 }, (_, at) => `staff${at}`);
  const groups = [{ externalId: 'g', name: 'Staff', members: ['id-staff0', 'id-staff1'] }];
  const whole: DirectoryPicture = { people: names.map((name) => said(name)), groups, unusable: 0 };

  async function pass(picture: DirectoryPicture | Error) {
    stage.world.clock.advance(61);
    const read = async () => {
      if (picture instanceof Error) throw picture;
      return picture;
    };
    await syncDue({ ...ports, read });
    const [run] = await listRuns(ports, caller, id);
    return run;
  }
  const idOf = async (name: string): Promise<IdentityId> => {
    const found = (await everybody()).find(({ record }) => record.userName.local === name);
    if (found === undefined) throw new Error(name);
    return found.id;
  };

  beforeAll(async () => {
    const rule = { enabled: true, everyMinutes: 1, guardPercent: 10, guardLeast: 5 };
    const made = await saveConnection(ports, caller, null, { settings, secrets: { password: 'x' }, rule });
    id = made.id;
    expect(await pass(whole)).toMatchObject({ state: 'finished', done: 12, total: 12 });
  });

  it('ends who left and who was disabled, with their session at once, and takes them up again', async () => {
    const [left, disabled] = [await idOf('staff0'), await idOf('staff1')];
    const sessions = [await stage.session(clinic.id, left), await stage.session(clinic.id, disabled)];
    const people = whole.people
      .filter(({ userName }) => userName.local !== 'staff0')
      .map((one) => (one.userName.local === 'staff1' ? { ...one, active: false } : one));
    expect(await pass({ ...whole, people })).toMatchObject({ state: 'finished', counts: { end: 2 } });
    for (const { token } of sessions) expect(await stage.access.sessions.authenticate(token)).toBeNull();
    expect(await addressesHere()).not.toContain('staff0@clinic.test');
    expect(await pass(whole)).toMatchObject({ state: 'finished', counts: { add: 1, change: 1 } });
    const fresh = await stage.session(clinic.id, left);
    expect(await stage.access.sessions.authenticate(fresh.token)).not.toBeNull();
  });

  it('that would end too many waits for somebody’s word, which holds for these people alone', async () => {
    const few = { ...whole, people: whole.people.slice(0, 5) };
    const stopped = await pass(few);
    expect(stopped).toMatchObject({ state: 'stopped', reason: 'too-many-ended', counts: { end: 7 } });
    expect(await addressesHere()).toContain('staff11@clinic.test');
    expect(stage.world.entries.at(-1)).toMatchObject({
      ...{ action: 'provisioning.sync-stopped', result: 'failed', details: { reason: 'too-many-ended' } },
    });
    const before = stage.world.entries.length;
    const second = await pass(few);
    expect(second?.state).toBe('stopped');
    // The same again is no news: an alarm rings once.
    expect(stage.world.entries).toHaveLength(before);
    await expect(confirmRun(ports, caller, stopped?.id ?? '')).rejects.toMatchObject({ code: 'wrong-state' });
    await confirmRun(ports, caller, second?.id ?? '');
    const fewer = { ...whole, people: whole.people.slice(0, 4) };
    expect(await pass(fewer)).toMatchObject({ state: 'stopped' });
    expect(await pass(few)).toMatchObject({ state: 'finished', counts: { end: 7 } });
    expect(await addressesHere()).not.toContain('staff11@clinic.test');
    expect(await pass(whole)).toMatchObject({ state: 'finished', counts: { add: 7 } });
  });

  it.each([
    ['nobody-found', { ...whole, people: [] }],
    ['no-groups-found', { ...whole, groups: [] }],
  ] as const)('of a directory that went empty stops: %s', async (reason, picture) => {
    expect(await pass(picture)).toMatchObject({ state: 'stopped', reason });
    expect(await addressesHere()).toContain('staff3@clinic.test');
  });

  it('that cannot read changes nothing, says why once, and goes on where it was', async () => {
    expect(await pass(new LdapFailed('credentials-refused'))).toMatchObject({
      ...{ state: 'failed', reason: 'credentials-refused' },
    });
    expect(await addressesHere()).toContain('staff3@clinic.test');
    // A fault in the middle: what was done stays done, and the next pass does the rest.
    const more = { ...whole, people: [...whole.people, said('late1'), said('late2')] };
    const { add } = ports.people;
    let calls = 0;
    const people = {
      ...ports.people,
      add: (...given: Parameters<typeof add>) => {
        calls += 1;
        return calls === 2 ? Promise.reject(new Error('power')) : add(...given);
      },
    };
    stage.world.clock.advance(61);
    await expect(syncDue({ ...ports, people, read: async () => more })).rejects.toThrow('power');
    expect(await addressesHere()).toContain('late1@clinic.test');
    expect(await pass(more)).toMatchObject({ state: 'finished', counts: { add: 1, end: 0 } });
    expect(await pass(whole)).toMatchObject({ state: 'finished', counts: { end: 2 } });
  });

  it('takes over who was added by hand, and nobody whom another directory keeps', async () => {
    const people = [...whole.people, said('admin', { displayName: 'From directory' })];
    expect(await pass({ ...whole, people })).toMatchObject({ counts: { change: 1 } });
    const person = await stage.access.members.person(clinic.administrator);
    expect(person?.displayName).toBe('From directory');
    // Even a confirmed plan does not end the last administrator.
    expect(await pass(whole)).toMatchObject({ reason: 'last-administrator', counts: { refused: 1 } });
    const hand = {
      ...{ organisation: clinic.id, source: 'scim:default', actor: caller.actor, from: caller },
    };
    await stage.database.tenant([clinic.id], 'app', (tx) =>
      stage.access.provisioned.add(tx, hand, { ...said('theirs'), externalId: 'other' }),
    );
    const both = { ...whole, people: [...people, said('theirs', { active: false })] };
    expect(await pass(both)).toMatchObject({ counts: { kept: 1, end: 0 } });
    expect(await addressesHere()).toContain('theirs@clinic.test');
  });

  it('is pointed elsewhere only by who holds what its groups give', async () => {
    const group = { externalId: 'chiefs', name: 'Chiefs', members: [] };
    await pass({ ...whole, groups: [group] });
    const given = await stage.access.groupRoles.list(caller);
    const chiefs = given.find(({ name }) => name === 'Chiefs')?.id ?? '';
    await stage.access.groupRoles.set(caller, chiefs, [{ role: 'administrator', scope: null }]);
    const technician = await stage.database.tenant([clinic.id], 'app', (tx) =>
      stage.access.members.add(
        tx,
        clinic.id,
        {
          ...{ address: { local: 'technician', domain: 'clinic.test' }, displayName: 'T' },
          roles: ['it-administrator'],
        },
        null,
        caller,
      ),
    );
    const weaker = stage.callerOf(clinic.id, technician.identity, ['sign-in:write', 'sign-in:read']);
    const elsewhere = {
      settings: { ...settings, host: 'ldap.attacker.test' },
      secrets: { password: 'theirs' },
      rule: { enabled: true, everyMinutes: 60, guardPercent: 10, guardLeast: 5 },
    };
    await expect(saveConnection(ports, weaker, id, elsewhere)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    await expect(removeConnection(ports, weaker, id)).rejects.toMatchObject({ code: 'not-permitted' });
    await stage.access.groupRoles.set(caller, chiefs, []);
    await expect(
      saveConnection(ports, weaker, id, { ...elsewhere, settings, secrets: { password: PASSWORD } }),
    ).resolves.toMatchObject({ id });
    await stage.access.members.remove(caller, technician.identity);
  });

  it('is made by one process at a time, and only when its time has come', async () => {
    let reads = 0;
    const read = async () => {
      reads += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return whole;
    };
    stage.world.clock.advance(61);
    await Promise.all([syncDue({ ...ports, read }), syncDue({ ...ports, read })]);
    expect(reads).toBe(1);
    await syncDue({ ...ports, read });
    expect(reads).toBe(1);
    await askForPass(ports, caller, null, false);
    await syncDue({ ...ports, read });
    expect(reads).toBe(2);
  });

  it('keeps its secrets to itself: no view shows them, and another server is not shown them', async () => {
    const [shown] = await listConnections(ports, caller);
    expect(shown).toMatchObject({ hasPassword: true, hasCertificate: false });
    expect(JSON.stringify(shown)).not.toContain('"password"');
    const moved = { ...settings, host: 'evil.test' };
    const rule = { enabled: true, everyMinutes: 1, guardPercent: 10, guardLeast: 5 };
    await expect(
      saveConnection(ports, caller, id, { settings: moved, secrets: {}, rule }),
    ).rejects.toMatchObject({ code: 'invalid' });
    const other = await stage.organisation('other');
    const stranger = stage.callerOf(other.id, other.administrator);
    for (const act of [
      () => askForPass(ports, stranger, id, true),
      () => removeConnection(ports, stranger, id),
      () => listRuns(ports, stranger, id),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('filters', () => {
  it('are read as they are written, and values in them stay values', () => {
    expect(readFilterText('(cn=a)').toString('hex')).toBe('a3070402636e040161');
    expect(readFilterText('mail=*')).toEqual(Buffer.concat([Buffer.from([0x87, 4]), Buffer.from('mail')]));
    expect(readFilterText('(&(a=b)(|(c=d*e)(!(f>=1))))')[0]).toBe(0xa0);
    expect(readFilterText('(m:1.2.840.113556.1.4.1941:=cn=x,dc=y)')[0]).toBe(0xa9);
    const evil = 'x)(objectClass=*\\\0ü';
    const wanted = Buffer.from(evil);
    expect(readFilterText(`(cn=${escapeFilterValue(evil)})`).includes(wanted)).toBe(true);
    for (const bad of ['', '(', '(cn)', '(cn=a', '(cn=a))', '()', '(&)', '(=a)', '(cn=\\g0)', '(cn=a**b)'])
      expect(() => readFilterText(bad), bad).toThrow(FilterBroken);
  });
});
