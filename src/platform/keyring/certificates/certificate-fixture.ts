// For tests and measurements: certificates, lists and OCSP answers of any kind, also of those that must be refused.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { OID } from '../der/oids.ts';
import {
  algorithm,
  bitString,
  der,
  nothing,
  objectId,
  octetString,
  sequence,
  setOf,
  smallInteger,
  timeValue,
} from '../der/write.ts';
import { type Certificate, type KeyUsage, readCertificate } from './read-certificate.ts';

export interface Made {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly pem: string;
  readonly keyPem: string;
}

export interface Wanted {
  readonly name: string;
  readonly issuer?: Made;
  readonly key?: 'rsa' | 'rsa-1024' | 'rsa-3072' | 'P-256' | 'P-384' | 'P-521';
  readonly emails?: readonly string[];
  readonly usage?: readonly KeyUsage[] | null;
  readonly purposes?: readonly string[] | null;
  /** Path length of an authority; null for none. */
  readonly authority?: { readonly depth: number | null } | null;
  readonly from?: Date;
  readonly to?: Date;
  readonly hash?: 'sha1' | 'sha256';
  readonly crlUrl?: string;
  readonly ocspUrl?: string;
  readonly capabilities?: readonly string[];
  readonly permitted?: readonly string[];
  readonly excluded?: readonly string[];
  /** An extension that nobody knows, critical. */
  readonly strange?: boolean;
}

const DAY = 86_400_000;
const SIGNATURES = {
  rsa: { sha1: OID.rsaSha1, sha256: OID.rsaSha256 },
  ec: { sha1: '1.2.840.10045.4.1', sha256: OID.ecdsaSha256 },
};

export function newKeyPair(kind: NonNullable<Wanted['key']>): {
  publicKey: KeyObject;
  privateKey: KeyObject;
} {
  if (!kind.startsWith('rsa')) return generateKeyPairSync('ec', { namedCurve: kind });
  const modulusLength = kind === 'rsa-1024' ? 1024 : kind === 'rsa-3072' ? 3072 : 2048;
  return generateKeyPairSync('rsa', { modulusLength });
}

/** A certificate that is good for mail unless the wish says otherwise; without an issuer it signs itself. */
export function makeCertificate(wanted: Wanted, keys = newKeyPair(wanted.key ?? 'P-256')): Made {
  const now = Date.now();
  const signer = wanted.issuer?.privateKey ?? keys.privateKey;
  const hash = wanted.hash ?? 'sha256';
  const signature = signatureAlgorithm(signer, hash);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 1;
  const tbs = sequence(
    der(0xa0, smallInteger(2)),
    der(0x02, serial),
    signature,
    wanted.issuer?.certificate.subjectName ?? nameOf(wanted.name),
    sequence(
      timeValue(wanted.from ?? new Date(now - DAY)),
      timeValue(wanted.to ?? new Date(now + 365 * DAY)),
    ),
    nameOf(wanted.name),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(wanted), keyIdentifier(keys.publicKey))),
  );
  const raw = sequence(tbs, signature, bitString(sign(hash, tbs, signer)));
  const body = raw.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    certificate: readCertificate(raw),
    privateKey: keys.privateKey,
    pem: `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`,
    keyPem: String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** A root that issues certificates for mail. */
export function makeAuthority(name = 'Root', more: Partial<Wanted> = {}): Made {
  return makeCertificate({
    name,
    authority: { depth: null },
    usage: ['keyCertSign', 'cRLSign'],
    purposes: null,
    ...more,
  });
}

function signatureAlgorithm(signer: KeyObject, hash: 'sha1' | 'sha256'): Buffer {
  return signer.asymmetricKeyType === 'rsa'
    ? algorithm(SIGNATURES.rsa[hash], nothing)
    : algorithm(SIGNATURES.ec[hash]);
}

function nameOf(name: string): Buffer {
  return sequence(setOf([sequence(objectId(OID.commonName), der(0x0c, Buffer.from(name)))]));
}

function keyIdentifier(key: KeyObject): Buffer {
  const id = createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
  return sequence(objectId(OID.subjectKeyId), octetString(octetString(id)));
}

const YES = der(0x01, Buffer.from([0xff]));

