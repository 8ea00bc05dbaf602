import { type Certificate, readCertificate } from '../certificates/read-certificate.ts';
import { OID } from '../der/oids.ts';
import { childrenOf, DerBroken, expectTag, readDer, readOid } from '../der/read.ts';

/** Largest single value that is looked at, octets. */
const LARGEST_VALUE = 128 * 1024;
/** Most certificates of one userSMIMECertificate: its owner's two and their chains. */
const MOST_IN_ONE = 20;

/** One certificate of a `userCertificate` value (RFC 4523 §4.1); null where it cannot be read. */
export function readUserCertificate(value: Buffer): Certificate[] | null {
  if (value.length > LARGEST_VALUE) return null;
  return guarded(() => [readCertificate(value)]);
}

/**
 * The certificates of a `userSMIMECertificate` value (RFC 2798 §2.8: a SignedData of PKCS #7, RFC 2315 §9.1); null where it
 * cannot be read. Its signature is not looked at, so the algorithms that it claims are not taken either: what counts is who
 * vouches for each certificate.
 */
export function readSmimeCertificates(value: Buffer): Certificate[] | null {
  if (value.length > LARGEST_VALUE) return null;
  return guarded(() => {
    const [type, wrapper] = childrenOf(expectTag(readDer(value, 'ber'), 0x30), 'ber');
    if (readOid(type) !== OID.signedData) throw new DerBroken('not signed data');
    const [signed] = childrenOf(expectTag(wrapper, 0xa0), 'ber');
    const certificates = childrenOf(expectTag(signed, 0x30), 'ber').find(({ tag }) => tag === 0xa0);
    if (certificates === undefined) return [];
    const plain = childrenOf(certificates, 'ber').filter(({ tag }) => tag === 0x30);
    if (plain.length > MOST_IN_ONE) throw new DerBroken('too many certificates');
    return plain.map(({ raw }) => readCertificate(raw));
  });
}

function guarded(read: () => Certificate[]): Certificate[] | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerBroken) return null;
    throw error;
  }
}
