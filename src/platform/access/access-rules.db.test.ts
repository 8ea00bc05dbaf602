import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import { makeProver } from '../../../test/support/prover.ts';
import { changeRules, readRules, replayRules } from './access-rules.ts';
import { changeSettings, USUAL_SETTINGS } from './session-settings.ts';
import { USUAL_SIGN_IN } from './sign-in-policy.ts';
import { listSignIns } from './sign-in-record.store.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  openAccessStage,
  PARTY,
  PASSPHRASE,
  refusal,
} from './test-kit.ts';

let stage: AccessStage;

beforeAll(async () => {
  stage = await openAccessStage();
});
afterAll(async () => {
  await stage.world.close();
});

const home = makeProver().key;
const ID = '01980000-0000-7000-8000-000000000001';
type Rules = Parameters<typeof changeRules>[2]['rules'];
const rule = (more: Partial<Rules[number]>): Rules[number] => ({
  id: ID,
  name: 'Only from the clinic',
  mode: 'enforce',
  effect: 'deny',
  when: {},
  ...more,
});
const outside = { networks: { except: true, list: ['192.0.2.0/24'] } };

function fromPlace(address: string, key: string | null = home): Pick<Caller, 'origin' | 'request'> {
  const browser = { key, agent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', posture: null };
  return { origin: { address, channel: 'console', browser }, request: 'r' };
}

async function signIn(person: Enrolled, address = '192.0.2.1', key: string | null = home) {
  const { access, codeOf, world } = stage;
  world.clock.advance(60);
  const from = fromPlace(address, key);
  const { ceremony } = await access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);
  const agent = from.origin.browser?.agent;
  const outcome = await access.signIn.withTotp({ ceremony, code: codeOf(person.secret), agent }, from);
  if (outcome.kind !== 'session') throw new Error('a stronger factor is demanded of this person');
  return outcome.started;
}

async function put(person: Enrolled, rules: Rules): Promise<void> {
  const { database } = stage.world.ports;
  const { version } = await database.tenant([person.organisation], 'app', (tx) =>
    readRules(tx, person.organisation),
  );
  const change = { version, rules, confirm: true, standing: null };
  await changeRules(stage.world.ports, callerOf(person), change);
  stage.world.clock.advance(3);
}

async function use(token: string, address = '192.0.2.1', permission: 'messages:read' | null = null) {
  const live = await stage.access.sessions.authenticate(token);
  if (live === null) return 'ended';
  const how = { permission, stepUp: false, active: true };
  return stage.access.sessions.use(live, how, fromPlace(address)).then(
    () => 'in',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'fault'),
  );
}

const last = () => stage.world.entries.at(-1);

