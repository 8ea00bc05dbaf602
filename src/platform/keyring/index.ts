// Room: keys, ours and theirs. In: an organisation, a domain or a recipient; out: key objects to sign with, what DNS must
// publish, the OpenPGP key of a recipient or why there is none. Owns signing_key, pgp_key, pgp_lookup. A private key
// exists in clear only in memory. The one door to OpenPGP: whoever signs, encrypts or reads does it here.
export { dnsRecord } from './dns-record.ts';
export {
  createKeyring,
  type DkimKey,
  type Keyring,
} from './keyring.ts';
export { armor } from './pgp/armor.ts';
export type { FoundKey } from './pgp/find-recipient-key.ts';
export type { KeyAct } from './pgp/keep-keys.ts';
export { createLookUp } from './pgp/look-up-key.ts';
export { makePgpKey, type PrivateKey } from './pgp/make-key.ts';
export { decryptAndVerify } from './pgp/open-octets.ts';
export { createOwnKeys, type OwnPgpKey } from './pgp/own-key.ts';
export { judgeKey, readPublicKey } from './pgp/public-key.ts';
export { sweepLookups } from './pgp/recipient-key.store.ts';
export { createRecipientKeys, type JudgedKey, type RecipientKeys } from './pgp/recipient-keys.ts';
export { signAndEncrypt } from './pgp/seal-octets.ts';
export { wkdHash } from './pgp/wkd.ts';
export { selfSignedCertificate } from './self-signed.ts';
