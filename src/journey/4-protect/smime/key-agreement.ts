import { createCipheriv, createDecipheriv, createHash, diffieHellman, type KeyObject } from 'node:crypto';
import { der, OID, octetString, sequence } from '#platform/keyring';

/** Hash of the key derivation by the scheme's name (RFC 5753 §7.1.4). Openssl's default is the one with SHA-1. */
const SCHEMES: ReadonlyMap<string, string> = new Map([
  [OID.ecdhSha1, 'sha1'],
  [OID.ecdhSha256, 'sha256'],
  [OID.ecdhSha384, 'sha384'],
  [OID.ecdhSha512, 'sha512'],
]);

/** Octets of the key-encryption key by the wrap's name (RFC 3565 §2.3.2). */
const WRAPS: ReadonlyMap<string, number> = new Map([
  [OID.aes128Wrap, 16],
  [OID.aes192Wrap, 24],
  [OID.aes256Wrap, 32],
]);

const WRAP_IV = Buffer.alloc(8, 0xa6);

export interface Agreement {
  readonly scheme: string;
  readonly wrap: string;
  /** The wrap's AlgorithmIdentifier as it stands in the message: it is part of what is hashed. */
  readonly wrapAlgorithm: Buffer;
  /** User keying material, where the sender put some. */
  readonly material: Buffer | null;
}

/**
 * The key-encryption key of ECDH with the X9.63 derivation over ECC-CMS-SharedInfo (RFC 5753 §7.2). Null for a scheme
 * or wrap that is not known.
 */
function keyEncryptionKey(agreement: Agreement, privateKey: KeyObject, publicKey: KeyObject): Buffer | null {
  const hash = SCHEMES.get(agreement.scheme);
  const size = WRAPS.get(agreement.wrap);
  if (hash === undefined || size === undefined) return null;
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(size * 8);
  const shared = sequence(
    agreement.wrapAlgorithm,
    ...(agreement.material === null ? [] : [der(0xa0, octetString(agreement.material))]),
    der(0xa2, octetString(bits)),
  );
  const secret = diffieHellman({ privateKey, publicKey });
  const blocks: Buffer[] = [];
  for (let length = 0, counter = 1; length < size; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(hash).update(secret).update(number).update(shared).digest();
    blocks.push(block);
    length += block.length;
  }
  secret.fill(0);
  return Buffer.concat(blocks).subarray(0, size);
}

/** Wraps a content key for `publicKey` (RFC 3394). */
export function wrapKey(
  agreement: Agreement,
  ephemeral: KeyObject,
  publicKey: KeyObject,
  contentKey: Buffer,
): Buffer {
  const kek = keyEncryptionKey(agreement, ephemeral, publicKey);
  if (kek === null) throw new Error('a key agreement that is not known');
  const cipher = createCipheriv(`id-aes${kek.length * 8}-wrap`, kek, WRAP_IV);
  return Buffer.concat([cipher.update(contentKey), cipher.final()]);
}

/** Null where it does not unwrap or the scheme is not known. */
export function unwrapKey(
  agreement: Agreement,
  own: KeyObject,
  ephemeral: KeyObject,
  wrapped: Buffer,
): Buffer | null {
  try {
    const kek = keyEncryptionKey(agreement, own, ephemeral);
    if (kek === null) return null;
    const decipher = createDecipheriv(`id-aes${kek.length * 8}-wrap`, kek, WRAP_IV);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    // A point off the curve, a wrong length, a broken checksum: all the same to whoever sent it.
    return null;
  }
}
