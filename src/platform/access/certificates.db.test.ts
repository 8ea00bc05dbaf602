// Client certificates as a person's factor. What a certificate is worth (chain, time, proxy) is judged in platform/http; here it
// comes judged.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientCertificate } from '#core/client-certificate';
import { createAccess } from './access.ts';
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
  stage.world.notices.length = 0;
});

const DAY = 86_400;
const NO = refusal('not-authenticated');

let cards = 0;
function card(more: Partial<ClientCertificate> = {}): ClientCertificate {
  cards += 1;
  const spki = Buffer.alloc(32, cards).toString('base64url');
  const notAfter = new Date(stage.world.clock.now().getTime() + 30 * DAY * 1000);
  return {
    ...{ spki, fingerprint: spki, issuer: 'CN=Clinic CA', subject: `CN=card ${cards}`, names: [] },
    ...{ notAfter, trusted: true, ...more },
  };
}

const allow = (person: Enrolled, more: Partial<SignInRule> = {}) =>
  access.signInRules.change(callerOf(person), {
    ...{ ...USUAL_SIGN_IN, certificate: 'phishing-resistant', graceDays: 0 },
    ...more,
  });
const add = (person: Enrolled, shown: ClientCertificate | null) =>
  access.account.addCertificate(ownerOf(person), shown, 'Card');

async function enter(person: Enrolled, certificate: ClientCertificate | null, by = access) {
  const { ceremony } = await by.signIn.begin({ address: person.address, passphrase: PASS }, from);
  return by.signIn.withCertificate({ ceremony, certificate, agent: undefined }, from);
}
const PASS = 'mallard orbit thimble';

async function holder(more: Partial<SignInRule> = {}) {
  const person = await stage.enrol(['administrator']);
  await allow(person, more);
  const own = card();
  await add(person, own);
  return { person, own };
}

const reasons = () =>
  stage.world.entries
    .filter(({ action }) => action === 'session.refused')
    .map(({ details }) => details.reason);

