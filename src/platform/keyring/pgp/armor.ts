/** Characters of an armour line; RFC 9580 §6.2 allows 76, and gpg writes 64. */
const LINE = 64;
const CRC_START = 0xb704ce;
const CRC_POLYNOMIAL = 0x864cfb;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 16;
  for (let bit = 0; bit < 8; bit += 1)
    crc = (crc & 0x800000 ? (crc << 1) ^ CRC_POLYNOMIAL : crc << 1) & 0xffffff;
  return crc;
});

/** CRC-24 (RFC 9580 §6.1.1). */
function crc24(octets: Uint8Array): number {
  let crc = CRC_START;
  // By index: an iterator would take longer than the encryption.
  for (let at = 0; at < octets.length; at += 1)
    crc = ((crc << 8) & 0xffffff) ^ (CRC_TABLE[(crc >>> 16) ^ (octets[at] ?? 0)] ?? 0);
  return crc;
}

/**
 * ASCII armour (RFC 9580 §6.2) with CRLF line ends, as a part of a mail needs them. `checksum` adds the CRC: §6.1 forbids it
 * for AEAD and version 6, but gpg 2.2 cannot read a message without it whose base64 ends on a whole group. Written here
 * because the library's own armour costs more time than the encryption.
 */
export function armor(kind: 'MESSAGE' | 'PUBLIC KEY BLOCK', octets: Uint8Array, checksum: boolean): Buffer {
  const encoded = Buffer.from(base64Of(octets), 'latin1');
  const head = `-----BEGIN PGP ${kind}-----\r\n\r\n`;
  const crc = checksum ? `=${base64Of(threeOctets(crc24(octets)))}\r\n` : '';
  const foot = `${crc}-----END PGP ${kind}-----\r\n`;
  const lines = Math.ceil(encoded.length / LINE);
  const out = Buffer.allocUnsafe(head.length + encoded.length + lines * 2 + foot.length);
  let at = out.write(head, 0, 'latin1');
  for (let start = 0; start < encoded.length; start += LINE) {
    at += encoded.copy(out, at, start, Math.min(start + LINE, encoded.length));
    out[at] = 0x0d;
    out[at + 1] = 0x0a;
    at += 2;
  }
  out.write(foot, at, 'latin1');
  return out;
}

function threeOctets(value: number): Uint8Array {
  return Uint8Array.of(value >>> 16, (value >>> 8) & 0xff, value & 0xff);
}

function base64Of(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
}
