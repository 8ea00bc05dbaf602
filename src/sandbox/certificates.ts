import 'reflect-metadata'; // @peculiar/x509 stands on tsyringe, which wants it first
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** A certification authority that lives in memory as long as the sandbox does. */
export interface SandboxAuthority {
  /** The root to trust, PEM. */
  readonly root: string;
  issue(hostName: string, validity?: Validity): Promise<Credentials>;
  selfSigned(hostName: string): Promise<Credentials>;
  /** For a person's mail program (RFC 8550): signs, and agrees on keys. */
  issueMail(address: string): Promise<Credentials>;
}

interface Validity {
  readonly from: Date;
  readonly to: Date;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export async function createAuthority(now: Date): Promise<SandboxAuthority> {
  const validity = { from: new Date(now.getTime() - DAY_MS), to: new Date(now.getTime() + 30 * DAY_MS) };
  const keys = await newKeys();
  const name = 'CN=Sealpost sandbox authority';
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    notBefore: validity.from,
    notAfter: validity.to,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    root: root.toString('pem'),
    async issue(hostName, { from, to } = validity) {
      const own = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: `CN=${hostName}`,
        issuer: name,
        notBefore: from,
        notAfter: to,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: serverExtensions(hostName),
      });
      return { cert: certificate.toString('pem'), key: await pemKey(own.privateKey) };
    },
    async issueMail(address) {
      const own = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: `CN=${address.split('@')[0]}`,
        issuer: name,
        notBefore: validity.from,
        notAfter: validity.to,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: mailExtensions(address),
      });
      return { cert: certificate.toString('pem'), key: await pemKey(own.privateKey) };
    },
    async selfSigned(hostName) {
      const own = await newKeys();
      const certificate = await X509CertificateGenerator.createSelfSigned({
        serialNumber: serial(),
        name: `CN=${hostName}`,
        notBefore: validity.from,
        notAfter: validity.to,
        keys: own,
        signingAlgorithm: ALGORITHM,
        extensions: serverExtensions(hostName),
      });
      return { cert: certificate.toString('pem'), key: await pemKey(own.privateKey) };
    },
  };
}

function serverExtensions(hostName: string) {
  return [
    new SubjectAlternativeNameExtension([{ type: 'dns', value: hostName }]),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  ];
}

function mailExtensions(address: string) {
  return [
    new SubjectAlternativeNameExtension([{ type: 'email', value: address }]),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.emailProtection]),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement, true),
  ];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** Positive, as RFC 5280 §4.1.2.2 wants it. */
function serial(): string {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x01;
  return octets.toString('hex');
}

async function pemKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