describe('a certificate as a factor', () => {
  it('is added only where the organisation counts it, and only one that is trusted', async () => {
    const person = await stage.enrol(['sender']);
    const own = card();
    const offers = async () => (await access.account.read(ownerOf(person))).mayAdd;
    expect(await offers()).toEqual(['passkey', 'totp']);
    expect(await access.account.certificate(ownerOf(person), own)).toMatchObject({ fault: 'not-allowed' });
    await expect(add(person, own)).rejects.toEqual(refused('wrong-state', 'certificate-not-allowed'));
    await allow(person);
    expect(await offers()).toEqual(['passkey', 'totp', 'certificate']);
    await expect(add(person, null)).rejects.toEqual(refused('wrong-state', 'certificate-none-shown'));
    const strange = add(person, { ...own, trusted: false });
    await expect(strange).rejects.toEqual(refused('wrong-state', 'certificate-not-trusted'));
    expect(await access.account.certificate(ownerOf(person), own)).toEqual({
      shown: { subject: own.subject, issuer: own.issuer, names: [], expiresAt: own.notAfter },
      fault: null,
    });
    stage.world.entries.length = 0;
    await add(person, own);
    expect(stage.world.entries).toMatchObject([
      {
        action: 'factor.added',
        details: { kind: 'certificate', key: own.spki, expiresAt: own.notAfter.toISOString() },
      },
    ]);
    expect(stage.world.notices.map(({ body }) => body)).toMatchObject([{ change: 'factor-added' }]);
    // Nobody else's, not even a second time one's own.
    await expect(add(person, own)).rejects.toEqual(refusal('already-exists'));
  });

  it('lets an administrator in beside the passphrase, and the session says so', async () => {
    const { person, own } = await holder();
    const { ceremony, factors } = await stage.begin(person);
    expect(factors).toEqual(['certificate', 'recovery-code']);
    const shown = { ceremony, certificate: own, agent: undefined };
    const outcome = await access.signIn.withCertificate(shown, from);
    if (outcome.kind !== 'session') throw new Error('not let in');
    const live = await access.sessions.authenticate(outcome.started.token);
    expect(live?.session.factors).toEqual(['passphrase', 'certificate']);
    expect(stage.world.entries.findLast(({ action }) => action === 'session.started')).toMatchObject({
      details: { factors: 'passphrase certificate' },
    });
    const [kept] = (await access.account.read(ownerOf(person))).factors.filter(
      ({ kind }) => kind === 'certificate',
    );
    expect(kept).toMatchObject({ phishingResistant: true, enough: true, lastUsedAt: expect.any(Date) });
    await expect(access.signIn.withCertificate(shown, from)).rejects.toEqual(refusal('gone'));
  });

  it('is refused in the same words when it is another person’s, untrusted, missing, or one nobody has', async () => {
    const { person, own } = await holder();
    const other = await holder();
    const wrong = [other.own, { ...own, trusted: false }, null, card()];
    for (const one of wrong) await expect(enter(person, one)).rejects.toEqual(NO);
    expect(reasons()).toEqual(wrong.map(() => 'certificate'));
    expect(await enter(person, own)).toMatchObject({ kind: 'session' });
    // Without the judgement every one of them would do.
    const careless = createAccess(stage.world.ports, {
      judgeCertificate: () => ({ kind: 'certificate', marks: [], use: () => Promise.resolve(true) }),
    });
    expect(await enter(person, null, careless)).toMatchObject({ kind: 'session' });
  });

  it('that was revoked is neither added nor let in, and the audit says why', async () => {
    const { person, own } = await holder();
    stage.world.revoked.add(own.fingerprint);
    await expect(enter(person, own)).rejects.toEqual(NO);
    expect(reasons()).toEqual(['certificate-revoked']);
    // The key stays the card's: a new certificate for it that stands is good again.
    expect(await enter(person, { ...own, fingerprint: 'renewed' })).toMatchObject({ kind: 'session' });
    const other = card();
    stage.world.revoked.add(other.fingerprint);
    await expect(add(person, other)).rejects.toEqual(refused('wrong-state', 'certificate-revoked'));
  });

  it('counts nowhere on an installation without authorities', async () => {
    const person = await stage.enrol();
    const bare = createAccess({ ...stage.world.ports, clientCertificates: null });
    const rule = { ...USUAL_SIGN_IN, certificate: 'phishing-resistant' } as const;
    await expect(bare.signInRules.change(callerOf(person), rule)).rejects.toEqual(
      refused('wrong-state', 'needs-client-authorities'),
    );
  });

  it('does no more after its removal, and can be added again', async () => {
    const { person, own } = await holder({ administrators: 'any' });
    const { factors } = await access.account.read(ownerOf(person));
    const [kept] = factors.filter(({ kind }) => kind === 'certificate');
    const session = await stage.signIn(person);
    await access.account.remove(ownerOf(person), kept?.id ?? '');
    expect(stage.world.entries.find(({ action }) => action === 'factor.removed')).toMatchObject({
      details: { kind: 'certificate' },
    });
    expect(await access.sessions.authenticate(session.token)).toBeNull();
    await expect(enter(person, own)).rejects.toEqual(NO);
    await add(person, own);
    expect(await enter(person, own)).toMatchObject({ kind: 'session' });
  });

  it('is not left as the last factor, because nothing could be confirmed with it', async () => {
    const { person } = await holder({ administrators: 'any' });
    const { factors } = await access.account.read(ownerOf(person));
    const app = factors.find(({ kind }) => kind === 'totp')?.id ?? '';
    await expect(access.account.remove(ownerOf(person), app)).rejects.toEqual(
      refused('wrong-state', 'last-factor'),
    );
    const { caller, identity, session } = ownerOf(person);
    expect(await access.stepUp.factors({ caller, session: { id: session, identity } })).toEqual(['totp']);
  });

  it('fails at the next sign-in when the organisation counts it no more, or asks for hardware', async () => {
    const { person, own } = await holder();
    await allow(person, { administrators: 'device-bound' });
    expect(await enter(person, own)).toMatchObject({ kind: 'enrol', due: { demanded: 'device-bound' } });
    await allow(person, { administrators: 'device-bound', certificate: 'device-bound' });
    expect(await enter(person, own)).toMatchObject({ kind: 'session' });
    await allow(person, { administrators: 'any', certificate: 'off' });
    expect((await stage.begin(person)).factors).toEqual(['totp', 'recovery-code']);
    await expect(enter(person, own)).rejects.toEqual(NO);
    // Not as a way to another factor either, where the person has nothing that would do.
    await allow(person, { certificate: 'off' });
    await expect(enter(person, own)).rejects.toEqual(NO);
    expect(reasons()).toEqual(['certificate-not-allowed', 'certificate-not-allowed']);
  });

  it('counts in no organisation that does not count it, not by a change to it either', async () => {
    const { person, own } = await holder();
    const elsewhere = await stage.enrol();
    await access.signInRules.change(callerOf(elsewhere), { ...USUAL_SIGN_IN, graceDays: 0 });
    const { database } = stage.world.ports;
    await database.tenant([elsewhere.organisation], 'app', (tx) =>
      access.members.add(
        tx,
        elsewhere.organisation,
        { address: person.address, displayName: 'x', roles: ['sender'], founder: callerOf(person).actor },
        null,
        from,
      ),
    );
    const outcome = await enter(person, own);
    if (outcome.kind !== 'session') throw new Error('not let in');
    const { id } = outcome.started;
    const move = access.sessions.switchTo(callerOf(person), id, person.identity, elsewhere.organisation);
    await expect(move).rejects.toEqual(refused('wrong-state', 'factor-demanded'));
  });

  it('that has ended is no factor: a weaker one leads to a new key, and a renewed card with the same key in', async () => {
    const { person, own } = await holder();
    stage.world.clock.advance(31 * DAY);
    const ended = { ...own, trusted: false };
    await expect(enter(person, ended)).rejects.toEqual(NO);
    const { factors } = await access.account.read(ownerOf(person));
    expect(factors.find(({ kind }) => kind === 'certificate')?.enough).toBe(false);
    expect((await stage.begin(person)).factors).toEqual(['certificate', 'totp', 'recovery-code']);
    expect(await stage.byTotp(person)).toMatchObject({ kind: 'enrol' });
    const notAfter = new Date(stage.world.clock.now().getTime() + 300 * DAY * 1000);
    expect(await enter(person, { ...own, notAfter, fingerprint: 'other' })).toMatchObject({
      kind: 'session',
    });
    expect((await stage.begin(person)).factors).toEqual(['certificate', 'recovery-code']);
  });

  it('is gone after a recovery, like everything that was before', async () => {
    const { person, own } = await holder();
    const actor = { kind: 'system', component: 'test' } as const;
    const started = { ...callerOf(person), actor };
    const { ceremony: token } = await access.recovery.start(started, person.identity);
    await access.recovery.mailCode(token, from);
    const body = stage.world.notices.findLast((one) => one.body.kind === 'sign-in-code')?.body;
    const code = body?.kind === 'sign-in-code' ? body.code : '';
    const confirmed = await access.recovery.confirm({ token, code }, from);
    await stage.world.ports.database.tenant([person.organisation], 'app', (tx) =>
      access.recovery.finish(tx, confirmed, 'x', from),
    );
    expect((await access.account.read(ownerOf(person))).factors).toEqual([]);
    await expect(add(person, own)).resolves.toBeUndefined();
  });
});
