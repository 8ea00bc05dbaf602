import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#platform/runtime';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { USUAL_SIGN_IN } from './sign-in-policy.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  from,
  openAccessStage,
  ownerOf,
  PARTY,
  PASSPHRASE,
  refusal,
  refused,
} from './test-kit.ts';

let stage: AccessStage;
let access: AccessStage['access'];

beforeAll(async () => {
  stage = await openAccessStage();
  ({ access } = stage);
});
afterAll(() => stage.world.close());
beforeEach(() => {
  stage.world.entries.length = 0;
  stage.world.notices.length = 0;
});

const DAY = 86_400;
const actions = () => stage.world.entries.map(({ action }) => action);
const told = () =>
  stage.world.notices.map(({ body }) => (body.kind === 'account-changed' ? body.change : body.kind));

describe('the rule of an organisation', () => {
  const change = (person: Enrolled, rule: Partial<typeof USUAL_SIGN_IN>) =>
    access.signInRules.change(callerOf(person), { ...USUAL_SIGN_IN, ...rule });

  it('lets the first administrator in with an app for fourteen days, and shows until when', async () => {
    const person = await stage.enrol(['administrator']);
    const { demanded, dueBy } = await access.account.read(ownerOf(person));
    expect(demanded).toBe('phishing-resistant');
    const days = ((dueBy?.getTime() ?? 0) - stage.world.clock.now().getTime()) / 86_400_000;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThanOrEqual(14.001);
    expect(await stage.byTotp(person)).toMatchObject({ kind: 'session' });
  });

  it('then leads to a passkey on the way in, and to no session before it stands', async () => {
    const person = await stage.enrol(['administrator']);
    stage.world.clock.advance(14 * DAY + 60);
    stage.world.entries.length = 0;
    const outcome = await stage.byTotp(person);
    if (outcome.kind !== 'enrol') throw new Error('let in');
    expect(outcome.due.demanded).toBe('phishing-resistant');
    expect(actions()).not.toContain('session.started');
    const { ceremony } = outcome.due;
    const key = new Authenticator();
    const { challenge } = await access.signInEnrolment.passkeyOptions(ceremony, PARTY);
    const made = { ceremony, label: 'Key', agent: undefined };
    const wrong = key.register(challenge, 'https://evil.test', PARTY.id);
    const refusedOne = access.signInEnrolment.withPasskey({ ...made, response: wrong }, PARTY, from);
    await expect(refusedOne).rejects.toEqual(refusal('not-authenticated'));
    const response = key.register(challenge, PARTY.origin, PARTY.id);
    const started = await access.signInEnrolment.withPasskey({ ...made, response }, PARTY, from);
    expect((await access.sessions.authenticate(started.token))?.session.factors).toEqual([
      ...['passphrase', 'totp', 'passkey', 'user-verified', 'device-bound'],
    ]);
    expect(actions()).toEqual(['factor.added', 'session.started']);
    expect(told()).toEqual(['factor-added']);
    expect(await stage.byPasskey(person, key)).toMatchObject({ kind: 'session' });
  });

  it('asks for a new passphrase on the way in where none may be older, and for no other proof than was shown', async () => {
    const person = await stage.enrol(['sender']);
    const live = await stage.signIn(person);
    stage.world.clock.advance(40 * DAY);
    expect(await stage.byTotp(person)).toMatchObject({ kind: 'session' });
    await change(person, { passphrase: { ...USUAL_SIGN_IN.passphrase, maxAgeDays: 39 } });
    stage.world.entries.length = 0;
    const outcome = await stage.byTotp(person);
    if (outcome.kind !== 'enrol') throw new Error('let in');
    expect(outcome.due).toMatchObject({ due: 'passphrase', demanded: 'any' });
    expect(actions()).toEqual([]);
    const { ceremony } = outcome.due;
    const renew = (passphrase: string) =>
      access.renewPassphrase({ ceremony, passphrase, agent: undefined }, from);
    await expect(renew(PASSPHRASE)).rejects.toEqual(refused('invalid', 'same'));
    await expect(renew('short')).rejects.toEqual(refusal('invalid'));
    expect(await renew('copper lantern parade')).toMatchObject({ kind: 'session' });
    await expect(renew('another lantern parade')).rejects.toEqual(refusal('gone'));
    expect(await access.sessions.authenticate(live.token)).toBeNull();
    expect(actions()).toEqual(['session.ended', 'passphrase.changed', 'session.started']);
    expect(told()).toEqual(['passphrase-changed']);
    await expect(stage.begin(person)).rejects.toEqual(refusal('not-authenticated'));
  });

  it('asks nobody for a new passphrase who does not use it, and nobody who shows too little', async () => {
    const person = await stage.enrol(['administrator']);
    const key = await stage.addPasskey(person);
    stage.world.clock.advance(40 * DAY);
    await change(person, { passphrase: { ...USUAL_SIGN_IN.passphrase, maxAgeDays: 30 } });
    expect(await stage.byPasskeyAlone(key)).toMatchObject({ kind: 'session' });
    await expect(stage.byTotp(person)).rejects.toEqual(refusal('not-authenticated'));
    const outcome = await stage.byPasskey(person, key);
    expect(outcome).toMatchObject({ kind: 'enrol', due: { due: 'passphrase' } });
    // No way around by a session that is started or moved otherwise.
    const { organisation, identity } = person;
    const started = stage.world.ports.database.tenant([organisation], 'app', (tx) =>
      access.sessions.start(
        tx,
        { identity, organisation, factors: ['passphrase', 'passkey'], agent: undefined },
        from,
      ),
    );
    await expect(started).rejects.toEqual(refused('wrong-state', 'passphrase-too-old'));
  });

  it('asks senders for no more than an app', async () => {
    const person = await stage.enrol(['sender']);
    stage.world.clock.advance(90 * DAY);
    expect(await stage.byTotp(person)).toMatchObject({ kind: 'session' });
  });

  it('gives no grace to who came later', async () => {
    const administrator = await stage.enrol();
    const { organisation } = administrator;
    const address = { local: `late.${newId()}`, domain: 'clinic.test' };
    const { identity } = await stage.world.ports.database.tenant([organisation], 'app', (tx) => {
      const member = { address, displayName: 'Late', roles: ['administrator'] } as const;
      return access.members.add(tx, organisation, member, callerOf(administrator), from);
    });
    expect(await access.signInRules.firstFactors(organisation, identity)).toEqual(['passkey']);
    const start = (factors: readonly string[]) =>
      stage.world.ports.database.tenant([organisation], 'app', (tx) =>
        access.sessions.start(tx, { identity, organisation, factors, agent: undefined }, from),
      );
    await expect(start(['passphrase', 'totp'])).rejects.toEqual(refused('wrong-state', 'factor-demanded'));
    expect(await start(['passphrase', 'passkey'])).toMatchObject({ identity });
  });

  it('begins the grace anew when it demands more, and only then', async () => {
    const person = await stage.enrol(['sender']);
    const sender = { ...person };
    stage.world.clock.advance(60 * DAY);
    const first = await change(person, { graceDays: 20 });
    const raised = await change(person, { everyone: 'phishing-resistant', graceDays: 20 });
    expect(first.demandedSince.getTime()).toBeLessThan(raised.demandedSince.getTime() - 59 * DAY * 1000);
    expect(await stage.byTotp(sender)).toMatchObject({ kind: 'session' });
    stage.world.clock.advance(20 * DAY);
    expect(await stage.byTotp(sender)).toMatchObject({ kind: 'enrol' });
    expect(
      stage.world.entries.find(({ action }) => action === 'sign-in-policy.changed')?.details,
    ).toMatchObject({
      everyone: 'any',
      raised: false,
    });
  });

  it('takes only keys that stay in their device where that is demanded', async () => {
    const person = await stage.enrol(['sender']);
    const synced = await stage.addPasskey(person, true);
    await change(person, { roles: [{ role: 'sender', level: 'device-bound' }], graceDays: 0 });
    const outcome = await stage.byPasskey(person, synced);
    if (outcome.kind !== 'enrol') throw new Error('let in');
    const { ceremony, demanded } = outcome.due;
    expect(demanded).toBe('device-bound');
    const options = await access.signInEnrolment.passkeyOptions(ceremony, PARTY);
    expect(options.authenticatorSelection).toMatchObject({ authenticatorAttachment: 'cross-platform' });
    const made = (key: Authenticator) => ({
      ...{ ceremony, label: 'Key', agent: undefined },
      response: key.register(options.challenge, PARTY.origin, PARTY.id),
    });
    const cloud = new Authenticator();
    cloud.synced = true;
    const no = access.signInEnrolment.withPasskey(made(cloud), PARTY, from);
    await expect(no).rejects.toEqual(refused('invalid', 'synced-passkey'));
    const hardware = new Authenticator();
    await access.signInEnrolment.withPasskey(made(hardware), PARTY, from);
    // Now that such a key is held, the synced one is no way in any more.
    await expect(stage.byPasskey(person, synced)).rejects.toEqual(refusal('not-authenticated'));
    expect(await stage.byPasskeyAlone(hardware)).toMatchObject({ kind: 'session' });
  });

  it('is asked at the door of every organisation, not only of the first', async () => {
    const [home, other] = [await stage.enrol(['sender']), await stage.enrol()];
    await stage.world.ports.database.tenant([other.organisation], 'app', (tx) =>
      access.members.add(
        tx,
        other.organisation,
        { address: home.address, displayName: 'x', roles: ['administrator'], founder: callerOf(home).actor },
        null,
        from,
      ),
    );
    const { id } = await stage.signIn(home);
    const move = () => access.sessions.switchTo(callerOf(home), id, home.identity, other.organisation);
    await expect(move()).rejects.toEqual(refused('wrong-state', 'factor-demanded'));
    const key = await stage.addPasskey(home);
    const outcome = await stage.byPasskeyAlone(key);
    if (outcome.kind !== 'session') throw new Error('no session');
    const moved = access.sessions.switchTo(
      callerOf(home),
      outcome.started.id,
      home.identity,
      other.organisation,
    );
    await expect(moved).resolves.toEqual(expect.any(String));
  });

  it('lets short passphrases be used only beside a list of breached ones', async () => {
    const person = await stage.enrol();
    const passphrase = { ...USUAL_SIGN_IN.passphrase, minimum: 8 };
    await expect(change(person, { passphrase })).rejects.toEqual(
      refused('wrong-state', 'needs-breached-list'),
    );
    await change(person, {
      passphrase: { ...USUAL_SIGN_IN.passphrase, minimum: 20, mixture: true },
    });
    const set = (text: string) =>
      access.account.changePassphrase(ownerOf(person), { old: PASSPHRASE, passphrase: text });
    await expect(set('copper lantern parad')).rejects.toEqual(refused('invalid', 'mixture'));
    await expect(set('Copper lantern 7')).rejects.toEqual(refused('invalid', 'too-short'));
    await set('Copper lantern parade 7');
  });
});

