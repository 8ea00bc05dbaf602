import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import {
  type CertificateSource,
  certificatesOf,
  deleteAnchor,
  deleteCertificate,
  insertAnchor,
  insertCertificate,
  insertIdentity,
  listCertificates,
  MOST_ANCHORS,
  retireIdentity,
  selectAnchors,
  selectIdentity,
  selectSettings,
  upsertSettings,
} from './certificate.store.ts';
import type { FoundCertificate } from './certificates.ts';
import type { OwnCertificate } from './import-identity.ts';
import type { Certificate } from './read-certificate.ts';
import {
  addressIndex,
  type CertificateSeal,
  fingerprintIndex,
  joined,
  openAnchor,
  openIdentity,
  openRecipient,
  type SigningIdentity,
  type StoredAnchor,
  type StoredCertificate,
  sealed,
} from './sealed-rows.ts';
import { DEFAULT_SETTINGS, type SmimeSettings } from './settings.ts';

/** What people change of certificates, each inside the caller's transaction, so that its audit entry is part of it. */
export interface CertificateRecords {
  list(
    tx: Transaction,
    organisation: OrganisationId,
    before: string | null,
    limit: number,
  ): Promise<StoredCertificate[]>;
  /** Those stored for one address, newest first. */
  of(tx: Transaction, organisation: OrganisationId, address: string): Promise<StoredCertificate[]>;
  /** The new row's id; null where the address has it already. */
  add(
    tx: Transaction,
    organisation: OrganisationId,
    address: string,
    found: FoundCertificate,
    source: CertificateSource,
  ): Promise<string | null>;
  remove(tx: Transaction, organisation: OrganisationId, id: string): Promise<boolean>;
  anchors(tx: Transaction, organisation: OrganisationId): Promise<StoredAnchor[]>;
  /** `full` at the bound; `present` where it is trusted already. */
  addAnchor(
    tx: Transaction,
    organisation: OrganisationId,
    certificate: Certificate,
  ): Promise<{ readonly kind: 'added'; readonly id: string } | { readonly kind: 'present' | 'full' }>;
  removeAnchor(tx: Transaction, organisation: OrganisationId, id: string): Promise<boolean>;
  identity(tx: Transaction, organisation: OrganisationId): Promise<SigningIdentity | null>;
  /** Takes the place of the one before. Its id. */
  setIdentity(tx: Transaction, organisation: OrganisationId, own: OwnCertificate): Promise<string>;
  retireIdentity(tx: Transaction, organisation: OrganisationId): Promise<boolean>;
  settings(tx: Transaction, organisation: OrganisationId): Promise<SmimeSettings>;
  setSettings(tx: Transaction, organisation: OrganisationId, settings: SmimeSettings): Promise<void>;
}

export function createCertificateRecords(ports: {
  readonly vault: CertificateSeal;
  readonly clock: Clock;
}): CertificateRecords {
  const { vault, clock } = ports;
  return {
    async list(tx, organisation, before, limit) {
      const rows = await listCertificates(tx, organisation, before, limit);
      return Promise.all(rows.map((row) => openRecipient(vault, organisation, row)));
    },
    async of(tx, organisation, address) {
      const index = await addressIndex(vault, organisation, address);
      const rows = await certificatesOf(tx, organisation, index);
      return Promise.all(rows.map((row) => openRecipient(vault, organisation, row)));
    },
    async add(tx, organisation, address, { certificate, others, capabilities }, source) {
      const id = newId(clock);
      const octets = joined(certificate, others);
      const added = await insertCertificate(tx, organisation, {
        id,
        addressIndex: await addressIndex(vault, organisation, address),
        address: await sealed(vault, organisation, 'recipient-certificate.address', id, address),
        certificate: await sealed(vault, organisation, 'recipient-certificate.certificate', id, octets),
        fingerprintIndex: await fingerprintIndex(vault, organisation, certificate),
        source,
        capabilities,
      });
      return added ? id : null;
    },
    remove: deleteCertificate,
    async anchors(tx, organisation) {
      const rows = await selectAnchors(tx, organisation);
      return Promise.all(rows.map((row) => openAnchor(vault, organisation, row)));
    },
    async addAnchor(tx, organisation, certificate) {
      if ((await selectAnchors(tx, organisation)).length >= MOST_ANCHORS) return { kind: 'full' };
      const id = newId(clock);
      const added = await insertAnchor(tx, organisation, {
        id,
        certificate: await sealed(vault, organisation, 'trust-anchor.certificate', id, certificate.raw),
        fingerprintIndex: await fingerprintIndex(vault, organisation, certificate),
      });
      return added ? { kind: 'added', id } : { kind: 'present' };
    },
    removeAnchor: deleteAnchor,
    async identity(tx, organisation) {
      const row = await selectIdentity(tx, organisation);
      return row === undefined ? null : openIdentity(vault, organisation, row);
    },
    async setIdentity(tx, organisation, { certificate, others, privateKey }) {
      const id = newId(clock);
      const plain = privateKey.export({ type: 'pkcs8', format: 'der' });
      try {
        const octets = joined(certificate, others);
        const row = {
          id,
          certificate: await sealed(vault, organisation, 'smime-identity.certificate', id, octets),
          privateKey: await sealed(vault, organisation, 'smime-identity.private', id, plain),
        };
        await retireIdentity(tx, organisation);
        await insertIdentity(tx, organisation, row);
      } finally {
        plain.fill(0);
      }
      return id;
    },
    retireIdentity,
    settings: async (tx, organisation) => (await selectSettings(tx, organisation)) ?? DEFAULT_SETTINGS,
    setSettings: upsertSettings,
  };
}
