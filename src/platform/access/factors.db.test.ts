import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Authenticator } from '../../../test/support/authenticator.ts';
import {
  type AccessStage,
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

const actions = () => stage.world.entries.map(({ action }) => action);
const told = () =>
  stage.world.notices.map(({ body }) => (body.kind === 'account-changed' ? body.change : body.kind));

describe("a person's own factors", () => {
  it('are added, named, listed and removed, each told by mail and written down', async () => {
    const person = await stage.enrol(['sender']);
    stage.world.entries.length = 0;
    const owner = ownerOf(person);
    await stage.addPasskey(person, true);
    const { ceremony, secret } = await access.account.totpOptions(owner);
    const proof = { ceremony, code: stage.codeOf(secret), label: 'Telephone' };
    await expect(access.account.addTotp(owner, { ...proof, code: '000000' })).rejects.toEqual(
      refusal('invalid'),
    );
    await access.account.addTotp(owner, proof);
    await expect(access.account.addTotp(owner, proof)).rejects.toEqual(refusal('gone'));
    const listed = await access.account.read(owner);
    expect(listed).toMatchObject({ recoveryCodesLeft: 10, demanded: 'any', dueBy: null });
    expect(
      listed.factors.map(({ kind, label, deviceBound, phishingResistant }) => [
        kind,
        label,
        deviceBound,
        phishingResistant,
      ]),
    ).toEqual([
      ['totp', '', null, false],
      ['passkey', 'Key', false, true],
      ['totp', 'Telephone', null, false],
    ]);
    const [, passkey] = listed.factors;
    await access.account.rename(owner, passkey?.id ?? '', 'Ring');
    await access.account.remove(owner, passkey?.id ?? '');
    expect((await access.account.read(owner)).factors.map(({ label }) => label)).toEqual(['', 'Telephone']);
    expect(actions()).toEqual(['factor.added', 'factor.added', 'factor.renamed', 'factor.removed']);
    expect(told()).toEqual(['factor-added', 'factor-added', 'factor-renamed', 'factor-removed']);
    expect(stage.world.notices[0]?.to).toEqual({ local: person.address.local, domain: 'clinic.test' });
  });

  it('are nobody elses to see, name or remove', async () => {
    const [mine, theirs] = [await stage.enrol(), await stage.enrol()];
    const [factor] = (await access.account.read(ownerOf(mine))).factors;
    const id = factor?.id ?? '';
    await expect(access.account.rename(ownerOf(theirs), id, 'x')).rejects.toEqual(refusal('not-found'));
    await expect(access.account.remove(ownerOf(theirs), id)).rejects.toEqual(refusal('not-found'));
    const { ceremony, secret } = await access.account.totpOptions(ownerOf(mine));
    const stolen = { ceremony, code: stage.codeOf(secret), label: 'x' };
    await expect(access.account.addTotp(ownerOf(theirs), stolen)).rejects.toEqual(refusal('gone'));
  });

  it('offers no authenticator twice, and takes none that does not verify its holder', async () => {
    const person = await stage.enrol();
    await stage.addPasskey(person);
    const { ceremony, options } = await access.account.passkeyOptions(ownerOf(person), PARTY);
    expect(options.excludeCredentials).toHaveLength(1);
    expect(options.authenticatorSelection).toMatchObject({
      residentKey: 'preferred',
      userVerification: 'required',
    });
    const careless = new Authenticator();
    careless.verifies = false;
    const response = careless.register(options.challenge, PARTY.origin, PARTY.id);
    const made = access.account.addPasskey(ownerOf(person), { ceremony, response, label: 'x' }, PARTY);
    await expect(made).rejects.toEqual(refused('invalid', 'not-verified'));
  });

  it('never fall below the last one, nor below what is demanded, also when two are removed at once', async () => {
    const person = await stage.enrol(['administrator']);
    const owner = ownerOf(person);
    const [totp] = (await access.account.read(owner)).factors;
    await expect(access.account.remove(owner, totp?.id ?? '')).rejects.toEqual(
      refused('wrong-state', 'last-factor'),
    );
    await stage.addPasskey(person);
    await stage.addPasskey(person);
    const [, one, two] = (await access.account.read(owner)).factors.map(({ id }) => id);
    const removals = await Promise.allSettled([one, two].map((id) => access.account.remove(owner, id ?? '')));
    expect(removals.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(removals.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: refused('wrong-state', 'factor-demanded'),
    });
  });

  it('give ten new recovery codes in place of the old ones', async () => {
    const person = await stage.enrol(['sender']);
    const codes = await access.account.renewRecoveryCodes(ownerOf(person));
    const enter = async (code = '') =>
      access.signIn.withRecoveryCode(
        { ceremony: (await stage.begin(person)).ceremony, code, agent: undefined },
        from,
      );
    await expect(enter(person.recoveryCodes[0])).rejects.toEqual(refusal('not-authenticated'));
    expect(await enter(codes[0])).toMatchObject({ kind: 'session' });
    expect(told()).toEqual(['recovery-codes-renewed']);
    expect((await access.account.read(ownerOf(person))).recoveryCodesLeft).toBe(9);
  });

  it('change the passphrase for the old one, and end every session but the own', async () => {
    const person = await stage.enrol();
    const [own, other] = [await stage.signIn(person), await stage.signIn(person)];
    const owner = ownerOf(person, own.id);
    const change = (old: string, passphrase: string) =>
      access.account.changePassphrase(owner, { old, passphrase });
    await expect(change('not the old one', 'copper lantern parade')).rejects.toEqual(refusal('invalid'));
    await expect(change(PASSPHRASE, 'short one')).rejects.toEqual(refused('invalid', 'too-short'));
    await change(PASSPHRASE, 'copper lantern parade');
    expect(await access.sessions.authenticate(own.token)).not.toBeNull();
    expect(await access.sessions.authenticate(other.token)).toBeNull();
    await expect(stage.begin(person)).rejects.toEqual(refusal('not-authenticated'));
    expect(actions()).toContain('passphrase.changed');
    expect(told()).toEqual(['passphrase-changed']);
  });
});

describe('a passkey alone', () => {
  it('signs in, as two factors, and says so', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    const outcome = await stage.byPasskeyAlone(key);
    if (outcome.kind !== 'session') throw new Error('no session');
    expect(outcome.started.identity).toBe(person.identity);
    const live = await access.sessions.authenticate(outcome.started.token);
    expect(live?.session.factors).toEqual(['passkey', 'user-verified', 'device-bound']);
  });

  it('tells nothing of any account in its options', async () => {
    const { options } = await access.passkeySignIn.begin(PARTY, from);
    expect(options.allowCredentials ?? []).toEqual([]);
    expect(options.userVerification).toBe('required');
  });

  it('is refused in the same words for whatever is wrong with it', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    const no = refusal('not-authenticated');
    await expect(
      stage.byPasskeyAlone(key, { ...PARTY, origin: 'https://console.clinic.test.evil.test' }),
    ).rejects.toEqual(no);
    await expect(stage.byPasskeyAlone(key, { ...PARTY, id: 'clinic.test' })).rejects.toEqual(no);
    key.verifies = false;
    await expect(stage.byPasskeyAlone(key)).rejects.toEqual(no);
    key.verifies = true;
    key.counter = 100;
    expect(await stage.byPasskeyAlone(key)).toMatchObject({ kind: 'session' });
    key.counter = 50;
    await expect(stage.byPasskeyAlone(key)).rejects.toEqual(no);
    await expect(stage.byPasskeyAlone(new Authenticator())).rejects.toEqual(no);
    const refusals = stage.world.entries.filter(({ action }) => action === 'session.refused');
    expect(refusals.map(({ details }) => details.reason)).toEqual([
      ...Array(4).fill('passkey-alone'),
      'passkey-unknown',
    ]);
  });

  it('opens nothing that is closed', async () => {
    const person = await stage.enrol();
    const key = await stage.addPasskey(person);
    await stage.world.ports.database.system('app', (tx) =>
      tx.execute({
        text: 'update sealpost.identity set disabled_at = now() where id = $1',
        values: [person.identity],
      }),
    );
    await expect(stage.byPasskeyAlone(key)).rejects.toEqual(refusal('not-authenticated'));
  });
});
