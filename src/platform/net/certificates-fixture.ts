// For this room's tests only: certificates with whatever a test wants in them.
import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export interface Issued {
  readonly certificate: X509Certificate;
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

export interface Wanted {
  readonly name: string;
  /** Null: signed by itself. */
  readonly issuer?: Issued | null;
  readonly names?: readonly string[];
  readonly authority?: boolean;
  readonly pathLength?: number;
  readonly expired?: boolean;
  readonly keyUsage?: number;
  readonly extendedUsages?: readonly string[];
  readonly extension?: { readonly oid: string; readonly critical: boolean };
}

export async function issue(wanted: Wanted): Promise<Issued> {
  const { name, issuer = null, names = [], authority = false, expired = false } = wanted;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = Date.now();
  const made = await X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(8).toString('hex')}`,
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    notBefore: new Date(now - 20 * DAY_MS),
    notAfter: new Date(now + (expired ? -1 : 20) * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(authority, wanted.pathLength, true),
      new KeyUsagesExtension(
        wanted.keyUsage ?? (authority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature),
        true,
      ),
      ...(names.length > 0
        ? [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))]
        : []),
      ...(wanted.extendedUsages === undefined
        ? []
        : [new ExtendedKeyUsageExtension([...wanted.extendedUsages])]),
      ...(wanted.extension === undefined
        ? []
        : [new Extension(wanted.extension.oid, wanted.extension.critical, Buffer.from('3000', 'hex'))]),
    ],
  });
  return { certificate: new X509Certificate(Buffer.from(made.rawData)), name, keys };
}
