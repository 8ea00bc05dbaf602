import { createCipheriv, hash, randomBytes } from 'node:crypto';
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHeader,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRawStream,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';

/** Octets of a password that count (ISO 32000-2 §7.6.4.3.3). */
const MOST_PASSWORD = 127;
/** All that a reader may be allowed; the password alone decides. */
const PERMISSIONS = -4;

type Entry = Readonly<Record<'check' | 'key', Buffer>>;

/**
 * Encrypts a document in place: every string and every stream under one random AES-256 key, which the password opens
 * (ISO 32000-2 §7.6, security handler revision 6). The library's own encryption leaves strings in clear, and with them
 * the names of attached files; so it is not used. The document must not change afterwards, and must be written without
 * object streams.
 */
export async function sealPdf(document: PDFDocument, password: string): Promise<void> {
  await document.flush();
  const { context } = document;
  const fileKey = randomBytes(32);
  for (const [reference, object] of context.enumerateIndirectObjects()) {
    context.assign(reference, sealObject(object, fileKey));
  }
  context.header = PDFHeader.forVersion(2, 0);
  const id = PDFHexString.of(randomBytes(16).toString('hex'));
  context.trailerInfo.ID = context.obj([id, id]);
  context.trailerInfo.Encrypt = context.register(encryptionDictionary(document, password, fileKey));
}

function sealObject(object: PDFObject, key: Buffer): PDFObject {
  if (object instanceof PDFString || object instanceof PDFHexString) {
    return PDFHexString.of(sealOctets(object.asBytes(), key).toString('hex'));
  }
  if (object instanceof PDFArray) {
    for (let index = 0; index < object.size(); index += 1) {
      object.set(index, sealObject(object.get(index), key));
    }
    return object;
  }
  if (object instanceof PDFDict) {
    for (const [name, value] of object.entries()) object.set(name, sealObject(value, key));
    return object;
  }
  if (object instanceof PDFStream) {
    const contents = sealOctets(object.getContents(), key);
    sealObject(object.dict, key);
    return PDFRawStream.of(object.dict, contents);
  }
  return object;
}

/** A random initialisation vector, then AES-256-CBC with PKCS #7 padding (§7.6.3, AESV3). */
function sealOctets(plain: Uint8Array, key: Buffer): Buffer {
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, vector);
  return Buffer.concat([vector, cipher.update(plain), cipher.final()]);
}

function encryptionDictionary(document: PDFDocument, password: string, fileKey: Buffer): PDFDict {
  const { context } = document;
  const hex = (octets: Buffer) => PDFHexString.of(octets.toString('hex'));
  const user = passwordEntry(passwordOctets(password), Buffer.alloc(0), fileKey);
  // An owner's password that nobody knows: there is no second way in.
  const owner = passwordEntry(randomBytes(32), user.check, fileKey);
  const filter = context.obj({
    StdCF: { Type: 'CryptFilter', CFM: 'AESV3', AuthEvent: 'DocOpen', Length: 32 },
  });
  const dictionary = context.obj({ Filter: 'Standard', V: 5, R: 6, Length: 256, P: PERMISSIONS });
  dictionary.set(PDFName.of('CF'), filter);
  dictionary.set(PDFName.of('StmF'), PDFName.of('StdCF'));
  dictionary.set(PDFName.of('StrF'), PDFName.of('StdCF'));
  dictionary.set(PDFName.of('U'), hex(user.check));
  dictionary.set(PDFName.of('UE'), hex(user.key));
  dictionary.set(PDFName.of('O'), hex(owner.check));
  dictionary.set(PDFName.of('OE'), hex(owner.key));
  dictionary.set(PDFName.of('Perms'), hex(sealedPermissions(fileKey)));
  dictionary.set(PDFName.of('Length'), PDFNumber.of(256));
  return dictionary;
}

function passwordOctets(password: string): Buffer {
  const octets = Buffer.from(password, 'utf8');
  if (octets.length === 0 || octets.length > MOST_PASSWORD)
    throw new RangeError('a password of 1 to 127 octets');
  return octets;
}

/** U and UE, or O and OE (Algorithms 8 and 9): a hash to check the password by, and the file key under it. */
function passwordEntry(password: Buffer, userCheck: Buffer, fileKey: Buffer): Entry {
  const [checkSalt, keySalt] = [randomBytes(8), randomBytes(8)];
  const check = Buffer.concat([hardenedHash(password, checkSalt, userCheck), checkSalt, keySalt]);
  const wrapping = hardenedHash(password, keySalt, userCheck);
  const cipher = createCipheriv('aes-256-cbc', wrapping, Buffer.alloc(16)).setAutoPadding(false);
  return { check, key: Buffer.concat([cipher.update(fileKey), cipher.final()]) };
}

/** Algorithm 2.B: SHA-2 and AES in at least 64 rounds, the last octet deciding when to stop. */
function hardenedHash(password: Buffer, salt: Buffer, userCheck: Buffer): Buffer {
  let key = hash('sha256', Buffer.concat([password, salt, userCheck]), 'buffer');
  let last = 0;
  for (let round = 0; round < 64 || last > round - 32; round += 1) {
    const input = Buffer.concat(Array<Buffer>(64).fill(Buffer.concat([password, key, userCheck])));
    const cipher = createCipheriv('aes-128-cbc', key.subarray(0, 16), key.subarray(16, 32)).setAutoPadding(
      false,
    );
    const output = Buffer.concat([cipher.update(input), cipher.final()]);
    // The first 16 octets as a number modulo 3: 256 leaves 1, so the octets' sum does it.
    const sum = output.subarray(0, 16).reduce((total, octet) => total + octet, 0) % 3;
    key = hash(sum === 0 ? 'sha256' : sum === 1 ? 'sha384' : 'sha512', output, 'buffer');
    last = output.at(-1) ?? 0;
  }
  return key.subarray(0, 32);
}

/** Algorithm 10: the permissions again, under the file key, so that a change of them shows. */
function sealedPermissions(fileKey: Buffer): Buffer {
  const plain = Buffer.alloc(16, 0xff);
  plain.writeInt32LE(PERMISSIONS, 0);
  plain.write('Tadb', 8, 'latin1');
  randomBytes(4).copy(plain, 12);
  const cipher = createCipheriv('aes-256-ecb', fileKey, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}
