/**
 * Octets with CRLF line ends where their first line ends with a bare LF: what was written so before it was encrypted is
 * text in another form (RFC 8551 §3.1.1 and RFC 3156 §5 ask for CRLF; openssl and gpg do not insist). All else stays as it
 * is: a lone LF further down may be part of a binary body.
 */
export function canonicalLineEnds(octets: Buffer): Buffer {
  const first = octets.indexOf(10);
  if (first === -1 || (first > 0 && octets[first - 1] === 13)) return octets;
  const text = octets.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  return Buffer.from(text, 'latin1');
}
