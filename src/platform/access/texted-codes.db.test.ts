import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type SignInRule, USUAL_SIGN_IN } from './sign-in-policy.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  from,
  openAccessStage,
  ownerOf,
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
  stage.world.phone.texts.length = 0;
  stage.world.phone.silent = false;
});

const NUMBER = '+15555550142';
const NO = refusal('not-authenticated');
const texted = () => stage.world.phone.texts.at(-1)?.code ?? '';
const other = (code: string) => (code === '000000' ? '111111' : '000000');
const allow = (person: Enrolled, more: Partial<SignInRule> = {}) =>
  access.signInRules.change(callerOf(person), { ...USUAL_SIGN_IN, textedCode: true, ...more });

async function add(person: Enrolled, number = NUMBER) {
  const { ceremony } = await access.account.textOptions(ownerOf(person), number);
  await access.account.addTelephone(ownerOf(person), { ceremony, code: texted(), label: 'Mine' });
}

async function holder(more: Partial<SignInRule> = {}) {
  const person = await stage.enrol(['sender']);
  await allow(person, more);
  await add(person);
  return person;
}

const enter = (ceremony: string, code: string) =>
  access.signIn.withTextedCode({ ceremony, code, agent: undefined }, from);

it('is off, and then proved by a code to the number, which is kept sealed', async () => {
  const person = await stage.enrol(['sender']);
  const owner = ownerOf(person);
  await expect(access.account.textOptions(owner, NUMBER)).rejects.toEqual(
    refused('wrong-state', 'texted-codes-not-allowed'),
  );
  expect(stage.world.phone.texts).toEqual([]);
  await allow(person);
  const { ceremony, masked } = await access.account.textOptions(owner, NUMBER);
  expect(masked).toBe('••42');
  expect(stage.world.phone.texts).toMatchObject([{ number: NUMBER, organisation: person.organisation }]);
  const prove = (code: string, by = owner) =>
    access.account.addTelephone(by, { ceremony, code, label: 'Mine' });
  await expect(prove(other(texted()))).rejects.toEqual(refusal('invalid'));
  const stranger = await stage.enrol();
  await expect(prove(texted(), ownerOf(stranger))).rejects.toEqual(refusal('gone'));
  stage.world.entries.length = 0;
  await prove(texted());
  expect(stage.world.entries).toMatchObject([{ action: 'factor.added', details: { kind: 'texted-code' } }]);
  const { factors, mayAdd } = await access.account.read(owner);
  expect(mayAdd).toEqual(['passkey', 'totp']);
  expect(factors.find(({ kind }) => kind === 'texted-code')).toMatchObject({
    ...{ number: '••42', phishingResistant: false, enough: true },
  });
  const rows = await stage.world.ports.database.system('app', (tx) =>
    tx.query({
      text: `select row_to_json(f)::text as text from sealpost.factor f where kind = 'texted-code'`,
    }),
  );
  expect(JSON.stringify([rows, stage.world.entries])).not.toContain('5555550142');
  await expect(add(person, '+15555550143')).rejects.toEqual(refusal('already-exists'));
});

it('lets in once, in ten minutes, by the way it was sent, and never where more is asked', async () => {
  const person = await holder({ mailedCode: true });
  const { ceremony, factors } = await stage.begin(person);
  expect(factors).toEqual(['totp', 'texted-code', 'recovery-code', 'mailed-code']);
  await access.signIn.textCode(ceremony, from);
  const code = texted();
  const asMailed = access.signIn.withMailedCode({ ceremony, code, agent: undefined }, from);
  await expect(asMailed).rejects.toEqual(NO);
  await expect(enter(ceremony, other(code))).rejects.toEqual(NO);
  expect(stage.world.entries.at(-1)?.action).toBe('session.refused');
  const outcome = await enter(ceremony, code);
  if (outcome.kind !== 'session') throw new Error('not let in');
  expect((await access.sessions.authenticate(outcome.started.token))?.session.factors).toEqual([
    ...['passphrase', 'texted-code'],
  ]);
  await expect(enter(ceremony, code)).rejects.toEqual(refusal('gone'));

  const mailed = await stage.begin(person);
  await access.signIn.mailCode(mailed.ceremony, from);
  const body = stage.world.notices.findLast((one) => one.body.kind === 'sign-in-code')?.body;
  const digits = body?.kind === 'sign-in-code' ? body.code : '';
  await expect(enter(mailed.ceremony, digits)).rejects.toEqual(NO);

  await allow(person, { everyone: 'phishing-resistant', graceDays: 0 });
  const strict = await stage.begin(person);
  expect(strict.factors).not.toContain('texted-code');
  await expect(access.signIn.textCode(strict.ceremony, from)).rejects.toEqual(
    refused('wrong-state', 'no-texted-codes'),
  );
});

it('does not count any more when the organisation says so, nor after its removal', async () => {
  const person = await holder();
  const late = await stage.begin(person);
  await access.signIn.textCode(late.ceremony, from);
  await access.signInRules.change(callerOf(person), { ...USUAL_SIGN_IN, graceDays: 0 });
  await expect(enter(late.ceremony, texted())).rejects.toEqual(NO);
  await allow(person);
  const again = await stage.begin(person);
  await access.signIn.textCode(again.ceremony, from);
  const { factors } = await access.account.read(ownerOf(person));
  const app = factors.find(({ kind }) => kind === 'totp')?.id ?? '';
  await expect(access.account.remove(ownerOf(person), app)).rejects.toEqual(
    refused('wrong-state', 'last-factor'),
  );
  const telephone = factors.find(({ kind }) => kind === 'texted-code')?.id ?? '';
  await access.account.remove(ownerOf(person), telephone);
  // With a factor that is taken away every sign-in under way ends.
  await expect(enter(again.ceremony, texted())).rejects.toEqual(refusal('gone'));
  expect((await stage.begin(person)).factors).not.toContain('texted-code');
});

it('is sent seldom, and says so where no text can go', async () => {
  const person = await holder();
  const { ceremony } = await stage.begin(person);
  stage.world.phone.silent = true;
  await expect(access.signIn.textCode(ceremony, from)).rejects.toEqual(refused('wrong-state', 'no-texts'));
  stage.world.phone.silent = false;
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => access.signIn.textCode(ceremony, from)));
  expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  expect(stage.world.phone.texts.length).toBeLessThanOrEqual(4);
});
