// Room: our signing keys. In: an organisation or a domain; out: key objects to sign with and what DNS must publish.
// Owns signing_key. A private key exists in clear only as a KeyObject in memory.
export { dnsRecord } from './dns-record.ts';
export {
  createKeyring,
  type DkimKey,
  type Keyring,
} from './keyring.ts';
export { selfSignedCertificate } from './self-signed.ts';
