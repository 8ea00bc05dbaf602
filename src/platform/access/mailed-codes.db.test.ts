import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { hashPassphrase } from './passphrase-hash.ts';
import { USUAL_SIGN_IN } from './sign-in-policy.ts';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  from,
  openAccessStage,
  ownerOf,
  PARTY,
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

describe('a mailed code', () => {
  const mailed = () => {
    const body = stage.world.notices.findLast(({ body: one }) => one.kind === 'sign-in-code')?.body;
    return body?.kind === 'sign-in-code' ? body.code : '';
  };

  it('counts only where the organisation says so', async () => {
    const person = await stage.enrol(['sender']);
    const { ceremony, factors } = await stage.begin(person);
    expect(factors).toEqual(['totp', 'recovery-code']);
    await expect(access.signIn.mailCode(ceremony, from)).rejects.toEqual(
      refused('wrong-state', 'no-mailed-codes'),
    );
    expect(stage.world.notices).toEqual([]);
    // A code that was mailed while it counted does not count any more.
    const rule = { ...USUAL_SIGN_IN, mailedCode: true };
    await access.signInRules.change(callerOf(person), rule);
    const later = await stage.begin(person);
    await access.signIn.mailCode(later.ceremony, from);
    await access.signInRules.change(callerOf(person), { ...rule, mailedCode: false, graceDays: 0 });
    const shown = { ceremony: later.ceremony, code: mailed(), agent: undefined };
    await expect(access.signIn.withMailedCode(shown, from)).rejects.toEqual(refusal('not-authenticated'));
  });

  it('is good once, for ten minutes, for the sign-in that asked for it, and few are sent', async () => {
    const person = await stage.enrol(['sender']);
    await access.signInRules.change(callerOf(person), { ...USUAL_SIGN_IN, mailedCode: true });
    const { ceremony, factors } = await stage.begin(person);
    expect(factors).toContain('mailed-code');
    await access.signIn.mailCode(ceremony, from);
    const code = mailed();
    expect(code).toMatch(/^\d{6}$/);
    const other = await stage.begin(person);
    const no = refusal('not-authenticated');
    const enter = (at: string, digits: string) =>
      access.signIn.withMailedCode({ ceremony: at, code: digits, agent: undefined }, from);
    await expect(enter(other.ceremony, code)).rejects.toEqual(no);
    expect(await enter(ceremony, code)).toMatchObject({ kind: 'session' });
    await expect(enter(ceremony, code)).rejects.toEqual(refusal('gone'));
    await access.signIn.mailCode(other.ceremony, from);
    stage.world.clock.advance(9 * 60);
    const late = await stage.begin(person);
    await access.signIn.mailCode(late.ceremony, from);
    stage.world.clock.advance(9 * 60 + 59);
    const inTime = mailed();
    stage.world.clock.advance(2);
    await expect(enter(late.ceremony, inTime)).rejects.toEqual(refusal('gone'));
    const last = await stage.begin(person);
    const tries = [1, 2, 3].map(() => access.signIn.mailCode(last.ceremony, from));
    const results = await Promise.allSettled(tries);
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('recovery by an administrator', () => {
  const code = () => {
    const body = stage.world.notices.findLast(({ body: one }) => one.kind === 'sign-in-code')?.body;
    return body?.kind === 'sign-in-code' ? body.code : '';
  };

  async function colleagues() {
    const administrator = await stage.enrol();
    const { organisation } = administrator;
    const person = await stage.enrol(['sender']);
    const { database } = stage.world.ports;
    await database.tenant([organisation], 'app', (tx) =>
      access.members.add(
        tx,
        organisation,
        { address: person.address, displayName: 'x', roles: ['sender'], founder: callerOf(person).actor },
        null,
        from,
      ),
    );
    return { administrator, person };
  }

  it('takes a link and a mailed code, and ends all that was before only when the new factor stands', async () => {
    const { administrator, person } = await colleagues();
    const operator = callerOf(administrator);
    const session = await stage.signIn(person);
    stage.world.entries.length = 0;
    const { ceremony: token } = await access.recovery.start(operator, person.identity);
    const without = access.recovery.confirm({ token, code: '000000' }, from);
    await expect(without).rejects.toEqual(refusal('not-authenticated'));
    await access.recovery.mailCode(token, from);
    expect(stage.world.notices.at(-1)?.to.local).toBe(person.address.local);
    const confirmed = await access.recovery.confirm({ token, code: code() }, from);
    const twice = access.recovery.confirm({ token, code: code() }, from);
    await expect(twice).rejects.toEqual(refusal('not-authenticated'));
    expect(await access.sessions.authenticate(session.token)).not.toBeNull();
    const { organisation, identity } = confirmed;
    const passphraseHash = await hashPassphrase('copper lantern parade');
    const enrolment = await access.enrolment.begin({
      ...{ kind: 'recovery', recovery: confirmed.id, identity, organisation, displayName: 'x' },
      ...{ address: person.address, passphraseHash },
    });
    const key = new Authenticator();
    const { challenge } = await access.enrolment.passkeyOptions(enrolment.ceremony, PARTY);
    const response = key.register(challenge, PARTY.origin, PARTY.id);
    const proof = { ceremony: enrolment.ceremony, response, label: 'Key' };
    const proven = await access.enrolment.provePasskey(proof, PARTY, from);
    await stage.world.ports.database.tenant([organisation], 'app', async (tx) => {
      await access.recovery.finish(tx, confirmed, passphraseHash, from);
      await access.enrolment.finish(tx, proven, identity);
    });
    expect(await access.sessions.authenticate(session.token)).toBeNull();
    expect((await access.account.read(ownerOf(person))).factors.map(({ kind }) => kind)).toEqual(['passkey']);
    await expect(stage.begin(person)).rejects.toEqual(refusal('not-authenticated'));
    expect(actions()).toEqual([
      ...['account.recovery-started', 'session.ended', 'account.recovery-finished', 'session.refused'],
    ]);
    expect(told()).toEqual(['recovery-started', 'sign-in-code', 'recovered']);
  });

  it('is nobodys for themselves, for who may do more, or for who belongs elsewhere too', async () => {
    const { administrator, person } = await colleagues();
    const caller = callerOf(administrator);
    const weak = callerOf(administrator, ['members:write', 'members:read']);
    const start = (by: typeof caller, whom: Enrolled) => access.recovery.start(by, whom.identity);
    await expect(start(caller, administrator)).rejects.toEqual(refused('wrong-state', 'not-oneself'));
    await expect(start(weak, person)).rejects.toEqual(refusal('not-permitted'));
    const own = new Set([...caller.permissions].filter((one) => one !== 'installation:operate'));
    await expect(start({ ...caller, permissions: own }, person)).rejects.toEqual(
      refused('wrong-state', 'belongs-elsewhere'),
    );
    const stranger = await stage.enrol();
    await expect(start(caller, stranger)).rejects.toEqual(refusal('not-found'));
    await expect(start(callerOf(administrator, ['members:read']), person)).rejects.toEqual(
      refusal('not-permitted'),
    );
  });
});
