import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  pbkdf2Sync,
} from 'node:crypto';
import { constantTimeEqual } from '#platform/runtime';
import { OID } from '../der/oids.ts';
import {
  childrenOf,
  DerBroken,
  type DerNode,
  expectTag,
  readAlgorithm,
  readDer,
  readOctets,
  readOid,
  readSmall,
} from '../der/read.ts';
import type { Imported, ImportProblem } from './import-identity.ts';
import { type Certificate, readCertificate } from './read-certificate.ts';
import { digestOf } from './signature-digest.ts';

interface Pkcs12 {
  readonly privateKey: KeyObject;
  readonly certificates: readonly Certificate[];
}

class Unusable extends Error {
  override readonly name = 'Unusable';
  readonly problem: ImportProblem;
  constructor(problem: ImportProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** A file that wants more rounds than this wants to keep us busy. */
const MOST_ROUNDS = 2_000_000;

/**
 * Reads a PKCS #12 file (RFC 7292) with password integrity: key and certificates. Files encrypted with PBES2 (AES)
 * are read, which is what today's programs write; of the old schemes only those for the key itself are.
 */
export function readPkcs12(octets: Buffer, passphrase: string): Imported<Pkcs12> {
  try {
    const [, authSafe, macData] = childrenOf(expectTag(readDer(octets, 'ber'), 0x30), 'ber');
    const safe = dataOf(expectTag(authSafe, 0x30));
    checkMac(macData, safe, passphrase);
    const bags = childrenOf(readDer(safe, 'ber'), 'ber').flatMap((info) => safeContents(info, passphrase));
    const key = bags.find(({ kind }) => kind === OID.shroudedKeyBag || kind === OID.keyBag);
    if (key === undefined) throw new Unusable('no-key');
    const certificates = bags
      .filter(({ kind }) => kind === OID.certBag)
      .map(({ value }) => certificateOf(value));
    return { kind: 'read', value: { privateKey: openKey(key, passphrase), certificates } };
  } catch (error) {
    if (error instanceof Unusable) return { kind: 'problem', problem: error.problem };
    if (error instanceof DerBroken) return { kind: 'problem', problem: 'unreadable' };
    throw error;
  }
}

interface Bag {
  readonly kind: string;
  readonly value: DerNode;
}

/** The octets of a ContentInfo of type data. */
function dataOf(info: DerNode): Buffer {
  const [type, wrapped] = childrenOf(info, 'ber');
  if (readOid(type) !== OID.data) throw new Unusable('algorithm-not-supported');
  return readOctets(childrenOf(expectTag(wrapped, 0xa0), 'ber')[0]);
}

function safeContents(info: DerNode, passphrase: string): Bag[] {
  const [type] = childrenOf(info, 'ber');
  const plain = readOid(type) === OID.encryptedData ? decrypted(info, passphrase) : dataOf(info);
  return childrenOf(readDer(plain, 'ber'), 'ber').map((bag) => {
    const [kind, wrapped] = childrenOf(bag, 'ber');
    const [value] = childrenOf(expectTag(wrapped, 0xa0), 'ber');
    if (value === undefined) throw new DerBroken('an empty bag');
    return { kind: readOid(kind), value };
  });
}

/** EncryptedData (RFC 5652 §8) under PBES2 (RFC 8018 §6.2). */
function decrypted(info: DerNode, passphrase: string): Buffer {
  const [, wrapped] = childrenOf(info, 'ber');
  const [, content] = childrenOf(expectTag(childrenOf(expectTag(wrapped, 0xa0), 'ber')[0], 0x30), 'ber');
  const [, scheme, octets] = childrenOf(expectTag(content, 0x30), 'ber');
  const { oid, parameters } = readAlgorithm(scheme);
  if (oid !== OID.pbes2 || parameters === null) throw new Unusable('algorithm-not-supported');
  const [derivation, cipher] = childrenOf(parameters, 'ber');
  const bits = { [OID.aes128Cbc]: 128, [OID.aes192Cbc]: 192, [OID.aes256Cbc]: 256 }[
    readAlgorithm(cipher).oid
  ];
  const iv = readAlgorithm(cipher).parameters;
  if (bits === undefined || iv === null) throw new Unusable('algorithm-not-supported');
  const key = derivedKey(readAlgorithm(derivation), passphrase, bits / 8);
  try {
    const decipher = createDecipheriv(`aes-${bits}-cbc`, key, readOctets(iv));
    return Buffer.concat([decipher.update(readOctets(octets, 0x80)), decipher.final()]);
  } catch {
    throw new Unusable('wrong-passphrase');
  }
}

function derivedKey(
  { oid, parameters }: ReturnType<typeof readAlgorithm>,
  passphrase: string,
  size: number,
): Buffer {
  if (oid !== OID.pbkdf2 || parameters === null) throw new Unusable('algorithm-not-supported');
  const [salt, rounds, ...rest] = childrenOf(parameters, 'ber');
  const prf = rest.find(({ tag }) => tag === 0x30);
  const names: Readonly<Record<string, string>> = {
    [OID.hmacSha1]: 'sha1',
    [OID.hmacSha256]: 'sha256',
    [OID.hmacSha384]: 'sha384',
    [OID.hmacSha512]: 'sha512',
  };
  const hash = prf === undefined ? 'sha1' : names[readAlgorithm(prf).oid];
  if (hash === undefined) throw new Unusable('algorithm-not-supported');
  return pbkdf2Sync(passphrase, readOctets(salt), bounded(readSmall(rounds)), size, hash);
}

function bounded(rounds: number): number {
  if (rounds < 1 || rounds > MOST_ROUNDS) throw new Unusable('algorithm-not-supported');
  return rounds;
}

/** MacData (RFC 7292 §4): tells a wrong passphrase from a broken file, before anything else is believed. */
function checkMac(node: DerNode | undefined, safe: Buffer, passphrase: string): void {
  const [digestInfo, salt, rounds] = childrenOf(expectTag(node, 0x30), 'ber');
  const [hashAlgorithm, digest] = childrenOf(expectTag(digestInfo, 0x30), 'ber');
  const hash = digestOf(readAlgorithm(hashAlgorithm).oid);
  if (hash === null) throw new Unusable('algorithm-not-supported');
  const count = rounds === undefined ? 1 : bounded(readSmall(rounds));
  const key = macKey(hash, passphrase, readOctets(salt), count);
  const wanted = createHmac(hash, key).update(safe).digest('hex');
  if (!constantTimeEqual(wanted, readOctets(digest).toString('hex'))) throw new Unusable('wrong-passphrase');
}

/** Key derivation of RFC 7292 appendix B.2 for the MAC (id 3); its result is one hash long, so one block is enough. */
function macKey(
  hash: 'sha1' | 'sha256' | 'sha384' | 'sha512',
  passphrase: string,
  salt: Buffer,
  rounds: number,
): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const filled = (octets: Buffer): Buffer =>
    Buffer.alloc(Math.ceil(octets.length / block) * block, octets.length === 0 ? undefined : octets);
  // BMPString with its two octets of zero at the end (appendix B.1).
  const text = Buffer.from(`${passphrase}\0`, 'utf16le').swap16();
  const input = Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(text)]);
  let value = createHash(hash).update(input).digest();
  for (let round = 1; round < rounds; round += 1) value = createHash(hash).update(value).digest();
  return value;
}

function certificateOf(value: DerNode): Certificate {
  const [type, wrapped] = childrenOf(value, 'ber');
  if (readOid(type) !== OID.x509Certificate) throw new Unusable('algorithm-not-supported');
  return readCertificate(readOctets(childrenOf(expectTag(wrapped, 0xa0), 'ber')[0]));
}

function openKey({ kind, value }: Bag, passphrase: string): KeyObject {
  try {
    const plain = { key: value.raw, format: 'der', type: 'pkcs8' } as const;
    return createPrivateKey(kind === OID.keyBag ? plain : { ...plain, passphrase });
  } catch {
    // The MAC has shown that the passphrase is right.
    throw new Unusable('algorithm-not-supported');
  }
}
