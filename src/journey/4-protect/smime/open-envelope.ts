import { constants, createDecipheriv, createPublicKey, type KeyObject, privateDecrypt } from 'node:crypto';
import {
  bitString,
  type Certificate,
  childrenOf,
  DerBroken,
  type DerNode,
  der,
  expectTag,
  OID,
  readAlgorithm,
  readBits,
  readDer,
  readOctets,
  readOid,
  readSmall,
  sequence,
} from '#platform/keyring';
import { type Agreement, unwrapKey } from './key-agreement.ts';
import { SmimeRefused } from './refused.ts';

/** A certificate of ours with its private key. */
export interface OwnKey {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
}

export interface OpenedEnvelope {
  readonly content: Buffer;
  /** `none`: CBC says nothing about who changed what (EFAIL); only a good signature inside does. */
  readonly integrity: 'authenticated' | 'none';
}

const GCM: ReadonlyMap<string, number> = new Map([
  [OID.aes128Gcm, 128],
  [OID.aes192Gcm, 192],
  [OID.aes256Gcm, 256],
]);
const CBC: ReadonlyMap<string, number> = new Map([
  [OID.aes128Cbc, 128],
  [OID.aes192Cbc, 192],
  [OID.aes256Cbc, 256],
]);

/**
 * Opens EnvelopedData or AuthEnvelopedData. All or nothing: not one octet is handed out unless the whole has been
 * decrypted and, with GCM, authenticated. Throws SmimeRefused: `not-for-us`, `unsupported` or `broken`.
 */
export function openEnvelope(octets: Buffer, keys: readonly OwnKey[]): OpenedEnvelope {
  try {
    const [type, wrapped] = childrenOf(expectTag(readDer(octets, 'ber'), 0x30), 'ber');
    const oid = readOid(type);
    if (oid !== OID.envelopedData && oid !== OID.authEnvelopedData) throw new SmimeRefused('unsupported');
    const [body] = childrenOf(expectTag(wrapped, 0xa0), 'ber');
    const fields = childrenOf(expectTag(body, 0x30), 'ber').filter(({ tag }) => tag !== 0xa0);
    const [, recipients, encrypted] = fields;
    const key = contentKey(childrenOf(expectTag(recipients, 0x31), 'ber'), keys);
    return oid === OID.authEnvelopedData ? openGcm(fields, key) : openCbc(encrypted, key);
  } catch (error) {
    if (error instanceof DerBroken) throw new SmimeRefused('broken');
    throw error;
  }
}

interface EncryptedContent {
  readonly oid: string;
  readonly parameters: DerNode | null;
  readonly octets: Buffer;
}

function encryptedContent(node: DerNode | undefined): EncryptedContent {
  const [, cipher, octets] = childrenOf(expectTag(node, 0x30), 'ber');
  return { ...readAlgorithm(cipher), octets: readOctets(octets, 0x80) };
}

function openGcm(fields: readonly DerNode[], key: Buffer | null): OpenedEnvelope {
  const [, , info, ...rest] = fields;
  const { oid, parameters, octets } = encryptedContent(info);
  const bits = GCM.get(oid);
  if (bits === undefined || parameters === null) throw new SmimeRefused('unsupported');
  const [nonce, tagLength] = childrenOf(parameters, 'ber');
  const length = tagLength === undefined ? 12 : readSmall(tagLength);
  const attributes = rest.find(({ tag }) => tag === 0xa1);
  const tag = readOctets(rest.find((one) => (one.tag & 0xdf) === 0x04));
  // RFC 5084 §3.2 allows 12 to 16; less would be a forger's gift.
  if (length < 12 || length > 16 || tag.length !== length) throw new SmimeRefused('broken');
  return whole('authenticated', () => {
    if (key === null || key.length * 8 !== bits) throw new SmimeRefused('broken');
    const decipher = createDecipheriv(gcmName(bits), key, readOctets(nonce), { authTagLength: length });
    decipher.setAuthTag(tag);
    // The attributes are authenticated as a SET OF, whatever tag they carry (RFC 5083 §2.2).
    if (attributes !== undefined) decipher.setAAD(der(0x31, attributes.contents));
    return [decipher.update(octets), decipher.final()];
  });
}

function gcmName(bits: number): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  if (bits === 128) return 'aes-128-gcm';
  return bits === 192 ? 'aes-192-gcm' : 'aes-256-gcm';
}

function openCbc(node: DerNode | undefined, key: Buffer | null): OpenedEnvelope {
  const { oid, parameters, octets } = encryptedContent(node);
  const bits = CBC.get(oid);
  if (bits === undefined || parameters === null) throw new SmimeRefused('unsupported');
  return whole('none', () => {
    if (key === null || key.length * 8 !== bits) throw new SmimeRefused('broken');
    const decipher = createDecipheriv(`aes-${bits}-cbc`, key, readOctets(parameters));
    return [decipher.update(octets), decipher.final()];
  });
}

