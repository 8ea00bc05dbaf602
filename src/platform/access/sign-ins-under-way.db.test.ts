// Sign-ins that wait for their last step, held against what has happened to the account meanwhile. What was shown before is not worth
// more than it would be now.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { createAccess } from './access.ts';
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
} from './test-kit.ts';

let stage: AccessStage;
let access: AccessStage['access'];

beforeAll(async () => {
  stage = await openAccessStage();
  ({ access } = stage);
});
afterAll(() => stage.world.close());

const GRACE_OVER = 15 * 86_400;
const GONE = refusal('gone');

/** Whoever has passphrase and app: on the way to a passkey of their own, which they make when it is asked for. */
async function onTheWay(person: Enrolled, by: 'app' | 'recovery-code' = 'app') {
  const begun = async () => {
    if (by === 'app') return stage.byTotp(person);
    const { ceremony } = await stage.begin(person);
    const code = person.recoveryCodes[0] ?? '';
    return access.signIn.withRecoveryCode({ ceremony, code, agent: undefined }, from);
  };
  const outcome = await begun();
  if (outcome.kind !== 'enrol') throw new Error('let in');
  const { ceremony } = outcome.due;
  const key = new Authenticator();
  const { challenge } = await access.signInEnrolment.passkeyOptions(ceremony, PARTY);
  const response = key.register(challenge, PARTY.origin, PARTY.id);
  return (through = access) =>
    through.signInEnrolment.withPasskey({ ceremony, response, label: 'Key', agent: undefined }, PARTY, from);
}

describe('a passkey that is added on the way in', () => {
  it('is not added by an app once the person has one, however early it was begun', async () => {
    const person = await stage.enrol();
    stage.world.clock.advance(GRACE_OVER);
    const thief = await onTheWay(person);
    const owner = await onTheWay(person);
    expect(await owner()).toMatchObject({ identity: person.identity });
    await expect(thief()).rejects.toEqual(GONE);
    const factors = await access.account.read(ownerOf(person));
    expect(factors.factors.filter(({ kind }) => kind === 'passkey')).toHaveLength(1);

    const blind = createAccess(stage.world.ports, {
      judgeFactorsFor: () => Promise.resolve({ kind: 'enough', demanded: 'any', stale: false }),
    });
    expect(await thief(blind)).toMatchObject({ identity: person.identity });
  });

  it('of two at once is added once', async () => {
    const person = await stage.enrol();
    stage.world.clock.advance(GRACE_OVER);
    const [one, other] = [await onTheWay(person), await onTheWay(person)];
    const ended = await Promise.allSettled([one(), other()]);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is added by a recovery code where there is one already: that is what it is for', async () => {
    const person = await stage.enrol();
    await stage.addPasskey(person);
    stage.world.clock.advance(GRACE_OVER);
    expect(await (await onTheWay(person, 'recovery-code'))()).toMatchObject({ identity: person.identity });
  });
});

it('a passkey by a recovery code is not added once the codes were made anew, nor to a closed account', async () => {
  const person = await stage.enrol();
  stage.world.clock.advance(GRACE_OVER);
  const thief = await onTheWay(person, 'recovery-code');
  await access.account.renewRecoveryCodes(ownerOf(person));
  await expect(thief()).rejects.toEqual(GONE);

  const later = await onTheWay(person);
  await stage.world.ports.database.system('app', (tx) =>
    tx.execute({
      text: 'update sealpost.identity set disabled_at = now() where id = $1',
      values: [person.identity],
    }),
  );
  await expect(later()).rejects.toEqual(GONE);
});

describe('a sign-in under way ends with all sessions', () => {
  const endAll = (person: Enrolled) =>
    stage.world.ports.database.tenant([person.organisation], 'app', (tx) => {
      const { identity, organisation } = person;
      const ended = { identity, organisation, but: null, reason: 'recovered' };
      return access.sessions.endAll(tx, ended, { kind: 'system', component: 'recovery' }, from);
    });

  it('that had shown the passphrase of before', async () => {
    const person = await stage.enrol(['sender']);
    const { ceremony } = await stage.begin(person);
    const change = { old: PASSPHRASE, passphrase: 'copper lantern parade' };
    await access.account.changePassphrase(ownerOf(person), change);
    stage.world.clock.advance(60);
    const shown = { ceremony, code: stage.codeOf(person.secret), agent: undefined };
    await expect(access.signIn.withTotp(shown, from)).rejects.toEqual(GONE);
  });

  it('that was on the way to a passkey, also by a recovery code', async () => {
    const person = await stage.enrol();
    stage.world.clock.advance(GRACE_OVER);
    const [byApp, byCode] = [await onTheWay(person), await onTheWay(person, 'recovery-code')];
    await endAll(person);
    await expect(byApp()).rejects.toEqual(GONE);
    await expect(byCode()).rejects.toEqual(GONE);
  });

  it('that was on the way to a new passphrase', async () => {
    const person = await stage.enrol(['sender']);
    stage.world.clock.advance(40 * 86_400);
    await access.signInRules.change(callerOf(person), {
      ...USUAL_SIGN_IN,
      passphrase: { ...USUAL_SIGN_IN.passphrase, maxAgeDays: 39 },
    });
    const outcome = await stage.byTotp(person);
    if (outcome.kind !== 'enrol') throw new Error('let in');
    await endAll(person);
    const request = { ceremony: outcome.due.ceremony, passphrase: 'copper lantern parade', agent: undefined };
    await expect(access.renewPassphrase(request, from)).rejects.toEqual(GONE);
  });
});
