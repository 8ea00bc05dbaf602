import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { PrivateKey } from 'openpgp';
import { mpi, packet, subpacket, uint32 } from './packets.ts';

/** Signs with our own keys (version 4, Ed25519) through the platform's cryptography. */
export interface MessageSigner {
  readonly keyId: Buffer;
  readonly fingerprint: Buffer;
  readonly key: KeyObject;
}

export type HashId = 8 | 10;

const EDDSA_LEGACY = 22;
const BINARY = 0x00;
const SALT_NAME = Buffer.from('salt@notations.openpgpjs.org');
/** PKCS #8 of an Ed25519 key, up to its 32 octets (RFC 8410 §7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Null for a key of another kind, which the library signs with. */
export function messageSigner(key: PrivateKey): MessageSigner | null {
  const { keyPacket } = key;
  const parameters: unknown = Reflect.get(keyPacket, 'privateParams');
  if (Reflect.get(keyPacket, 'version') !== 4 || Reflect.get(keyPacket, 'algorithm') !== EDDSA_LEGACY)
    return null;
  const seed: unknown = parameters instanceof Object ? Reflect.get(parameters, 'seed') : null;
  if (!(seed instanceof Uint8Array) || seed.length !== 32) return null;
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  try {
    return {
      keyId: Buffer.from(key.getKeyID().toHex(), 'hex'),
      fingerprint: Buffer.from(key.getFingerprint(), 'hex'),
      key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    };
  } finally {
    der.fill(0);
  }
}

/** The packet before the signed data, so that a reader can hash while it reads (RFC 9580 §5.4). */
export function onePassSignature(signer: MessageSigner, hash: HashId): Uint8Array[] {
  return packet(4, Uint8Array.of(3, BINARY, hash, EDDSA_LEGACY), signer.keyId, Uint8Array.of(1));
}

/**
 * A version 4 signature over octets (§5.2.3). A random notation makes two signatures over the same octets differ: a
 * fault of the machine while signing the same thing twice would otherwise give the key away.
 */
export function signaturePacket(
  signer: MessageSigner,
  hash: HashId,
  octets: Uint8Array,
  now: Date,
): Uint8Array[] {
  const hashed = Buffer.concat([
    subpacket(2, Uint8Array.from(uint32(Math.floor(now.getTime() / 1_000)))),
    subpacket(33, Buffer.concat([Uint8Array.of(4), signer.fingerprint])),
    subpacket(20, saltNotation()),
  ]);
  const start = Buffer.concat([
    Uint8Array.of(4, BINARY, EDDSA_LEGACY, hash, hashed.length >>> 8, hashed.length & 0xff),
    hashed,
  ]);
  const digest = createHash(hash === 10 ? 'sha512' : 'sha256')
    .update(octets)
    .update(start)
    .update(Uint8Array.from([4, 0xff, ...uint32(start.length)]))
    .digest();
  const signature = sign(null, digest, signer.key);
  const unhashed = subpacket(16, signer.keyId);
  return packet(
    2,
    start,
    Uint8Array.of(unhashed.length >>> 8, unhashed.length & 0xff),
    unhashed,
    digest.subarray(0, 2),
    mpi(signature.subarray(0, 32)),
    mpi(signature.subarray(32)),
  );
}

/** §5.2.3.24: flags, lengths of name and value, name, value. */
function saltNotation(): Uint8Array {
  const salt = randomBytes(32);
  return Buffer.concat([Uint8Array.of(0, 0, 0, 0, 0, SALT_NAME.length, 0, salt.length), SALT_NAME, salt]);
}
