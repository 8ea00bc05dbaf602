import { describe, expect, it } from 'vitest';
import type { IdentityId } from '#core/ids';
import { Authenticator } from '../../../test/support/authenticator.ts';
import type { FactorRow } from './factor.store.ts';
import {
  type AuthenticationResponseJSON,
  checkPasskeyAnswer,
  checkPasskeyCreation,
  passkeyCreation,
  passkeyRequest,
  relyingParty,
} from './passkey.ts';
import { verifyNewPasskey, verifyPasskey } from './verified-passkey.ts';

const party = relyingParty('https://console.example');
const person = { address: 'ana@clinic.test', displayName: 'Ana' };

async function registered() {
  const device = new Authenticator();
  const { challenge } = await passkeyCreation(party, person);
  const made = await checkPasskeyCreation(
    party,
    challenge,
    device.register(challenge, party.origin, party.id),
  );
  if (made === null) throw new Error('not registered');
  const row: FactorRow = {
    id: 'f',
    identity: 'i' as IdentityId,
    kind: 'passkey',
    label: 'Passkey',
    secret: null,
    credential_id: made.credentialId,
    public_key: made.publicKey,
    counter: made.counter,
    transports: [...made.transports],
    last_step: null,
    device_bound: null,
    user_verified: false,
    certificate_key: null,
    expires_at: null,
    created_at: new Date(),
    last_used_at: null,
  };
  return { device, row };
}

describe('passkeys', () => {
  it('are made and then used', async () => {
    const { device, row } = await registered();
    const { challenge, allowCredentials, rpId } = await passkeyRequest(party, [row]);
    expect(rpId).toBe('console.example');
    expect(allowCredentials?.map(({ id }) => id)).toEqual([row.credential_id?.toString('base64url')]);
    const answer = device.answer(challenge, party.origin, party.id);
    const said = { userVerified: true, deviceBound: true };
    const checked = await checkPasskeyAnswer(party, challenge, answer, [row]);
    expect(checked).toEqual({ factor: row, counter: 1, ...said });
  });

  it('are refused for another challenge, origin, relying party, key, or a copied counter', async () => {
    const { device, row } = await registered();
    const { challenge } = await passkeyRequest(party, [row]);
    const check = (answer: AuthenticationResponseJSON, rows = [row]) =>
      checkPasskeyAnswer(party, challenge, answer, rows);
    expect(await check(device.answer('b3RoZXI', party.origin, party.id))).toBeNull();
    expect(await check(device.answer(challenge, 'https://evil.example', party.id))).toBeNull();
    expect(await check(device.answer(challenge, party.origin, 'evil.example'))).toBeNull();
    expect(await check(new Authenticator().answer(challenge, party.origin, party.id))).toBeNull();
    const { row: other } = await registered();
    const stolen = { ...row, public_key: other.public_key };
    expect(await check(device.answer(challenge, party.origin, party.id), [stolen])).toBeNull();
    expect(
      await check(device.answer(challenge, party.origin, party.id), [{ ...row, counter: 99 }]),
    ).toBeNull();
    expect(await check(device.answer(challenge, party.origin, party.id))).not.toBeNull();
  });

  it('are not registered from another page', async () => {
    const device = new Authenticator();
    const { challenge } = await passkeyCreation(party, person);
    const sent = device.register(challenge, 'https://evil.example', party.id);
    expect(await checkPasskeyCreation(party, challenge, sent)).toBeNull();
  });

  it('need a name and a secure page', () => {
    expect(relyingParty('http://localhost:8480')).toEqual({
      origin: 'http://localhost:8480',
      id: 'localhost',
    });
    for (const origin of [
      'http://127.0.0.1:8480',
      'https://192.0.2.1',
      'https://[::1]',
      'http://console.example',
    ]) {
      expect(() => relyingParty(origin)).toThrow('wrong-state');
    }
  });
});

describe('passkeys that verify their holder', () => {
  it('are taken with the flag alone, at making and at use, and the counter must grow', async () => {
    const device = new Authenticator();
    const challenge = 'a-challenge-of-ours-0123456789';
    const make = () => verifyNewPasskey(party, challenge, device.register(challenge, party.origin, party.id));
    device.verifies = false;
    expect(await make()).toBeNull();
    device.verifies = true;
    const made = await make();
    if (made === null) throw new Error('not made');
    const answer = device.answer(challenge, party.origin, party.id);
    expect(await verifyPasskey(party, challenge, answer, made)).toEqual({ counter: 1 });
    expect(await verifyPasskey(party, challenge, answer, { ...made, counter: 1 })).toBeNull();
    expect(await verifyPasskey(party, 'another', answer, made)).toBeNull();
    const elsewhere = device.answer(challenge, 'https://evil.example', party.id);
    expect(await verifyPasskey(party, challenge, elsewhere, made)).toBeNull();
    device.verifies = false;
    const unverified = device.answer(challenge, party.origin, party.id);
    expect(await verifyPasskey(party, challenge, unverified, made)).toBeNull();
  });
});
