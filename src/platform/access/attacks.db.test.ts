// Attacks on the sign-in. Each is tried on the room as it is, and then on the room with one defence replaced by its absence: there it
// must succeed, or the test would prove nothing. Nothing but a test can replace a part.
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Access, createAccess } from './access.ts';
import { type FactorRow, usePasskey } from './factor.store.ts';
import { verifyPassphrase } from './passphrase-hash.ts';
import { judgePasskey } from './prove-factor.ts';
import type { SignInParts } from './sign-in-parts.ts';
import {
  type AccessStage,
  type Enrolled,
  from,
  openAccessStage,
  PARTY,
  PASSPHRASE,
  refusal,
} from './test-kit.ts';
import { matchTotp } from './totp.ts';
import { openTotpSecret } from './totp-secret.ts';

let stage: AccessStage;

beforeAll(async () => {
  stage = await openAccessStage();
});
afterAll(() => stage.world.close());

const without = (parts: Partial<SignInParts>): Access => createAccess(stage.world.ports, parts);
const GRACE_OVER = 15 * 86_400;
const NO = refusal('not-authenticated');
const IN = { kind: 'session' };

/** No counting of tries: for attacks on something else. */
const unthrottled: SignInParts['throttle'] = {
  take: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

const begin = (access: Access, person: Enrolled) =>
  access.signIn.begin({ address: person.address, passphrase: PASSPHRASE }, from);

async function byTotp(access: Access, person: Enrolled, code: string) {
  const { ceremony } = await begin(access, person);
  return access.signIn.withTotp({ ceremony, code, agent: undefined }, from);
}

describe('replays', () => {
  it('a code of the app that was seen over a shoulder is no good a second time', async () => {
    const person = await stage.enrol();
    stage.world.clock.advance(60);
    const code = stage.codeOf(person.secret);
    expect(await byTotp(stage.access, person, code)).toMatchObject(IN);
    await expect(byTotp(stage.access, person, code)).rejects.toEqual(NO);

    const forgetful = without({
      async judgeTotp({ vault, clock }, factors, typed) {
        for (const { id, kind, secret } of factors) {
          if (kind !== 'totp' || secret === null) continue;
          const good = matchTotp(await openTotpSecret(vault, id, secret), typed, clock.now(), null);
          if (good !== null) return { kind, marks: [], use: () => Promise.resolve(true) };
        }
        return null;
      },
    });
    expect(await byTotp(forgetful, person, code)).toMatchObject(IN);
  });

  it('an assertion that was recorded is no good in another sign-in, nor in the same one again', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    const first = await stage.access.passkeySignIn.begin(PARTY, from);
    const recorded = key.answer(first.options.challenge, PARTY.origin, PARTY.id);
    const send = async (access: Access, ceremony: string) =>
      access.passkeySignIn.finish({ ceremony, response: recorded, agent: undefined }, PARTY, from);
    expect(await send(stage.access, first.ceremony)).toMatchObject(IN);
    await expect(send(stage.access, first.ceremony)).rejects.toEqual(refusal('gone'));
    const second = await stage.access.passkeySignIn.begin(PARTY, from);
    await expect(send(stage.access, second.ceremony)).rejects.toEqual(NO);

    // Without the challenge of the ceremony the counter still stands in the way; without both, nothing does.
    const ownChallenge: SignInParts['judgePasskey'] = (
      ports,
      factors,
      party,
      _challenge,
      response,
      verified,
    ) => judgePasskey(ports, factors, party, said(response).challenge, response, verified);
    await expect(send(without({ judgePasskey: ownChallenge }), second.ceremony)).rejects.toEqual(NO);
    const noCounter: SignInParts['judgePasskey'] = async (ports, factors, ...rest) => {
      const fresh = factors.map((factor): FactorRow => ({ ...factor, counter: 0 }));
      const proven = await ownChallenge(ports, fresh, ...rest);
      return proven && { ...proven, use: () => Promise.resolve(true) };
    };
    expect(await send(without({ judgePasskey: noCounter }), second.ceremony)).toMatchObject(IN);
  });

  it('a copied authenticator is seen by its counter', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    const enter = async (access: Access) => {
      const { ceremony, options } = await access.passkeySignIn.begin(PARTY, from);
      const response = key.answer(options.challenge, PARTY.origin, PARTY.id);
      return access.passkeySignIn.finish({ ceremony, response, agent: undefined }, PARTY, from);
    };
    key.counter = 9;
    expect(await enter(stage.access)).toMatchObject(IN);
    key.counter = 5;
    await expect(enter(stage.access)).rejects.toEqual(NO);
    const careless: SignInParts['judgePasskey'] = async (ports, factors, ...rest) => {
      const proven = await judgePasskey(
        ports,
        factors.map((one) => ({ ...one, counter: 0 })),
        ...rest,
      );
      const [factor] = factors.filter(({ kind }) => kind === 'passkey');
      const kept = { counter: 1_000, deviceBound: true };
      return proven && factor
        ? { ...proven, use: (tx) => usePasskey(tx, factor.id, kept, new Date()) }
        : null;
    };
    expect(await enter(without({ judgePasskey: careless }))).toMatchObject(IN);
  });
});

