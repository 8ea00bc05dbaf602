import { type KeyObject, verify } from 'node:crypto';
import { OID } from '../der/oids.ts';
import { childrenOf, type DerNode, readAlgorithm, readOid } from '../der/read.ts';

type SignatureDigest = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'ed25519';

const BY_OID: ReadonlyMap<string, SignatureDigest> = new Map([
  [OID.rsaSha1, 'sha1'],
  [OID.rsaSha256, 'sha256'],
  [OID.rsaSha384, 'sha384'],
  [OID.rsaSha512, 'sha512'],
  [OID.ecdsaSha256, 'sha256'],
  [OID.ecdsaSha384, 'sha384'],
  [OID.ecdsaSha512, 'sha512'],
  [OID.ed25519, 'ed25519'],
]);

const HASHES: ReadonlyMap<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'> = new Map([
  [OID.sha1, 'sha1'],
  [OID.sha256, 'sha256'],
  [OID.sha384, 'sha384'],
  [OID.sha512, 'sha512'],
]);

/** The hash that a digest algorithm names; null for one that is not known here (MD5 and its like). */
export function digestOf(oid: string): 'sha1' | 'sha256' | 'sha384' | 'sha512' | null {
  return HASHES.get(oid) ?? null;
}

/**
 * Whether a signature over `octets` fits. SHA-1 and what is not known never fit; nor does one of another kind than the
 * key, for which OpenSSL throws.
 */
export function signatureFits(
  algorithm: DerNode | undefined,
  octets: Buffer,
  key: KeyObject,
  signature: Buffer,
): boolean {
  const digest = digestOfSignature(algorithm);
  if (digest === null || digest === 'sha1') return false;
  try {
    return verify(digest === 'ed25519' ? null : digest, octets, key, signature);
  } catch {
    return false;
  }
}

/** The hash under a signature by its AlgorithmIdentifier; that of RSASSA-PSS stands in its parameters (RFC 4055 §3.1). */
export function digestOfSignature(node: DerNode | undefined): SignatureDigest | null {
  const { oid, parameters } = readAlgorithm(node);
  if (oid !== OID.pss) return BY_OID.get(oid) ?? null;
  const hash = parameters === null ? undefined : childrenOf(parameters).find(({ tag }) => tag === 0xa0);
  if (hash === undefined) return 'sha1';
  return digestOf(readOid(childrenOf(childrenOf(hash)[0] ?? hash)[0]));
}
