import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
} from 'node:crypto';
import type { Subkey } from 'openpgp';
import { mpi, packet } from './packets.ts';

/** Encrypts a session key (with its algorithm in front and its checksum behind) to one subkey: packet 1, version 3. */
export type SessionKeySealer = (sessionKey: Uint8Array) => Uint8Array[];

const RSA = 1;
const ECDH = 18;
/** 1.3.6.1.4.1.3029.1.5.1, Curve25519Legacy (RFC 9580 §9.2). */
const CURVE25519 = Buffer.from('2b060104019755010501', 'hex');
const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
/** Ciphers that wrap keys (RFC 3394), with the octets of their key. */
const WRAPS: Readonly<Record<number, readonly [string, number]>> = {
  7: ['id-aes128-wrap', 16],
  8: ['id-aes192-wrap', 24],
  9: ['id-aes256-wrap', 32],
};
/** RFC 3394 §2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6);

/**
 * How to encrypt to this subkey with the platform's own cryptography, which is several times as fast as the library's:
 * RSA and Curve25519, which nearly all keys are. Null for all others: they go through the library. What is read of a
 * subkey is checked, since these are not published parts of the library.
 */
export function sessionKeySealer(subkey: Subkey): SessionKeySealer | null {
  const { keyPacket } = subkey;
  const parameters: unknown = Reflect.get(keyPacket, 'publicParams');
  const algorithm: unknown = Reflect.get(keyPacket, 'algorithm');
  const id = Buffer.from(subkey.getKeyID().toHex(), 'hex');
  if (Reflect.get(keyPacket, 'version') !== 4 || !(parameters instanceof Object)) return null;
  if (algorithm === RSA) return rsaSealer(parameters, id);
  return algorithm === ECDH ? ecdhSealer(parameters, id, subkey.getFingerprint()) : null;
}

function octetsIn(holder: object, name: string): Uint8Array | null {
  const value: unknown = Reflect.get(holder, name);
  return value instanceof Uint8Array ? value : null;
}

function rsaSealer(parameters: object, id: Buffer): SessionKeySealer | null {
  const [n, e] = [octetsIn(parameters, 'n'), octetsIn(parameters, 'e')];
  if (n === null || e === null) return null;
  const encode = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
  const key = createPublicKey({ key: { kty: 'RSA', n: encode(n), e: encode(e) }, format: 'jwk' });
  return (sessionKey) => {
    // PKCS #1 v1.5 is what RFC 9580 §5.1.3 says; its weakness is in decrypting.
    const sealed = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, sessionKey);
    return packet(1, Uint8Array.of(3), id, Uint8Array.of(RSA), mpi(sealed));
  };
}

/** RFC 9580 §11.5 with §5.1.5: an ephemeral key, the derived key-encryption key, RFC 3394 wrapping. */
function ecdhSealer(parameters: object, id: Buffer, fingerprint: string): SessionKeySealer | null {
  const oid: unknown = Reflect.get(parameters, 'oid');
  const kdf: unknown = Reflect.get(parameters, 'kdfParams');
  const point = octetsIn(parameters, 'Q');
  if (!(oid instanceof Object) || !(kdf instanceof Object) || point?.length !== 33 || point[0] !== 0x40)
    return null;
  const oidOctets = octetsIn(oid, 'oid');
  if (oidOctets === null || !CURVE25519.equals(oidOctets)) return null;
  const hashId = Number(Reflect.get(kdf, 'hash'));
  const cipherId = Number(Reflect.get(kdf, 'cipher'));
  const hash = HASHES[hashId];
  const wrap = WRAPS[cipherId];
  if (hash === undefined || wrap === undefined) return null;
  const [cipher, size] = wrap;
  const publicKey = x25519(point.subarray(1));
  const context = Buffer.concat([
    Uint8Array.of(oidOctets.length),
    oidOctets,
    Uint8Array.of(ECDH, 3, 1, hashId, cipherId),
    Buffer.from('Anonymous Sender    '),
    Buffer.from(fingerprint, 'hex'),
  ]);
  return (sessionKey) => {
    const ephemeral = generateKeyPairSync('x25519');
    const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey });
    const kek = createHash(hash)
      .update(Uint8Array.of(0, 0, 0, 1))
      .update(shared)
      .update(context)
      .digest();
    const padding = 8 - (sessionKey.length % 8);
    const padded = Buffer.concat([sessionKey, Buffer.alloc(padding, padding)]);
    const wrapping = createCipheriv(cipher, kek.subarray(0, size), WRAP_IV);
    const wrapped = Buffer.concat([wrapping.update(padded), wrapping.final()]);
    const x = ephemeral.publicKey.export({ format: 'jwk' }).x ?? '';
    const sent = Buffer.concat([Uint8Array.of(0x40), Buffer.from(x, 'base64url')]);
    return packet(
      1,
      Uint8Array.of(3),
      id,
      Uint8Array.of(ECDH),
      mpi(sent),
      Uint8Array.of(wrapped.length),
      wrapped,
    );
  };
}

function x25519(octets: Uint8Array): KeyObject {
  const x = Buffer.from(octets).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}
