import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import { INSTALLATION } from '#core/ids';
import { hashPassphrase } from './passphrase-hash.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  from,
  openAccessStage,
  PASSPHRASE,
  refusal,
} from './test-kit.ts';

let world: AccessStage['world'];
let access: AccessStage['access'];
let enrol: AccessStage['enrol'];
let signIn: AccessStage['signIn'];
let codeOf: AccessStage['codeOf'];

beforeAll(async () => {
  ({ world, access, enrol, signIn, codeOf } = await openAccessStage());
});
afterAll(() => world.close());
beforeEach(() => {
  world.entries.length = 0;
  world.audit.fails = false;
});

const enrolledElsewhere = expect.objectContaining({
  name: 'Refusal',
  code: 'already-exists',
  parameters: { reason: 'enrolled-elsewhere' },
});

describe('sign-in', () => {
  it('goes from passphrase to session, and what is stored is neither token nor address', async () => {
    const person = await enrol();
    const started = await signIn(person);
    const live = await access.sessions.authenticate(started.token);
    expect(live).toMatchObject({
      organisation: person.organisation,
      session: { factors: ['passphrase', 'totp'] },
    });
    expect(world.entries.at(-1)).toMatchObject({
      action: 'session.started',
      organisation: person.organisation,
    });
    expect((await access.members.person(person.identity))?.address).toBe(
      `${person.address.local}@clinic.test`,
    );
    const rows = await world.ports.database.system('app', (tx) =>
      tx.query<{ line: string }>({
        text: `select s::text as line from sealpost.session s union all select i::text from sealpost.identity i
               union all select c::text from sealpost.ceremony c union all select f::text from sealpost.factor f`,
      }),
    );
    const stored = rows.map((row) => row.line).join();
    for (const secret of [
      started.token,
      person.address.local,
      'Person',
      person.secret,
      ...person.recoveryCodes,
    ]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('answers a wrong passphrase and an unknown address alike, and records both', async () => {
    const person = await enrol();
    const wrong = access.signIn.begin({ address: person.address, passphrase: 'something else' }, from);
    await expect(wrong).rejects.toEqual(refusal('not-authenticated'));
    const nobody = { local: 'nobody', domain: 'clinic.test' };
    const unknown = access.signIn.begin({ address: nobody, passphrase: PASSPHRASE }, from);
    await expect(unknown).rejects.toEqual(refusal('not-authenticated'));
    expect(world.entries.map((entry) => [entry.action, entry.organisation, entry.details.reason])).toEqual([
      ['member.added', person.organisation, undefined],
      ['session.refused', person.organisation, 'passphrase'],
      ['session.refused', INSTALLATION, 'passphrase'],
    ]);
  });

  it('takes a code once, even when two requests send it at the same moment', async () => {
    const person = await enrol();
    world.clock.advance(60);
    const code = codeOf(person.secret);
    const begin = () => access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);
    const tickets = [await begin(), await begin()];
    const results = await Promise.allSettled(
      tickets.map(({ ceremony }) => access.signIn.withTotp({ ceremony, code, agent: undefined }, from)),
    );
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const later = await begin();
    const replay = access.signIn.withTotp({ ceremony: later.ceremony, code, agent: undefined }, from);
    await expect(replay).rejects.toEqual(refusal('not-authenticated'));
  });

  it('uses a recovery code up, and a ceremony as well', async () => {
    const person = await enrol();
    const [code = ''] = person.recoveryCodes;
    const begin = () => access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);
    const { ceremony, factors } = await begin();
    expect(factors).toEqual(['totp', 'recovery-code']);
    const typed = { ceremony, code: code.toUpperCase().replaceAll('-', ' '), agent: undefined };
    await access.signIn.withRecoveryCode(typed, from);
    await expect(access.signIn.withRecoveryCode(typed, from)).rejects.toEqual(refusal('gone'));
    const again = { ...typed, ceremony: (await begin()).ceremony };
    await expect(access.signIn.withRecoveryCode(again, from)).rejects.toEqual(refusal('not-authenticated'));
  });

  it('slows guessing of an account down with growing delays, whether it exists or not', async () => {
    const person = await enrol();
    for (const address of [person.address, { local: 'ghost', domain: 'clinic.test' }]) {
      const waits: number[] = [];
      for (let n = 0; n < 40; n += 1) {
        const elsewhere = { ...from, origin: { ...from.origin, address: `203.0.113.${n}` } };
        const error: unknown = await access.signIn
          .begin({ address, passphrase: 'wrong wrong wrong' }, elsewhere)
          .catch((reason: unknown) => reason);
        const wait =
          error !== null && typeof error === 'object' && 'parameters' in error ? error.parameters : {};
        if (wait !== null && typeof wait === 'object' && 'retryAfter' in wait) {
          waits.push(Number(wait.retryAfter));
          world.clock.advance(Number(wait.retryAfter));
        }
        if (waits.length === 6) break;
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32]);
    }
    // The right passphrase waits like everybody, and a success forgets the failures.
    world.clock.advance(3600);
    await signIn(person);
    for (let n = 0; n < 4; n += 1) {
      const wrong = access.signIn.begin({ address: person.address, passphrase: 'wrong wrong wrong' }, from);
      await expect(wrong).rejects.toEqual(refusal('not-authenticated'));
    }
  });

  it('counts tries that run at the same time', async () => {
    const person = await enrol();
    const tries = Array.from({ length: 12 }, () =>
      access.signIn.begin({ address: person.address, passphrase: 'wrong wrong wrong' }, from).then(
        () => 'in',
        (error: { code: string }) => error.code,
      ),
    );
    const codes = await Promise.all(tries);
    expect(codes.filter((code) => code === 'not-authenticated')).toHaveLength(5);
    expect(codes.filter((code) => code === 'too-many-requests')).toHaveLength(7);
  });

  it('does not happen when the audit cannot be written', async () => {
    const person = await enrol();
    world.clock.advance(60);
    const { ceremony } = await access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);
    world.audit.fails = true;
    const request = { ceremony, code: codeOf(person.secret), agent: undefined };
    await expect(access.signIn.withTotp(request, from)).rejects.toThrow('audit');
    world.audit.fails = false;
    expect(await access.sessions.list(person.identity)).toEqual([]);
    await access.signIn.withTotp(request, from);
    expect(await access.sessions.list(person.identity)).toHaveLength(1);
  });
});