function extensions(wanted: Wanted): Buffer[] {
  const found: Buffer[] = [];
  const add = (oid: string, critical: boolean, value: Buffer): void => {
    found.push(sequence(objectId(oid), ...(critical ? [YES] : []), octetString(value)));
  };
  const usage =
    wanted.usage === undefined
      ? (['digitalSignature', 'keyEncipherment', 'keyAgreement'] as const)
      : wanted.usage;
  if (usage !== null) add(OID.keyUsage, true, usageBits(usage));
  const purposes = wanted.purposes === undefined ? [OID.emailProtection] : wanted.purposes;
  if (purposes !== null) add(OID.extendedKeyUsage, false, sequence(...purposes.map(objectId)));
  if (wanted.authority) {
    const { depth } = wanted.authority;
    add(OID.basicConstraints, true, sequence(YES, ...(depth === null ? [] : [smallInteger(depth)])));
  }
  if (wanted.emails) add(OID.subjectAltName, false, sequence(...wanted.emails.map(mailbox)));
  if (wanted.crlUrl) {
    add(OID.crlDistributionPoints, false, sequence(sequence(der(0xa0, der(0xa0, url(wanted.crlUrl))))));
  }
  if (wanted.ocspUrl)
    add(OID.authorityInfoAccess, false, sequence(sequence(objectId(OID.ocsp), url(wanted.ocspUrl))));
  if (wanted.capabilities)
    add(OID.capabilities, false, sequence(...wanted.capabilities.map((oid) => algorithm(oid))));
  if (wanted.permitted || wanted.excluded) {
    const trees = (tag: number, bases: readonly string[] = []) =>
      bases.length === 0 ? [] : [der(tag, ...bases.map((base) => sequence(mailbox(base))))];
    add(
      OID.nameConstraints,
      true,
      sequence(...trees(0xa0, wanted.permitted), ...trees(0xa1, wanted.excluded)),
    );
  }
  if (wanted.strange) add('1.3.6.1.4.1.99999.1', true, nothing);
  return found;
}

const mailbox = (address: string): Buffer => der(0x81, Buffer.from(address, 'latin1'));
const url = (address: string): Buffer => der(0x86, Buffer.from(address, 'latin1'));

function usageBits(usage: readonly KeyUsage[]): Buffer {
  const order: readonly KeyUsage[] = [
    'digitalSignature',
    'nonRepudiation',
    'keyEncipherment',
    'dataEncipherment',
    'keyAgreement',
    'keyCertSign',
    'cRLSign',
  ];
  const bits = usage.reduce((sum, one) => sum | (0x80 >> order.indexOf(one)), 0);
  return der(0x03, Buffer.from([1, bits]));
}

/** A signed list of revoked certificates. */
export function makeList(
  issuer: Made,
  revoked: readonly Certificate[],
  times: { readonly from?: Date; readonly to?: Date } = {},
): Buffer {
  const signature = signatureAlgorithm(issuer.privateKey, 'sha256');
  const now = Date.now();
  const entries = revoked.map(({ serial }) => sequence(serial, timeValue(new Date(now - DAY))));
  const tbs = sequence(
    smallInteger(1),
    signature,
    issuer.certificate.subjectName,
    timeValue(times.from ?? new Date(now - DAY)),
    timeValue(times.to ?? new Date(now + DAY)),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
  );
  return sequence(tbs, signature, bitString(sign('sha256', tbs, issuer.privateKey)));
}

/** A signed OCSP answer about one certificate; `signer` is another than the issuer for a delegated responder. */
export function makeOcspAnswer(
  certificate: Certificate,
  issuer: Made,
  status: 'good' | 'revoked' | 'unknown',
  more: { readonly signer?: Made; readonly from?: Date; readonly to?: Date } = {},
): Buffer {
  const signer = more.signer ?? issuer;
  const now = Date.now();
  const sha1 = (octets: Buffer) => octetString(createHash('sha1').update(octets).digest());
  const id = sequence(
    algorithm(OID.sha1, nothing),
    sha1(issuer.certificate.subjectName),
    sha1(issuer.certificate.keyOctets),
    certificate.serial,
  );
  const state = {
    good: der(0x80),
    revoked: der(0xa1, der(0x18, Buffer.from('20260101000000Z'))),
    unknown: der(0x82),
  }[status];
  const generalized = (at: Date) =>
    der(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, ''), 'latin1'));
  const single = sequence(
    id,
    state,
    generalized(more.from ?? new Date(now - DAY)),
    der(0xa0, generalized(more.to ?? new Date(now + DAY))),
  );
  const data = sequence(
    der(0xa2, sha1(signer.certificate.keyOctets)),
    generalized(new Date(now)),
    sequence(single),
  );
  const basic = sequence(
    data,
    signatureAlgorithm(signer.privateKey, 'sha256'),
    bitString(sign('sha256', data, signer.privateKey)),
    ...(more.signer === undefined ? [] : [der(0xa0, sequence(signer.certificate.raw))]),
  );
  return sequence(
    der(0x0a, Buffer.from([0])),
    der(0xa0, sequence(objectId(OID.ocspBasic), octetString(basic))),
  );
}