describe('what is open in who may come in', () => {
  it('is people without the factor that their role demands, whatever way the role came', async () => {
    const person = await stage.enrol(['administrator']);
    const { organisation } = person;
    const weak = () => access.gaps.weakFactors(organisation);
    expect(await weak()).toBe(1);
    const administrator = callerOf(person);
    const colleague = await colleagueOf(person, ['sender']);
    expect(await weak()).toBe(1);
    const { id } = await access.groups.create(administrator, 'Office');
    await access.groups.addMember(administrator, id, colleague);
    const given = {
      subject: { kind: 'group', id },
      role: 'it-administrator',
      scope: null,
      expiresAt: null,
    } as const;
    await access.assignments.assign(administrator, given);
    expect(await weak()).toBe(2);
    // What a boundary takes from the role is not demanded of its holder.
    await access.rights.setBoundary(administrator, colleague, ['messages:send']);
    expect(await weak()).toBe(1);
    await access.rights.setBoundary(administrator, colleague, null);
    await access.signInRules.change(administrator, { ...USUAL_SIGN_IN, administrators: 'any' });
    expect(await weak()).toBe(0);
    const roles = [{ role: 'it-administrator', level: 'phishing-resistant' }] as const;
    await access.signInRules.change(administrator, {
      ...USUAL_SIGN_IN,
      administrators: 'any',
      roles: [...roles],
    });
    expect(await weak()).toBe(1);
    await stage.addPasskey(person);
    expect(await weak()).toBe(1);
    await access.signInRules.change(administrator, USUAL_SIGN_IN);
    expect(await weak()).toBe(1);
  });

  it('is accounts that nobody used for so long, but not those who came since', async () => {
    const person = await stage.enrol(['administrator']);
    const { organisation } = person;
    const unused = () => access.gaps.unused(organisation, 90);
    await colleagueOf(person, ['sender']);
    // The database has a clock of its own.
    await stage.world.ports.database.tenant([organisation], 'app', (tx) =>
      tx.execute({
        text: 'update sealpost.membership set created_at = $2 where organisation = $1',
        values: [organisation, stage.world.clock.now()],
      }),
    );
    expect(await unused()).toBe(0);
    stage.world.clock.advance(89 * DAY);
    expect(await unused()).toBe(0);
    stage.world.clock.advance(3 * DAY);
    expect(await unused()).toBe(2);
    access.uses.note(callerOf(person), 'members:read');
    await access.uses.flush();
    expect(await unused()).toBe(1);
  });
});

/** A further member with a passphrase and no factor. */
async function colleagueOf(person: Enrolled, roles: readonly string[]) {
  const { organisation } = person;
  const address = { local: `c.${newId()}`, domain: 'clinic.test' };
  return stage.world.ports.database.tenant([organisation], 'app', async (tx) => {
    const member = { address, displayName: 'Colleague', roles: roles as [] };
    const { identity } = await access.members.add(tx, organisation, member, callerOf(person), from);
    await tx.execute({
      text: `update sealpost.identity set passphrase_hash = 'hash' where id = $1`,
      values: [identity],
    });
    return identity;
  });
}