describe('sessions', () => {
  const used = { permission: null, stepUp: false, active: true };
  async function use(token: string): Promise<boolean> {
    const live = await access.sessions.authenticate(token);
    if (live !== null) await access.sessions.use(live, used, from);
    return live !== null;
  }

  it('end when idle for 30 minutes, after 12 hours, and when told to; for administrators sooner', async () => {
    const person = await enrol(['sender']);
    const idle = await signIn(person);
    world.clock.advance(29 * 60);
    expect(await use(idle.token)).toBe(true);
    world.clock.advance(31 * 60);
    expect(await use(idle.token)).toBe(false);

    const long = await signIn(person);
    for (let n = 0; n < 47; n += 1) {
      world.clock.advance(15 * 60);
      expect(await use(long.token)).toBe(true);
    }
    world.clock.advance(16 * 60);
    expect(await use(long.token)).toBe(false);

    const administrator = await enrol();
    const strict = await signIn(administrator);
    world.clock.advance(16 * 60);
    expect(await use(strict.token)).toBe(false);
    const shorter = await signIn(administrator);
    for (let n = 0; n < 47; n += 1) {
      world.clock.advance(10 * 60);
      expect(await use(shorter.token)).toBe(true);
    }
    world.clock.advance(11 * 60);
    expect(await use(shorter.token)).toBe(false);
  });

  it('are not kept awake by a page that nobody sits at, nor by requests that were not proven', async () => {
    const person = await enrol(['sender']);
    const { token } = await signIn(person);
    for (let n = 0; n < 3; n += 1) {
      world.clock.advance(9 * 60);
      const live = await access.sessions.authenticate(token);
      if (live !== null)
        await access.sessions.use(live, { permission: null, stepUp: false, active: false }, from);
      expect(live).not.toBeNull();
    }
    world.clock.advance(4 * 60);
    expect(await access.sessions.authenticate(token)).toBeNull();
  });

  it('end when told to', async () => {
    const person = await enrol();
    const told = await signIn(person);
    expect(await access.sessions.authenticate(told.token)).not.toBeNull();
    expect(await access.sessions.list(person.identity)).toHaveLength(1);
    const other = await enrol();
    await expect(access.sessions.end(callerOf(other), other.identity, told.id)).rejects.toEqual(
      refusal('not-found'),
    );
    await access.sessions.end(callerOf(person), person.identity, told.id);
    expect(await access.sessions.authenticate(told.token)).toBeNull();
  });

  it('of somebody else are ended one by one, where they work in the organisation of who ends them', async () => {
    const person = await enrol();
    const [told, left] = [await signIn(person), await signIn(person)];
    const stranger = await enrol();
    await expect(access.sessions.endOther(callerOf(stranger), person.identity, told.id)).rejects.toEqual(
      refusal('not-found'),
    );
    await access.sessions.endOther(callerOf(person), person.identity, told.id);
    expect(await access.sessions.authenticate(told.token)).toBeNull();
    expect(await access.sessions.authenticate(left.token)).not.toBeNull();
    await expect(access.sessions.endOther(callerOf(person), person.identity, told.id)).rejects.toEqual(
      refusal('not-found'),
    );
    expect(world.entries.at(-1)).toMatchObject({
      ...{ action: 'session.ended', details: { sessions: 1, reason: 'administrator' } },
      subjects: [
        { kind: 'session', id: told.id },
        { kind: 'identity', id: person.identity },
      ],
    });
  });

  it('lose an ended membership within seconds', async () => {
    const administrator = await enrol();
    const person = await enrol(['sender']);
    const { database } = world.ports;
    await database.tenant([administrator.organisation], 'app', (tx) =>
      access.members.add(
        tx,
        administrator.organisation,
        { address: person.address, displayName: 'x', roles: ['sender'], founder: callerOf(person).actor },
        null,
        from,
      ),
    );
    const started = await signIn(person);
    const mine = callerOf(person);
    const moved = await access.sessions.switchTo(
      mine,
      started.id,
      person.identity,
      administrator.organisation,
    );
    expect((await access.sessions.authenticate(moved))?.organisation).toBe(administrator.organisation);
    expect(await access.sessions.authenticate(started.token)).toBeNull();
    await access.members.remove(callerOf(administrator), person.identity);
    world.clock.advance(3);
    expect(await access.sessions.authenticate(moved)).toBeNull();
    const stranger = access.sessions.switchTo(mine, started.id, person.identity, administrator.organisation);
    await expect(stranger).rejects.toEqual(refusal('not-found'));
  });

  it('does not hand out an invitation for a person whom another organisation has invited', async () => {
    const [ours, theirs] = [await enrol(), await enrol()];
    const address = { local: 'new.nurse', domain: 'clinic.test' };
    const nurse = { address, displayName: 'Nurse', roles: ['sender'] } as const;
    const add = (by: Enrolled) =>
      world.ports.database.tenant([by.organisation], 'app', (tx) =>
        access.members.add(tx, by.organisation, nurse, callerOf(by), from),
      );
    const { identity, needsInvitation } = await add(ours);
    expect(needsInvitation).toBe(true);
    await expect(add(theirs)).rejects.toEqual(enrolledElsewhere);
    // Their own organisation may end the membership and take it up again.
    await access.members.remove(callerOf(ours), identity);
    expect((await add(ours)).identity).toBe(identity);
  });

  it('joins nobody to a further organisation without their asking for it', async () => {
    const [ours, theirs, third] = [await enrol(), await enrol(), await enrol()];
    const { organisation } = theirs;
    const add = (by: Caller | null, founder?: Enrolled) =>
      world.ports.database.tenant([organisation], 'app', (tx) => {
        const founding = founder === undefined ? {} : { founder: callerOf(founder).actor };
        const member = { address: ours.address, displayName: 'x', roles: ['sender'], ...founding } as const;
        return access.members.add(tx, organisation, member, by, from);
      });
    world.entries.length = 0;
    await expect(add(callerOf(theirs))).rejects.toEqual(enrolledElsewhere);
    await expect(add(null)).rejects.toEqual(enrolledElsewhere);
    await expect(add(null, third)).rejects.toEqual(enrolledElsewhere);
    expect(world.entries).toEqual([]);
    expect(await access.members.personIn(organisation, ours.identity)).toBeUndefined();
    expect(await access.members.organisationsOf(ours.identity)).toEqual([ours.organisation]);

    expect(await add(null, ours)).toEqual({ identity: ours.identity, needsInvitation: false });
    await expect(add(callerOf(theirs))).rejects.toEqual(
      expect.objectContaining({ code: 'already-exists', parameters: {} }),
    );
    // Gone, they are taken up again only by themselves, as they belong elsewhere too.
    await access.members.remove(callerOf(theirs), ours.identity);
    await expect(add(callerOf(theirs))).rejects.toEqual(enrolledElsewhere);
  });

  it('leaves addresses on a sending domain to the organisation that owns it', async () => {
    const [ours, theirs] = [await enrol(), await enrol()];
    const domain = 'owned.test';
    await world.ports.database.tenant([ours.organisation], 'app', (tx) =>
      access.organisations.addDomain(tx, ours.organisation, domain),
    );
    const add = (by: Enrolled, local: string, caller: Caller | null) =>
      world.ports.database.tenant([by.organisation], 'app', (tx) => {
        const member = { address: { local, domain }, displayName: 'x', roles: ['sender'] } as const;
        return access.members.add(tx, by.organisation, member, caller, from);
      });
    await expect(add(theirs, 'chief', callerOf(theirs))).rejects.toEqual(enrolledElsewhere);
    await expect(add(theirs, 'chief', null)).rejects.toEqual(enrolledElsewhere);
    // Nothing was left behind that would stand in the owner's way.
    expect((await add(ours, 'chief', callerOf(ours))).needsInvitation).toBe(true);
  });

  it('gives an address that two organisations invite at once to one of them', async () => {
    const both = [await enrol(), await enrol()];
    const address = { local: 'wanted.by.two', domain: 'clinic.test' };
    const outcomes = await Promise.allSettled(
      both.map((by) =>
        world.ports.database.tenant([by.organisation], 'app', async (tx) => {
          const member = { address, displayName: 'x', roles: ['sender'] } as const;
          const added = await access.members.add(tx, by.organisation, member, callerOf(by), from);
          await new Promise((resolve) => setTimeout(resolve, 200));
          return added;
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: enrolledElsewhere });
  });

  it('gives nobody a second passphrase by an invitation', async () => {
    const person = await enrol();
    const again = world.ports.database.tenant([person.organisation], 'app', async (tx) =>
      access.members.setPassphrase(tx, person.identity, await hashPassphrase('copper lantern parade')),
    );
    await expect(again).rejects.toEqual(refusal('gone'));
    expect((await signIn(person)).identity).toBe(person.identity);
  });

  it('names people only where they belong', async () => {
    const [ours, theirs] = [await enrol(), await enrol()];
    expect((await access.members.personIn(ours.organisation, ours.identity))?.displayName).toBe('Person');
    expect(await access.members.personIn(theirs.organisation, ours.identity)).toBeUndefined();
  });
});
