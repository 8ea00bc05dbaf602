import { randomBytes } from 'node:crypto';
import { findField, parseHeader } from './header-field.ts';
import { parseParameters } from './parameters.ts';
import { splitMessage } from './protect-headers.ts';

/**
 * A PGP/MIME message (RFC 3156 §4): the outer fields, then the two parts of multipart/encrypted. `armoured` has CRLF
 * line ends, the last one too.
 */
export function buildPgpMime(outer: Buffer, armoured: Buffer): Buffer {
  // Random, and with a character that base64 lines cannot begin with.
  const boundary = `=_${randomBytes(18).toString('base64url')}`;
  const head = [
    'MIME-Version: 1.0',
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
    ` boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: application/pgp-encrypted',
    '',
    'Version: 1',
    '',
    `--${boundary}`,
    'Content-Type: application/octet-stream; name="encrypted.asc"',
    'Content-Disposition: inline; filename="encrypted.asc"',
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([outer, Buffer.from(head), armoured, Buffer.from(`--${boundary}--\r\n`)]);
}

/**
 * The armoured OpenPGP message of a PGP/MIME mail, or null for anything else. Only the one structure of RFC 3156 §4 is
 * taken: a ciphertext that stands among other parts is left alone, because what stands around it could be made to carry
 * the decrypted text away (EFAIL).
 */
export function readPgpMime(message: Buffer): string | null {
  const { header, body } = splitMessage(message);
  const type = parseParameters(findField(parseHeader(header).fields, 'content-type')?.value ?? '');
  const boundary = type.parameters.get('boundary') ?? '';
  if (type.value !== 'multipart/encrypted' || boundary === '') return null;
  if (type.parameters.get('protocol')?.toLowerCase() !== 'application/pgp-encrypted') return null;
  const parts = splitParts(body, boundary);
  const [control, content] = parts;
  if (parts.length !== 2 || control === undefined || content === undefined) return null;
  if (typeOf(control) !== 'application/pgp-encrypted' || typeOf(content) !== 'application/octet-stream')
    return null;
  if (!/^Version: 1\s*$/i.test(splitMessage(control).body.toString('latin1'))) return null;
  return splitMessage(content).body.toString('latin1');
}

/** A signed PGP/MIME entity (RFC 3156 §5): the first part exactly as it was signed, and the armoured signature. */
export function readPgpSigned(
  message: Buffer,
): { readonly signed: Buffer; readonly armoured: string } | null {
  const { header, body } = splitMessage(message);
  const type = parseParameters(findField(parseHeader(header).fields, 'content-type')?.value ?? '');
  const boundary = type.parameters.get('boundary') ?? '';
  if (type.value !== 'multipart/signed' || boundary === '') return null;
  if (type.parameters.get('protocol')?.toLowerCase() !== 'application/pgp-signature') return null;
  const [signed, signature, ...more] = splitParts(body, boundary);
  if (signed === undefined || signature === undefined || more.length > 0) return null;
  if (typeOf(signature) !== 'application/pgp-signature') return null;
  return { signed, armoured: splitMessage(signature).body.toString('latin1') };
}

function typeOf(part: Buffer): string {
  return parseParameters(
    findField(parseHeader(splitMessage(part).header).fields, 'content-type')?.value ?? '',
  ).value;
}

/** The parts between delimiter lines (RFC 2046 §5.1.1). Without the closing delimiter there are none: it was cut. */
function splitParts(body: Buffer, boundary: string): Buffer[] {
  const parts: Buffer[] = [];
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  let start = -1;
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const atLineStart = at === 0 || (body[at - 2] === 0x0d && body[at - 1] === 0x0a);
    const after = at + delimiter.length;
    const lineEnd = body.indexOf('\r\n', after);
    const rest = body.toString('latin1', after, lineEnd === -1 ? body.length : lineEnd).trimEnd();
    if (atLineStart && (rest === '' || rest === '--')) {
      if (start !== -1) parts.push(body.subarray(start, Math.max(start, at - 2)));
      if (rest === '--') return parts;
      if (lineEnd === -1) return [];
      start = lineEnd + 2;
    }
    at = body.indexOf(delimiter, after);
  }
  return [];
}
