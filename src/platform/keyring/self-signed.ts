import 'reflect-metadata'; // @peculiar/x509 stands on tsyringe, which wants it first
import { randomBytes, webcrypto } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 3072,
};

/**
 * A key pair for SAML, which knows RSA best, and the certificate that carries its public part: ten years, because providers pin
 * it and nobody looks at its dates. RSA 3072 with SHA-256, PEM.
 */
export async function samlKeyPair(now: Date): Promise<{ readonly cert: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: 'CN=Sealpost single sign-on',
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + 3653 * DAY_MS),
    keys,
    signingAlgorithm: RSA,
  });
  return { cert: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
}

/**
 * A self-signed certificate for our own listeners until the operator brings one (RFC 5280): a year, P-256, PEM. It
 * encrypts; clients cannot verify it, which the start says.
 */
export async function selfSignedCertificate(
  hostName: string,
  now: Date,
): Promise<{ readonly cert: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: `CN=${hostName}`,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + 365 * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: hostName },
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  });
  return { cert: certificate.toString('pem'), key: await keyPem(keys.privateKey) };
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
