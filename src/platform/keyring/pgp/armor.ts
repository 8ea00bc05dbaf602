/** Characters of an armour line; RFC 9580 §6.2 allows 76, and gpg writes 64. */
const LINE = 64;

/**
 * ASCII armour (RFC 9580 §6.2) with CRLF line ends, as a part of a mail needs them. Without the CRC, which §6.1 asks new
 * programs to leave out. Written here because the library's own armour costs more time than the encryption.
 */
export function armor(kind: 'MESSAGE' | 'PUBLIC KEY BLOCK', octets: Uint8Array): Buffer {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
  const head = `-----BEGIN PGP ${kind}-----\r\n\r\n`;
  const foot = `-----END PGP ${kind}-----\r\n`;
  const lines = Math.ceil(text.length / LINE);
  const out = Buffer.allocUnsafe(head.length + text.length + lines * 2 + foot.length);
  let at = out.write(head, 0, 'latin1');
  const encoded = Buffer.from(text, 'latin1');
  for (let start = 0; start < encoded.length; start += LINE) {
    at += encoded.copy(out, at, start, Math.min(start + LINE, encoded.length));
    out[at] = 0x0d;
    out[at + 1] = 0x0a;
    at += 2;
  }
  out.write(foot, at, 'latin1');
  return out;
}