describe('access rules', () => {
  it('are judged at sign-in: a denied one is on record and no session', async () => {
    const person = await stage.enrol();
    await put(person, [rule({ when: outside })]);
    const denied = await signIn(person, '198.51.100.7');
    expect(denied.denied).toBe(true);
    expect(last()).toMatchObject({ action: 'session.denied', result: 'refused' });
    expect(await use(denied.token)).toBe('ended');
    const good = await signIn(person);
    expect([good.denied, await use(good.token)]).toEqual([false, 'in']);
  });

  it('are judged at each request, so that a session taken elsewhere stops there', async () => {
    const person = await stage.enrol();
    const { token } = await signIn(person);
    expect(await use(token, '198.51.100.7')).toBe('in');
    await put(person, [rule({ when: outside, mode: 'dry-run' })]);
    expect(await use(token, '198.51.100.7')).toBe('in');
    await put(person, [rule({ when: outside })]);
    expect(await use(token, '198.51.100.7')).toBe('not-permitted');
    expect(last()).toMatchObject({ action: 'session.denied', details: { reason: ID } });
    const before = stage.world.entries.length;
    for (let n = 0; n < 10; n += 1) await use(token, '198.51.100.7');
    expect(stage.world.entries).toHaveLength(before);
    expect(await use(token)).toBe('in');
  });

  it('are confirmed by what the organisation demands, where the person has it: a code that was phished brings in no key', async () => {
    const person = await stage.enrol();
    const { id } = await signIn(person);
    const stepping = { caller: callerOf(person), session: { id, identity: person.identity } };
    const { stepUp } = stage.access;
    expect(await stepUp.factors(stepping)).toEqual(['totp']);
    const key = await stage.addPasskey(person);
    expect(await stepUp.factors(stepping)).toEqual(['passkey']);
    stage.world.clock.advance(60);
    const code = stage.codeOf(person.secret);
    await expect(stepUp.withTotp(stepping, code)).rejects.toEqual(refusal('not-authenticated'));
    const { ceremony, options } = await stepUp.passkeyOptions(stepping, PARTY);
    const response = key.answer(options.challenge, PARTY.origin, PARTY.id);
    expect(await stepUp.withPasskey(stepping, { ceremony, response }, PARTY)).toMatch(/^[\w-]{43}$/);
    // Where an app is as good, either is asked for.
    await stage.access.signInRules.change(callerOf(person), { ...USUAL_SIGN_IN, administrators: 'any' });
    expect(await stepUp.factors(stepping)).toEqual(['passkey', 'totp']);
  });

  it('ask for a fresh factor where they say so, and leave the way to prove it open', async () => {
    const person = await stage.enrol();
    await put(person, [rule({ effect: 'step-up', when: { permissions: ['messages:read'] } })]);
    const { token, id } = await signIn(person);
    expect(await use(token, '192.0.2.1', 'messages:read')).toBe('in');
    stage.world.clock.advance(11 * 60);
    expect(await use(token, '192.0.2.1', 'messages:read')).toBe('step-up-required');
    expect(await use(token)).toBe('in');
    const caller = callerOf(person);
    const stepping = { caller, session: { id, identity: person.identity } };
    await expect(stage.access.stepUp.withTotp(stepping, '000000')).rejects.toEqual(
      refusal('not-authenticated'),
    );
    expect(last()).toMatchObject({ action: 'session.step-up-refused' });
    const code = stage.codeOf(person.secret);
    const fresh = await stage.access.stepUp.withTotp(stepping, code);
    expect(last()).toMatchObject({ action: 'session.stepped-up', details: { factor: 'totp' } });
    // The session goes on under a new token: a copy of the old cookie is worth nothing.
    expect([await use(token), await use(fresh, '192.0.2.1', 'messages:read')]).toEqual(['ended', 'in']);
    await expect(stage.access.stepUp.withTotp(stepping, code)).rejects.toEqual(refusal('not-authenticated'));
  });

  it('are not saved where they would lock out who saves them, unless that is confirmed', async () => {
    const person = await stage.enrol();
    const { token } = await signIn(person);
    const live = await stage.access.sessions.authenticate(token);
    const standing = live?.session.standing ?? null;
    const elsewhere = { networks: { except: true, list: ['203.0.113.0/24'] } };
    const change = { version: 0, rules: [rule({ when: elsewhere })], confirm: false, standing };
    const save = (more: object) => changeRules(stage.world.ports, callerOf(person), { ...change, ...more });
    await expect(save({})).rejects.toEqual(refusal('wrong-state'));
    await expect(save({ rules: [rule({ when: { permissions: ['access-rules:write'] } })] })).rejects.toEqual(
      refusal('wrong-state'),
    );
    expect(await save({ rules: [rule({ when: outside })] })).toBe(1);
    await expect(save({ rules: [] })).rejects.toEqual(refusal('version-conflict'));
    expect(await save({ version: 1, confirm: true })).toBe(2);
  });

  it('know a device again and whether it is trusted, and reckon what is unlike before', async () => {
    const person = await stage.enrol();
    const caller = callerOf(person);
    await signIn(person);
    await signIn(person);
    expect(last()).toMatchObject({ action: 'session.started', details: { risk: 0, points: '' } });
    await signIn(person, '198.51.100.7', makeProver().key);
    expect(last()).toMatchObject({ details: { risk: 50, points: 'new-device new-network' } });
    const devices = await stage.access.devices.list(caller, person.identity);
    expect(devices.map(({ agent, trusted }) => [agent, trusted])).toEqual([
      ['Firefox, Linux', false],
      ['Firefox, Linux', false],
    ]);
    const [, known] = devices;
    await stage.access.devices.change(caller, known?.id ?? '', { name: 'Reception', trusted: true });
    await put(person, [rule({ when: { device: 'not-trusted' } })]);
    expect((await signIn(person)).denied).toBe(false);
    expect((await signIn(person, '192.0.2.1', makeProver().key)).denied).toBe(true);
    await stage.access.devices.remove(caller, known?.id ?? '');
    expect((await signIn(person)).denied).toBe(true);
    const stranger = await stage.enrol();
    await expect(stage.access.devices.remove(callerOf(stranger), devices[0]?.id ?? '')).rejects.toEqual(
      refusal('not-found'),
    );
  });

  it('are tried on past sign-ins', async () => {
    // No administrator: of one, a passkey is demanded when the days of grace are over.
    const person = await stage.enrol(['sender']);
    await signIn(person);
    await signIn(person, '198.51.100.7');
    const { ports } = stage.world;
    const trial = [rule({ when: outside, mode: 'dry-run' })];
    const { signIns, changed } = await replayRules(ports, person.organisation, trial, 30);
    expect([signIns, changed.map(({ was, wouldBe }) => `${was} ${wouldBe}`)]).toEqual([2, ['allow deny']]);
    expect(changed[0]?.rules).toEqual(['Only from the clinic']);
    // What is kept is dropped after 90 days.
    stage.world.clock.advance(91 * 86_400);
    await signIn(person);
    const kept = await ports.database.tenant([person.organisation], 'app', (tx) =>
      listSignIns(tx, person.organisation, null, new Date(0), 10),
    );
    expect(kept).toHaveLength(1);
  });
});

