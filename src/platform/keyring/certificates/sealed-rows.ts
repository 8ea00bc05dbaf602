import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import type { AnchorRow, IdentityRow, RecipientCertificateRow } from './certificate.store.ts';
import { type Certificate, splitCertificates } from './read-certificate.ts';

/** What certificates need of the vault. */
export interface CertificateSeal {
  sealValue(purpose: SealPurpose, binding: Binding, plain: Uint8Array | string): Promise<Buffer>;
  openValue(binding: Binding, sealed: Uint8Array): Promise<Buffer>;
  blindIndex(organisation: OrganisationId, name: string, normalised: string): Promise<Buffer>;
}

type Field =
  | 'recipient-certificate.address'
  | 'recipient-certificate.certificate'
  | 'trust-anchor.certificate'
  | 'smime-identity.certificate'
  | 'smime-identity.private';

const bind = (organisation: OrganisationId, field: Field, row: string): Binding => ({
  organisation,
  field,
  row,
});

/** Seals a value of a row. */
export function sealed(
  vault: CertificateSeal,
  organisation: OrganisationId,
  field: Field,
  row: string,
  plain: Uint8Array | string,
): Promise<Buffer> {
  return vault.sealValue('configuration', bind(organisation, field, row), plain);
}

/** A recipient's certificate as it was stored. */
export interface StoredCertificate {
  readonly id: string;
  /** `local@domain`: PHI. */
  readonly address: string;
  readonly certificate: Certificate;
  readonly others: readonly Certificate[];
  readonly source: RecipientCertificateRow['source'];
  readonly capabilities: readonly string[];
  readonly createdAt: Date;
}

export async function openRecipient(
  vault: CertificateSeal,
  organisation: OrganisationId,
  row: RecipientCertificateRow,
): Promise<StoredCertificate> {
  const [address, octets] = await Promise.all([
    vault.openValue(bind(organisation, 'recipient-certificate.address', row.id), row.address),
    vault.openValue(bind(organisation, 'recipient-certificate.certificate', row.id), row.certificate),
  ]);
  const { certificate, others } = first(octets);
  return {
    id: row.id,
    address: address.toString('utf8'),
    certificate,
    others,
    source: row.source,
    capabilities: row.capabilities,
    createdAt: row.created_at,
  };
}

export interface StoredAnchor {
  readonly id: string;
  readonly certificate: Certificate;
  readonly createdAt: Date;
}

export async function openAnchor(
  vault: CertificateSeal,
  organisation: OrganisationId,
  row: AnchorRow,
): Promise<StoredAnchor> {
  const octets = await vault.openValue(
    bind(organisation, 'trust-anchor.certificate', row.id),
    row.certificate,
  );
  return { id: row.id, certificate: first(octets).certificate, createdAt: row.created_at };
}

/** The organisation's signing certificate with its key. */
export interface SigningIdentity {
  readonly id: string;
  readonly certificate: Certificate;
  readonly others: readonly Certificate[];
  readonly privateKey: KeyObject;
  readonly createdAt: Date;
}

export async function openIdentity(
  vault: CertificateSeal,
  organisation: OrganisationId,
  row: IdentityRow,
): Promise<SigningIdentity> {
  const [octets, plain] = await Promise.all([
    vault.openValue(bind(organisation, 'smime-identity.certificate', row.id), row.certificate),
    vault.openValue(bind(organisation, 'smime-identity.private', row.id), row.private_key),
  ]);
  try {
    const privateKey = createPrivateKey({ key: plain, type: 'pkcs8', format: 'der' });
    return { id: row.id, ...first(octets), privateKey, createdAt: row.created_at };
  } finally {
    plain.fill(0);
  }
}

function first(octets: Buffer): { certificate: Certificate; others: readonly Certificate[] } {
  const [certificate, ...others] = splitCertificates(octets);
  if (certificate === undefined) throw new Error('a stored certificate is empty');
  return { certificate, others };
}

/** The octets that a certificate and its companions are stored as. */
export function joined(certificate: Certificate, others: readonly Certificate[]): Buffer {
  return Buffer.concat([certificate, ...others].map(({ raw }) => raw));
}

/** Hidden name of an address, in the form that platform/mail compares addresses in (`local@domain`, lower case). */
export function addressIndex(
  vault: CertificateSeal,
  organisation: OrganisationId,
  address: string,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'certificate-address/1', address.normalize('NFC').toLowerCase());
}

export function fingerprintIndex(
  vault: CertificateSeal,
  organisation: OrganisationId,
  { fingerprint }: Certificate,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'certificate-fingerprint/1', fingerprint);
}
