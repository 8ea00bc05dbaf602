import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { DerBroken } from '../der/read.ts';
import { readPkcs12 } from './pkcs12.ts';
import { type Certificate, readCertificate } from './read-certificate.ts';

/** A certificate with its private key, and what stands between it and its root. */
export interface OwnCertificate {
  readonly certificate: Certificate;
  readonly others: readonly Certificate[];
  readonly privateKey: KeyObject;
}

/** Why something cannot be imported. */
export type ImportProblem =
  | 'unreadable'
  | 'wrong-passphrase'
  | 'no-certificate'
  | 'no-key'
  | 'key-does-not-fit'
  | 'algorithm-not-supported';

export type Imported<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'problem'; readonly problem: ImportProblem };

const MOST_CERTIFICATES = 20;
const problem = (code: ImportProblem): { kind: 'problem'; problem: ImportProblem } => ({
  kind: 'problem',
  problem: code,
});

/** Certificates in PEM, or one in base64 of DER. The first is the one that is meant. */
export function importCertificates(text: string): Imported<readonly [Certificate, ...Certificate[]]> {
  const blocks = [...text.matchAll(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]+)-----END/g)];
  const bodies = blocks.length > 0 ? blocks.map((match) => match[1] ?? '') : [text];
  if (bodies.length > MOST_CERTIFICATES) return problem('unreadable');
  try {
    const [first, ...others] = bodies.map((body) => readCertificate(Buffer.from(body, 'base64')));
    return first === undefined ? problem('no-certificate') : { kind: 'read', value: [first, ...others] };
  } catch (error) {
    if (error instanceof DerBroken) return problem('unreadable');
    throw error;
  }
}

/** A key in PEM with its certificates in PEM, in any order. */
export function importPem(
  certificates: string,
  key: string,
  passphrase: string | null,
): Imported<OwnCertificate> {
  const read = importCertificates(certificates);
  if (read.kind === 'problem') return read;
  try {
    const privateKey = createPrivateKey({ key, ...(passphrase === null ? {} : { passphrase }) });
    return fitting(privateKey, read.value);
  } catch {
    // The library's text may tell of the key.
    return problem(/ENCRYPTED/.test(key) ? 'wrong-passphrase' : 'no-key');
  }
}

/** A PKCS #12 file (RFC 7292). */
export function importPkcs12(octets: Buffer, passphrase: string): Imported<OwnCertificate> {
  const read = readPkcs12(octets, passphrase);
  return read.kind === 'problem' ? read : fitting(read.value.privateKey, read.value.certificates);
}

/** The certificate that belongs to the key, and the others. */
function fitting(privateKey: KeyObject, certificates: readonly Certificate[]): Imported<OwnCertificate> {
  const own = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const certificate = certificates.find(({ publicKey }) =>
    own.equals(publicKey.export({ type: 'spki', format: 'der' })),
  );
  if (certificate === undefined)
    return problem(certificates.length === 0 ? 'no-certificate' : 'key-does-not-fit');
  const others = certificates.filter((one) => one !== certificate);
  return { kind: 'read', value: { certificate, others, privateKey } };
}
