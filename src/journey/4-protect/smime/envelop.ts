import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import {
  algorithm,
  bitString,
  type Certificate,
  childrenOf,
  der,
  derPieces,
  nothing,
  OID,
  objectId,
  octetString,
  readBits,
  readDer,
  sequence,
  setOf,
  smallInteger,
} from '#platform/keyring';
import { wrapKey } from './key-agreement.ts';

/** How RSA carries the content key. Elliptic curves always agree on one (RFC 5753). */
export type RsaTransport = 'oaep' | 'pkcs1';
/** AES-256-GCM in AuthEnvelopedData (RFC 5083, 5084) or AES-256-CBC in EnvelopedData (RFC 5652 §6, RFC 3565). */
export type ContentCipher = 'gcm' | 'cbc';

/** RSASSA's and openssl's default would be SHA-1; RFC 8702 and all that read OAEP know SHA-256. */
const OAEP = algorithm(
  OID.oaep,
  sequence(
    der(0xa0, algorithm(OID.sha256, nothing)),
    der(0xa1, algorithm(OID.mgf1, algorithm(OID.sha256, nothing))),
  ),
);
const SCHEME_OF_CURVE: Readonly<Record<string, string>> = {
  prime256v1: OID.ecdhSha256,
  secp384r1: OID.ecdhSha384,
  secp521r1: OID.ecdhSha512,
};
const WRAP = algorithm(OID.aes256Wrap);

/** Encrypts for one certificate: DER of a ContentInfo. A fresh content key and nonce each time. */
export function envelop(
  content: Buffer,
  certificate: Certificate,
  cipher: ContentCipher,
  rsa: RsaTransport,
): Buffer {
  const key = randomBytes(32);
  try {
    const recipients = setOf([recipientInfo(certificate, key, rsa)]);
    return cipher === 'gcm'
      ? authEnveloped(content, key, recipients)
      : enveloped(content, key, recipients, certificate);
  } finally {
    key.fill(0);
  }
}

function authEnveloped(content: Buffer, key: Buffer, recipients: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const encrypted = [cipher.update(content), cipher.final()];
  const parameters = sequence(octetString(nonce), smallInteger(16));
  return contentInfo(OID.authEnvelopedData, [
    smallInteger(0),
    recipients,
    ...encryptedContent(algorithm(OID.aes256Gcm, parameters), encrypted),
    octetString(cipher.getAuthTag()),
  ]);
}

function enveloped(content: Buffer, key: Buffer, recipients: Buffer, { key: kind }: Certificate): Buffer {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = [cipher.update(content), cipher.final()];
  return contentInfo(OID.envelopedData, [
    // RFC 5652 §6.1: 0 where all recipients are by key transport and issuer name, else 2.
    smallInteger(kind.kind === 'rsa' ? 0 : 2),
    recipients,
    ...encryptedContent(algorithm(OID.aes256Cbc, octetString(iv)), encrypted),
  ]);
}

/** EncryptedContentInfo, in pieces. */
function encryptedContent(cipher: Buffer, encrypted: readonly Buffer[]): Buffer[] {
  return derPieces(0x30, [objectId(OID.data), cipher, ...derPieces(0x80, encrypted)]);
}

function contentInfo(oid: string, fields: readonly Buffer[]): Buffer {
  return Buffer.concat(derPieces(0x30, [objectId(oid), ...derPieces(0xa0, derPieces(0x30, fields))]));
}

function recipientInfo(certificate: Certificate, key: Buffer, rsa: RsaTransport): Buffer {
  return certificate.key.kind === 'rsa'
    ? keyTransport(certificate, key, rsa)
    : keyAgreement(certificate, key);
}

/** RFC 5652 §6.2.1, RFC 8017. */
function keyTransport(certificate: Certificate, key: Buffer, rsa: RsaTransport): Buffer {
  const encrypted =
    rsa === 'oaep'
      ? publicEncrypt(
          { key: certificate.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
          key,
        )
      : publicEncrypt({ key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
  return sequence(
    smallInteger(0),
    sequence(certificate.issuerName, certificate.serial),
    rsa === 'oaep' ? OAEP : algorithm(OID.rsa, nothing),
    octetString(encrypted),
  );
}

/** RFC 5652 §6.2.2, RFC 5753 §3.1: an ephemeral key of ours on the recipient's curve. */
function keyAgreement(certificate: Certificate, key: Buffer): Buffer {
  const curve = certificate.key.kind === 'ec' ? certificate.key.curve : '';
  const scheme = SCHEME_OF_CURVE[curve];
  if (scheme === undefined) throw new Error('a certificate with a key that cannot agree');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const [keyAlgorithm, point] = childrenOf(readDer(publicKey.export({ type: 'spki', format: 'der' })));
  const agreement = { scheme, wrap: OID.aes256Wrap, wrapAlgorithm: WRAP, material: null };
  const wrapped = wrapKey(agreement, privateKey, certificate.publicKey, key);
  const originator = der(0xa1, keyAlgorithm?.raw ?? Buffer.alloc(0), bitString(readBits(point)));
  return der(
    0xa1,
    smallInteger(3),
    der(0xa0, originator),
    algorithm(scheme, WRAP),
    sequence(sequence(sequence(certificate.issuerName, certificate.serial), octetString(wrapped))),
  );
}
