import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { IdentityId } from '#core/ids';
import type { FactorRow } from './factor.store.ts';
import {
  type AuthenticationResponseJSON,
  checkPasskeyAnswer,
  checkPasskeyCreation,
  passkeyCreation,
  passkeyRequest,
  type RegistrationResponseJSON,
  relyingParty,
} from './passkey.ts';

/** The little of CBOR (RFC 8949) that an authenticator writes: integers, octets, text, maps. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, length: number): Buffer =>
    length < 24
      ? Buffer.from([(major << 5) | length])
      : length < 256
        ? Buffer.from([(major << 5) | 24, length])
        : Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const parts = [head(5, value.size)];
  for (const [key, item] of value) {
    if (
      typeof item === 'number' ||
      typeof item === 'string' ||
      Buffer.isBuffer(item) ||
      item instanceof Map
    ) {
      parts.push(cbor(key), cbor(item));
    }
  }
  return Buffer.concat(parts);
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();

/** An authenticator in memory (WebAuthn Level 3 §6): ES256, no attestation. */
class Authenticator {
  readonly #id = randomBytes(16);
  readonly #privateKey: KeyObject;
  readonly #publicKey: Buffer;
  counter = 0;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const coordinates = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')] as const;
    this.#publicKey = cbor(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, coordinates[0]],
        [-3, coordinates[1]],
      ]),
    );
  }

  #data(rpId: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter]);
  }

  register(challenge: string, origin: string, rpId: string): RegistrationResponseJSON {
    const length = Buffer.from([0, this.#id.length]);
    const authData = Buffer.concat([
      this.#data(rpId, 0x45),
      Buffer.alloc(16),
      length,
      this.#id,
      this.#publicKey,
    ]);
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    const client = JSON.stringify({ type: 'webauthn.create', challenge, origin });
    return {
      id: this.#id.toString('base64url'),
      rawId: this.#id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: Buffer.from(client).toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
      },
    };
  }

  answer(challenge: string, origin: string, rpId: string): AuthenticationResponseJSON {
    this.counter += 1;
    const authenticatorData = this.#data(rpId, 0x05);
    const client = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin }));
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(client)]), this.#privateKey);
    return {
      id: this.#id.toString('base64url'),
      rawId: this.#id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
      },
    };
  }
}

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
    expect(await checkPasskeyAnswer(party, challenge, answer, [row])).toEqual({ factor: row, counter: 1 });
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