const said = (response: AuthenticationResponseJSON): { challenge: string; origin: string } =>
  JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString('utf8'));

describe('phishing', () => {
  it('an assertion made for another origin is no good here, alone or after the passphrase', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    const evil = 'https://console.clinic.test.evil.test';
    const alone = async (access: Access) => {
      const { ceremony, options } = await access.passkeySignIn.begin(PARTY, from);
      const response = key.answer(options.challenge, evil, PARTY.id);
      return access.passkeySignIn.finish({ ceremony, response, agent: undefined }, PARTY, from);
    };
    const second = async (access: Access) => {
      const { ceremony } = await begin(access, person);
      const { challenge } = await access.signIn.passkeyOptions(ceremony, PARTY);
      const response = key.answer(challenge, evil, PARTY.id);
      return access.signIn.withPasskey({ ceremony, response, agent: undefined }, PARTY, from);
    };
    await expect(alone(stage.access)).rejects.toEqual(NO);
    await expect(second(stage.access)).rejects.toEqual(NO);
    const anyOrigin = without({
      judgePasskey: (ports, factors, party, challenge, response, verified) => {
        const { origin } = said(response);
        return judgePasskey(ports, factors, { ...party, origin }, challenge, response, verified);
      },
    });
    expect(await alone(anyOrigin)).toMatchObject(IN);
    expect(await second(anyOrigin)).toMatchObject(IN);
  });
});

describe('downgrades', () => {
  const anything: Partial<SignInParts> = {
    judgeFactorsFor: () => Promise.resolve({ kind: 'enough', demanded: 'any', stale: false }),
    requireFactorsFor: () => Promise.resolve(),
  };

  it('a phished code of the app opens nothing for who has the key that is demanded, not even a new key', async () => {
    const person = await stage.enrol(['administrator']);
    await stage.addPasskey(person);
    stage.world.clock.advance(60);
    // Within the days of grace as well: they are for people who have nothing else.
    const { factors } = await begin(stage.access, person);
    expect(factors).toEqual(['passkey', 'recovery-code']);
    await expect(byTotp(stage.access, person, stage.codeOf(person.secret))).rejects.toEqual(NO);
    stage.world.clock.advance(GRACE_OVER);
    await expect(byTotp(stage.access, person, stage.codeOf(person.secret))).rejects.toEqual(NO);
    stage.world.clock.advance(60);
    expect(await byTotp(without(anything), person, stage.codeOf(person.secret))).toMatchObject(IN);
  });

  it('a recovery code brings no session around the rule, only a new key', async () => {
    const person = await stage.enrol(['administrator']);
    await stage.addPasskey(person);
    stage.world.clock.advance(GRACE_OVER);
    const enter = async (access: Access, code = '') => {
      const { ceremony } = await begin(access, person);
      return access.signIn.withRecoveryCode({ ceremony, code, agent: undefined }, from);
    };
    expect(await enter(stage.access, person.recoveryCodes[0])).toMatchObject({ kind: 'enrol' });
    expect(await enter(without(anything), person.recoveryCodes[1])).toMatchObject(IN);
  });

  it('the second door holds where the first is open', async () => {
    const person = await stage.enrol(['administrator']);
    await stage.addPasskey(person);
    stage.world.clock.advance(GRACE_OVER);
    const firstOpen = without({
      judgeFactorsFor: () => Promise.resolve({ kind: 'enough', demanded: 'any', stale: false }),
    });
    const entering = byTotp(firstOpen, person, stage.codeOf(person.secret));
    await expect(entering).rejects.toEqual(refusal('wrong-state'));
  });
});

