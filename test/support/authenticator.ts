import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '#platform/access';

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
export class Authenticator {
  readonly #id = randomBytes(16);
  readonly #privateKey: KeyObject;
  readonly #publicKey: Buffer;
  counter = 0;
  /** Whether it verifies its holder by PIN or body (flag UV). */
  verifies = true;
  /** Whether its keys are copied to other devices (flags BE and BS). */
  synced = false;

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
    const verified = this.verifies ? flags : flags & ~0x04;
    return Buffer.concat([sha256(rpId), Buffer.from([this.synced ? verified | 0x18 : verified]), counter]);
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
