import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { SmimeSettings } from './settings.ts';

export type CertificateSource = 'upload' | 'signed-mail' | 'directory' | 'portal';

export interface RecipientCertificateRow {
  readonly id: string;
  readonly address: Buffer;
  readonly certificate: Buffer;
  readonly source: CertificateSource;
  readonly capabilities: readonly string[];
  readonly created_at: Date;
}

const COLUMNS = 'id, address, certificate, source, capabilities, created_at';

/** All certificates of one address, newest first. */
export function certificatesOf(
  tx: Transaction,
  organisation: OrganisationId,
  addressIndex: Buffer,
): Promise<RecipientCertificateRow[]> {
  return tx.query<RecipientCertificateRow>({
    name: 'certificates.of',
    text: `select ${COLUMNS} from sealpost.recipient_certificate
            where organisation = $1 and address_index = $2 order by id desc limit 20`,
    values: [organisation, addressIndex],
  });
}

/** A page, newest first. */
export function listCertificates(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<RecipientCertificateRow[]> {
  return tx.query<RecipientCertificateRow>({
    name: 'certificates.list',
    text: `select ${COLUMNS} from sealpost.recipient_certificate
            where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, limit],
  });
}

export interface NewCertificateRow {
  readonly id: string;
  readonly addressIndex: Buffer;
  readonly address: Buffer;
  readonly certificate: Buffer;
  readonly fingerprintIndex: Buffer;
  readonly source: CertificateSource;
  readonly capabilities: readonly string[];
}

/** False where the address has that certificate already; what its owner's software reads is then renewed. */
export async function insertCertificate(
  tx: Transaction,
  organisation: OrganisationId,
  row: NewCertificateRow,
): Promise<boolean> {
  const added = await tx.execute({
    name: 'certificates.insert',
    text: `insert into sealpost.recipient_certificate
             (id, organisation, address_index, address, certificate, fingerprint_index, source, capabilities)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (organisation, address_index, fingerprint_index) do nothing`,
    values: [
      row.id,
      organisation,
      row.addressIndex,
      row.address,
      row.certificate,
      row.fingerprintIndex,
      row.source,
      row.capabilities,
    ],
  });
  if (added === 1) return true;
  if (row.capabilities.length > 0) {
    await tx.execute({
      name: 'certificates.renew',
      text: `update sealpost.recipient_certificate set capabilities = $4
              where organisation = $1 and address_index = $2 and fingerprint_index = $3`,
      values: [organisation, row.addressIndex, row.fingerprintIndex, row.capabilities],
    });
  }
  return false;
}

/** False where it was not there. */
export async function deleteCertificate(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'certificates.delete',
    text: 'delete from sealpost.recipient_certificate where organisation = $1 and id = $2',
    values: [organisation, id],
  });
  return gone === 1;
}

export interface AnchorRow {
  readonly id: string;
  readonly certificate: Buffer;
  readonly created_at: Date;
}

/** Most anchors of an organisation: each is tried for each chain. */
export const MOST_ANCHORS = 500;

export function selectAnchors(tx: Transaction, organisation: OrganisationId): Promise<AnchorRow[]> {
  return tx.query<AnchorRow>({
    name: 'anchors.select',
    text: `select id, certificate, created_at from sealpost.trust_anchor
            where organisation = $1 order by id limit ${MOST_ANCHORS}`,
    values: [organisation],
  });
}

export async function insertAnchor(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly id: string; readonly certificate: Buffer; readonly fingerprintIndex: Buffer },
): Promise<boolean> {
  const added = await tx.execute({
    name: 'anchors.insert',
    text: `insert into sealpost.trust_anchor (id, organisation, certificate, fingerprint_index) values ($1, $2, $3, $4)
           on conflict (organisation, fingerprint_index) do nothing`,
    values: [row.id, organisation, row.certificate, row.fingerprintIndex],
  });
  return added === 1;
}

export async function deleteAnchor(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'anchors.delete',
    text: 'delete from sealpost.trust_anchor where organisation = $1 and id = $2',
    values: [organisation, id],
  });
  return gone === 1;
}

export interface IdentityRow {
  readonly id: string;
  readonly certificate: Buffer;
  readonly private_key: Buffer;
  readonly created_at: Date;
}

export function selectIdentity(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<IdentityRow | undefined> {
  return tx.maybe<IdentityRow>({
    name: 'smime-identity.select',
    text: `select id, certificate, private_key, created_at from sealpost.smime_identity
            where organisation = $1 and retired_at is null`,
    values: [organisation],
  });
}

/** False where none was in use. */
export async function retireIdentity(tx: Transaction, organisation: OrganisationId): Promise<boolean> {
  const gone = await tx.execute({
    name: 'smime-identity.retire',
    text: `update sealpost.smime_identity set retired_at = now() where organisation = $1 and retired_at is null`,
    values: [organisation],
  });
  return gone > 0;
}

export async function insertIdentity(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly id: string; readonly certificate: Buffer; readonly privateKey: Buffer },
): Promise<void> {
  await tx.execute({
    name: 'smime-identity.insert',
    text: `insert into sealpost.smime_identity (id, organisation, certificate, private_key) values ($1, $2, $3, $4)`,
    values: [row.id, organisation, row.certificate, row.privateKey],
  });
}

export function selectSettings(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<SmimeSettings | undefined> {
  return tx.maybe<SmimeSettings>({
    name: 'smime-setting.select',
    text: `select revocation, cipher, key_transport as "keyTransport", signature
             from sealpost.smime_setting where organisation = $1`,
    values: [organisation],
  });
}

export async function upsertSettings(
  tx: Transaction,
  organisation: OrganisationId,
  settings: SmimeSettings,
): Promise<void> {
  await tx.execute({
    name: 'smime-setting.upsert',
    text: `insert into sealpost.smime_setting (organisation, revocation, cipher, key_transport, signature)
           values ($1, $2, $3, $4, $5)
           on conflict (organisation) do update set revocation = excluded.revocation, cipher = excluded.cipher,
             key_transport = excluded.key_transport, signature = excluded.signature, changed_at = now()`,
    values: [organisation, settings.revocation, settings.cipher, settings.keyTransport, settings.signature],
  });
}
