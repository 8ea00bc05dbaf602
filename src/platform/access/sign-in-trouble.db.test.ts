import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeProver } from '../../../test/support/prover.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  from,
  openAccessStage,
  PASSPHRASE,
  refusal,
} from './test-kit.ts';

let stage: AccessStage;
let access: AccessStage['access'];

beforeAll(async () => {
  stage = await openAccessStage();
  ({ access } = stage);
});
afterAll(() => stage.world.close());
beforeEach(async () => {
  stage.world.clock.advance(2 * 86_400);
  await access.tellTrouble();
  stage.world.notices.length = 0;
});

const NO = refusal('not-authenticated');
const told = () =>
  stage.world.notices.flatMap(({ body, to }) =>
    body.kind === 'sign-in-noticed' ? [`${to.local} ${body.what}`] : [],
  );

async function failPassphrase(person: Pick<Enrolled, 'address'>, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    stage.world.clock.advance(900);
    const { address } = person;
    await expect(access.signIn.begin({ address, passphrase: 'wrong one here' }, from)).rejects.toEqual(NO);
  }
}

it('tells of failed tries from the fifth of a day on, once, and nobody for an address that nobody has', async () => {
  const person = await stage.enrol();
  await failPassphrase(person, 4);
  expect(await access.tellTrouble()).toBe(0);
  await failPassphrase({ address: { local: 'nobody', domain: 'clinic.test' } }, 6);
  await failPassphrase(person, 1);
  // The request itself mails nothing: its time would tell who exists.
  expect(told()).toEqual([]);
  const both = await Promise.all([access.tellTrouble(), access.tellTrouble()]);
  expect(both.toSorted()).toEqual([0, 1]);
  expect(told()).toEqual([`${person.address.local} failed-tries`]);
  await failPassphrase(person, 6);
  expect(await access.tellTrouble()).toBe(0);
  stage.world.clock.advance(86_400);
  await failPassphrase(person, 5);
  expect(await access.tellTrouble()).toBe(1);
});

it('tells of a second step that fails after the right passphrase, which somebody then knows', async () => {
  const person = await stage.enrol();
  for (let time = 0; time < 3; time += 1) {
    expect(await access.tellTrouble()).toBe(0);
    stage.world.clock.advance(900);
    const { ceremony } = await access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);
    const code = stage.codeOf(person.secret) === '000000' ? '111111' : '000000';
    await expect(access.signIn.withTotp({ ceremony, code, agent: undefined }, from)).rejects.toEqual(NO);
  }
  expect(await access.tellTrouble()).toBe(1);
  expect(told()).toEqual([`${person.address.local} factor-failed`]);
});

it('tells of a browser that was not known, but not of the first one', async () => {
  const person = await stage.enrol(['sender']);
  const enter = async (key: string) => {
    stage.world.clock.advance(60);
    const { ceremony } = await stage.begin(person);
    const shown = { ceremony, code: stage.codeOf(person.secret), agent: 'test' };
    const browser = { key, agent: 'test', posture: null };
    await access.signIn.withTotp(shown, { ...from, origin: { ...from.origin, browser } });
    return access.tellTrouble();
  };
  const [own, strange, third] = [makeProver().key, makeProver().key, makeProver().key];
  expect(await enter(own)).toBe(0);
  expect(await enter(own)).toBe(0);
  expect(await enter(strange)).toBe(1);
  expect(told()).toEqual([`${person.address.local} new-device`]);
  expect(await enter(third)).toBe(0);
});

it('tells of the browser that a session is bound to after a redirect', async () => {
  const person = await stage.enrol(['sender']);
  const { organisation, identity } = person;
  const land = async (key: string) => {
    const came = { identity, organisation, factors: ['oidc'], agent: undefined, signOn: 'connection' };
    const started = await stage.world.ports.database.tenant([organisation], 'app', (tx) =>
      access.sessions.start(tx, came, from),
    );
    const actor = { kind: 'person', identity, session: started.id } as const;
    await access.sessions.bind({ ...callerOf(person), actor }, started.id, key);
    stage.world.clock.advance(5);
    return access.tellTrouble();
  };
  const own = makeProver().key;
  expect([await land(own), await land(own), await land(makeProver().key)]).toEqual([0, 0, 1]);
});