describe('session settings', () => {
  it('shorten running sessions, and end the oldest where there are too many', async () => {
    const person = await stage.enrol(['sender']);
    const first = await signIn(person);
    const second = await signIn(person);
    const timeOuts = { usual: { idleMinutes: 2, absoluteHours: 1 }, roles: [] };
    await changeSettings(stage.world.ports, callerOf(person), {
      ...USUAL_SETTINGS,
      sessionLimit: 2,
      timeOuts,
    });
    const third = await signIn(person);
    expect(last()).toMatchObject({ action: 'session.ended', details: { sessions: 1, reason: 'limit' } });
    stage.world.clock.advance(3);
    expect([await use(first.token), await use(second.token), await use(third.token)]).toEqual([
      'ended',
      'in',
      'in',
    ]);
    stage.world.clock.advance(121);
    expect(await use(second.token)).toBe('ended');
  });

  it('let a session without a key be bound to one, once and only at its beginning', async () => {
    const person = await stage.enrol(['sender']);
    const started = await signIn(person, '192.0.2.1', null);
    const bind = (key: string) =>
      stage.access.sessions.bind({ ...callerOf(person), ...fromPlace('192.0.2.1') }, started.id, key);
    expect((await stage.access.sessions.authenticate(started.token))?.session.proofKey).toBeNull();
    await expect(bind('nonsense')).rejects.toEqual(refusal('invalid'));
    await bind(home);
    expect(last()).toMatchObject({ action: 'session.bound' });
    expect((await stage.access.sessions.authenticate(started.token))?.session.proofKey).not.toBeNull();
    await expect(bind(makeProver().key)).rejects.toEqual(refusal('wrong-state'));
    const late = await signIn(person, '192.0.2.1', null);
    stage.world.clock.advance(61);
    await expect(
      stage.access.sessions.bind({ ...callerOf(person), ...fromPlace('192.0.2.1') }, late.id, home),
    ).rejects.toEqual(refusal('wrong-state'));
  });
});