describe('guessing', () => {
  const wrongAt = async (access: Access, address: Enrolled['address'], network: string) => {
    const elsewhere = { ...from, origin: { ...from.origin, address: network } };
    const guess = access.signIn.begin({ address, passphrase: 'wrong wrong wrong' }, elsewhere);
    return guess.then(
      () => 'in',
      (error: { code: string }) => error.code,
    );
  };
  // The hash is not what is tried here; without it a thousand guesses take no time.
  const fast = { verifyPassphrase: () => Promise.resolve(false) };

  it('of many accounts from one network is slowed down by the network', async () => {
    const attack = async (access: Access, network: string) => {
      const answers: string[] = [];
      for (let n = 0; n < 70; n += 1)
        answers.push(
          await wrongAt(access, { local: `spray${n}.${network}`, domain: 'clinic.test' }, network),
        );
      return answers.filter((one) => one === 'not-authenticated').length;
    };
    expect(await attack(without(fast), '198.51.100.1')).toBeLessThanOrEqual(50);
    expect(await attack(without({ ...fast, throttle: unthrottled }), '198.51.100.2')).toBe(70);
  });

  it('of one account from many networks is slowed down by the account', async () => {
    const person = await stage.enrol();
    const attack = async (access: Access, third: number) => {
      const answers: string[] = [];
      for (let n = 0; n < 30; n += 1)
        answers.push(await wrongAt(access, person.address, `203.0.${third}.${n}`));
      return answers.filter((one) => one === 'not-authenticated').length;
    };
    expect(await attack(without(fast), 1)).toBeLessThanOrEqual(5);
    expect(await attack(without({ ...fast, throttle: unthrottled }), 2)).toBe(30);
  });
});

describe('keeping somebody out', () => {
  it('works by neither wrong passphrases nor wrong codes for who has a passkey', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    const { ceremony } = await begin(stage.access, person);
    for (let n = 0; n < 12; n += 1) {
      const elsewhere = { ...from, origin: { ...from.origin, address: `203.0.114.${n}` } };
      const code = { ceremony, code: '0000-0000-0000-0000', agent: undefined };
      await stage.access.signIn.withRecoveryCode(code, elsewhere).catch(() => undefined);
      const guess = { address: person.address, passphrase: 'wrong wrong wrong' };
      await stage.access.signIn.begin(guess, elsewhere).catch(() => undefined);
    }
    await expect(begin(stage.access, person)).rejects.toEqual(refusal('too-many-requests'));
    expect(await stage.byPasskeyAlone(key)).toMatchObject(IN);
  });
});

describe('finding out who has an account', () => {
  it('fails by words, and by work, for unknown, closed and factorless people alike', {
    timeout: 60_000,
  }, async () => {
    const [wrong, closed, factorless] = [await stage.enrol(), await stage.enrol(), await stage.enrol()];
    await stage.world.ports.database.system('app', async (tx) => {
      await tx.execute({
        text: 'update sealpost.identity set disabled_at = now() where id = $1',
        values: [closed.identity],
      });
      await tx.execute({
        text: 'update sealpost.factor set removed_at = now() where identity = $1',
        values: [factorless.identity],
      });
    });
    const cases = [
      { address: wrong.address, passphrase: 'wrong wrong wrong' },
      { address: { local: 'nobody', domain: 'clinic.test' }, passphrase: PASSPHRASE },
      { address: closed.address, passphrase: PASSPHRASE },
      { address: factorless.address, passphrase: PASSPHRASE },
    ];
    const answersOf = async (access: Access) => {
      const times: number[][] = cases.map(() => []);
      const words = new Set<string>();
      for (let round = 0; round < 4; round += 1) {
        for (const [index, request] of cases.entries()) {
          const before = process.cpuUsage();
          const error: unknown = await access.signIn.begin(request, from).catch((fault: unknown) => fault);
          const { user, system } = process.cpuUsage(before);
          times[index]?.push(user + system);
          words.add(JSON.stringify(error));
        }
      }
      // Time of the processor, and the shortest of each: what else the machine does can only make them longer.
      const shortest = times.map((list) => Math.min(...list));
      return { words, spread: Math.max(...shortest) / Math.min(...shortest) };
    };
    const { words, spread } = await answersOf(without({ throttle: unthrottled }));
    expect([...words]).toEqual([
      JSON.stringify({ name: 'Refusal', code: 'not-authenticated', parameters: {} }),
    ]);
    const hasty: SignInParts['verifyPassphrase'] = async (passphrase, stored) =>
      stored !== null && (await verifyPassphrase(passphrase, stored));
    const leaking = await answersOf(without({ throttle: unthrottled, verifyPassphrase: hasty }));
    expect(spread).toBeLessThan(leaking.spread);
    expect(spread).toBeLessThan(1.8);
    expect(leaking.spread).toBeGreaterThan(1.8);
  });
});
