import { createCipheriv, createHash, randomBytes } from 'node:crypto';

// The few packets of RFC 9580 that a signed and encrypted message of ours is made of, as octets. Pure but for randomness.

/** A packet with a new-format header (RFC 9580 §4.2). */
export function packet(tag: number, ...body: readonly Uint8Array[]): Uint8Array[] {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.of(0xc0 | tag, ...packetLength(length)), ...body];
}

/** Length of a packet or subpacket in one, two or five octets (§4.2.1, §5.2.3.7). */
function packetLength(length: number): number[] {
  if (length < 192) return [length];
  if (length < 8_384) return [((length - 192) >>> 8) + 192, (length - 192) & 0xff];
  return [255, ...uint32(length)];
}

export function uint32(value: number): number[] {
  return [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** A multiprecision integer (§3.2): its length in bits, then its octets without leading zeros. */
export function mpi(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length && octets[start] === 0) start += 1;
  const significant = octets.subarray(start);
  const bits = significant.length === 0 ? 0 : significant.length * 8 - Math.clz32(significant[0] ?? 0) + 24;
  return Uint8Array.from([bits >>> 8, bits & 0xff, ...significant]);
}

/** Literal data (§5.9): binary, without a name or a date, which would tell something of the sender's disk. */
export function literalData(octets: Uint8Array): Uint8Array[] {
  return packet(11, Uint8Array.of(0x62, 0, 0, 0, 0, 0), octets);
}

/** A signature subpacket (§5.2.3.7). */
export function subpacket(type: number, body: Uint8Array): Uint8Array {
  return Uint8Array.from([...packetLength(body.length + 1), type, ...body]);
}

export type Cipher = 'aes-128-cfb' | 'aes-256-cfb';

/**
 * Symmetrically encrypted and integrity protected data, version 1 (§5.13.1): CFB over a random block with its last two
 * octets repeated, the packets, and SHA-1 of it all. SHA-1 is what the format says; what it must do here, that a change
 * of the encrypted hash is not hidden, does not rest on collisions.
 */
export function integrityProtected(
  cipher: Cipher,
  key: Uint8Array,
  packets: readonly Uint8Array[],
): Uint8Array[] {
  const block = randomBytes(16);
  const head = Buffer.concat([block, block.subarray(14)]);
  const mark = Uint8Array.of(0xd3, 0x14);
  const hash = createHash('sha1').update(head);
  const encrypt = createCipheriv(cipher, key, new Uint8Array(16));
  const out: Uint8Array[] = [Uint8Array.of(1), encrypt.update(head)];
  for (const part of packets) {
    hash.update(part);
    out.push(encrypt.update(part));
  }
  hash.update(mark);
  out.push(encrypt.update(mark), encrypt.update(hash.digest()), encrypt.final());
  return packet(18, ...out);
}