/** What failed inside is not told apart, and nothing of it comes out. */
function whole(integrity: OpenedEnvelope['integrity'], decrypt: () => Buffer[]): OpenedEnvelope {
  try {
    return { integrity, content: Buffer.concat(decrypt()) };
  } catch {
    throw new SmimeRefused('broken');
  }
}

/** The content key by the first recipient entry that is ours; null where it did not come out. */
function contentKey(recipients: readonly DerNode[], keys: readonly OwnKey[]): Buffer | null {
  for (const info of recipients.slice(0, 1_000)) {
    if (info.tag === 0x30) {
      const [, id, cipher, encrypted] = childrenOf(info, 'ber');
      const own = keys.find(({ certificate }) => isNamed(id, certificate, 0x80));
      if (own !== undefined) return transported(readAlgorithm(cipher), readOctets(encrypted), own);
    } else if (info.tag === 0xa1) {
      const found = agreed(childrenOf(info, 'ber'), keys);
      if (found !== 'not-for-us') return found;
    }
  }
  throw new SmimeRefused('not-for-us');
}

/** Issuer and serial number, or the subject key identifier under that tag. */
function isNamed(id: DerNode | undefined, certificate: Certificate, keyIdTag: number): boolean {
  if (id?.tag === 0x30) {
    const [issuer, serial] = childrenOf(id, 'ber');
    return (
      issuer?.raw.equals(certificate.issuerName) === true && serial?.raw.equals(certificate.serial) === true
    );
  }
  if (id === undefined || certificate.subjectKeyId === null) return false;
  const keyId = id.tag === keyIdTag ? id.contents : id.tag === 0xa0 ? readFirstOctets(id) : null;
  return keyId?.equals(certificate.subjectKeyId) === true;
}

function readFirstOctets(node: DerNode): Buffer {
  return readOctets(childrenOf(node, 'ber')[0]);
}

function transported(
  { oid, parameters }: { oid: string; parameters: DerNode | null },
  encrypted: Buffer,
  { privateKey }: OwnKey,
): Buffer | null {
  if (privateKey.asymmetricKeyType !== 'rsa') return null;
  try {
    if (oid === OID.oaep) {
      return privateDecrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaepHash(parameters) },
        encrypted,
      );
    }
    // With a broken padding OpenSSL hands out a random key (implicit rejection), so nothing can be told from it.
    if (oid === OID.rsa)
      return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, encrypted);
  } catch {
    return null;
  }
  throw new SmimeRefused('unsupported');
}

/** Hash and mask hash are one to OpenSSL's interface here: others that differ do not decrypt. Default is SHA-1. */
function oaepHash(parameters: DerNode | null): string {
  const hash =
    parameters === null ? undefined : childrenOf(parameters, 'ber').find(({ tag }) => tag === 0xa0);
  if (hash === undefined) return 'sha1';
  const { oid } = readAlgorithm(childrenOf(hash, 'ber')[0]);
  const names: Readonly<Record<string, string>> = {
    [OID.sha1]: 'sha1',
    [OID.sha256]: 'sha256',
    [OID.sha384]: 'sha384',
    [OID.sha512]: 'sha512',
  };
  const name = names[oid];
  if (name === undefined) throw new SmimeRefused('unsupported');
  return name;
}

function agreed(fields: readonly DerNode[], keys: readonly OwnKey[]): Buffer | null | 'not-for-us' {
  const originator = fields.find(({ tag }) => tag === 0xa0);
  const material = fields.find(({ tag }) => tag === 0xa1);
  const [cipher, entries] = fields.filter(({ tag }) => tag === 0x30);
  for (const entry of childrenOf(expectTag(entries, 0x30), 'ber')) {
    const [id, wrapped] = childrenOf(entry, 'ber');
    const own = keys.find(({ certificate }) => isNamed(id, certificate, 0x80));
    if (own === undefined) continue;
    const { oid, parameters } = readAlgorithm(cipher);
    const publicKey = originatorKey(originator, own);
    if (parameters === null || publicKey === null) throw new SmimeRefused('unsupported');
    const agreement: Agreement = {
      scheme: oid,
      wrap: readAlgorithm(parameters).oid,
      wrapAlgorithm: parameters.raw,
      material: material === undefined ? null : readFirstOctets(material),
    };
    return unwrapKey(agreement, own.privateKey, publicKey, readOctets(wrapped));
  }
  return 'not-for-us';
}

/** The sender's ephemeral key: its curve is the recipient's, whether or not it says so (RFC 5753 §3.1.1). */
function originatorKey(wrapper: DerNode | undefined, { certificate }: OwnKey): KeyObject | null {
  const [choice] = wrapper === undefined ? [] : childrenOf(wrapper, 'ber');
  if (choice?.tag !== 0xa1 || certificate.key.kind !== 'ec') return null;
  const point = readBits(childrenOf(choice, 'ber')[1]);
  const own = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const [curve] = childrenOf(readDer(own));
  try {
    const spki = sequence(curve?.raw ?? Buffer.alloc(0), bitString(point));
    return createPublicKey({ key: spki, type: 'spki', format: 'der' });
  } catch {
    throw new SmimeRefused('broken');
  }
}
