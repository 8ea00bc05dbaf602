// Room: keys and certificates, ours and theirs. In: an organisation, a domain or an address; out: key objects to sign
// with and what DNS must publish, OpenPGP keys and certificates to encrypt with or why there is none. Owns signing_key,
// pgp_key, pgp_lookup, pgp_setting, recipient_certificate, trust_anchor, smime_identity, smime_setting,
// certificate_directory. A private key exists in clear only in memory. The one door to OpenPGP: whoever signs, encrypts or reads does it here.
export { type CertificateRecords, createCertificateRecords } from './certificates/certificate-records.ts';
export {
  type CertificateDirectory,
  type Certificates,
  createCertificates,
  type FoundCertificate,
  type RecipientKey,
  type Standing,
} from './certificates/certificates.ts';
export { checkCertificate } from './certificates/check-chain.ts';
export { certificateOrNull, clientOfSocket, describeClient } from './certificates/client-certificate.ts';
export {
  type ClientRevocation,
  type ClientStanding,
  createClientRevocation,
  type RevocationMode,
} from './certificates/client-revocation.ts';
export {
  type Imported,
  type ImportProblem,
  importCertificates,
  importPem,
  importPkcs12,
  type OwnCertificate,
} from './certificates/import-identity.ts';
export { type Certificate, readCapabilities, readCertificate } from './certificates/read-certificate.ts';
export { createRevocation, type Revocation } from './certificates/revocation.ts';
export type { SigningIdentity, StoredAnchor, StoredCertificate } from './certificates/sealed-rows.ts';
export type { SmimeSettings } from './certificates/settings.ts';
export { digestOf } from './certificates/signature-digest.ts';
export { OID } from './der/oids.ts';
export {
  childrenOf,
  DerBroken,
  type DerNode,
  expectTag,
  readAlgorithm,
  readBits,
  readDer,
  readOctets,
  readOid,
  readSmall,
  readTime,
} from './der/read.ts';
export {
  algorithm,
  bitString,
  der,
  derPieces,
  nothing,
  objectId,
  octetString,
  sequence,
  setOf,
  smallInteger,
  timeValue,
} from './der/write.ts';
export { dnsRecord } from './dns-record.ts';
export { withCertificate, withPgpKey } from './held.store.ts';
export {
  createKeyring,
  type DkimKey,
  type Keyring,
} from './keyring.ts';
export { askDirectory, type DirectoryAnswer, type DirectorySettings } from './ldap/ask-directory.ts';
export {
  createDirectoryRecords,
  type DirectoryConfiguration,
  type DirectoryRecords,
  type StoredDirectory,
} from './ldap/directory-records.ts';
export { escapeFilterValue, FilterBroken, readFilterText } from './ldap/filter-text.ts';
export { createLdapDirectories } from './ldap/ldap-directories.ts';
export { type LdapEntry, type LdapReader, type LdapSource, openLdapReader } from './ldap/read-entries.ts';
export { LdapFailed } from './ldap/session.ts';
export { armor } from './pgp/armor.ts';
export type { FoundKey } from './pgp/find-recipient-key.ts';
export type { KeyAct } from './pgp/keep-keys.ts';
export { createLookUp } from './pgp/look-up-key.ts';
export { makePgpKey, type PrivateKey } from './pgp/make-key.ts';
export { decryptAndVerify, type SignatureState } from './pgp/open-octets.ts';
export type { OwnKeyAct, OwnPgpKey } from './pgp/own-key.ts';
export { createOwnKeys, type OwnKeys, type OwnKeyView, type PublishedKey } from './pgp/own-keys.ts';
export { judgeKey, readPublicKey } from './pgp/public-key.ts';
export { sweepLookups } from './pgp/recipient-key.store.ts';
export { createRecipientKeys, type JudgedKey, type RecipientKeys } from './pgp/recipient-keys.ts';
export { createOctetSealer } from './pgp/seal-from-octets.ts';
export type { TrustSettings } from './pgp/trust.ts';
export { verifyDetached } from './pgp/verify-detached.ts';
export { wkdHash } from './pgp/wkd.ts';
export { samlKeyPair, selfSignedCertificate } from './self-signed.ts';
