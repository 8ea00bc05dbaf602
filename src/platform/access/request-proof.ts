import { createPublicKey, type KeyObject, verify } from 'node:crypto';

// A proof that a request comes from the browser that signed in: a signature by a key that the browser holds and cannot
// give away. Made like a DPoP proof (RFC 9449) over method, path, time and a random id, but in a compact form of our own:
// one header, no JSON, so that it costs little at every request.
//
//   Sealpost-Proof: <milliseconds>.<id, 22 characters>.<ECDSA P-256 signature, base64url of r||s>

/** A proof as it came, not yet judged. */
export interface RequestProof {
  /** When the browser says it was made: milliseconds since 1970. */
  readonly at: number;
  readonly id: string;
  readonly signature: Buffer;
}

/** What a proof is made over. */
export interface ProofSubject {
  readonly method: string;
  /** As requested, without the query. */
  readonly path: string;
  /** The CSRF value sent with the request: what ties the proof to one session. Empty where the browser knows none yet. */
  readonly binding: string;
}

const FORM = /^([1-9]\d{12,13})\.([\w-]{22})\.([\w-]{86})$/;
const POINT = /^[\w-]{87}$/;

/** Null when the header has not the form of a proof. */
export function parseProof(header: string): RequestProof | null {
  const [, at, id, signature] = FORM.exec(header) ?? [];
  if (at === undefined || id === undefined || signature === undefined) return null;
  return { at: Number(at), id, signature: Buffer.from(signature, 'base64url') };
}

/** The octets that are signed. No part but the last can hold a line break. */
export function proofText(
  { method, path, binding }: ProofSubject,
  { at, id }: Pick<RequestProof, 'at' | 'id'>,
): string {
  return `sealpost proof v1\n${method}\n${at}\n${id}\n${binding}\n${path}`;
}

/** A browser's public key from base64url of an uncompressed P-256 point (SEC 1); null when it is none. */
export function readProofKey(raw: string): KeyObject | null {
  if (!POINT.test(raw)) return null;
  const point = Buffer.from(raw, 'base64url');
  if (point.length !== 65 || point[0] !== 4) return null;
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  if (x === undefined || y === undefined) return null;
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    return null; // not a point of the curve
  }
}

/** Whether the signature is by this key over this subject. About 0.1 ms. */
export function proofFits(key: KeyObject, subject: ProofSubject, proof: RequestProof): boolean {
  const text = Buffer.from(proofText(subject, proof));
  return verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, proof.signature);
}
