import { createHash, type X509Certificate } from 'node:crypto';
import type { TlsaRecord } from '#core/network';
import { readCertificate } from './certificate-der.ts';

/** DANE-TA(2) names a certification authority, DANE-EE(3) the server's own certificate or key. */
export const DANE_TA = 2;
export const DANE_EE = 3;
const WHOLE = 0;
const SHA256 = 1;
const SHA512 = 2;

/**
 * The records that say something for SMTP: usages 2 and 3 (RFC 7672 §3.1.3: 0 and 1 are unusable), known selectors and
 * matching types, data of the right length. Of digests of one usage and selector only the strongest counts (RFC 7671 §9):
 * who can forge the weaker one must gain nothing.
 */
export function usableRecords(records: readonly TlsaRecord[]): TlsaRecord[] {
  const usable = records.filter(isUsable);
  return usable.filter(
    (record) =>
      record.matching !== SHA256 ||
      !usable.some(
        (other) =>
          other.matching === SHA512 && other.usage === record.usage && other.selector === record.selector,
      ),
  );
}

function isUsable({ usage, selector, matching, data }: TlsaRecord): boolean {
  if (usage !== DANE_TA && usage !== DANE_EE) return false;
  if (selector !== 0 && selector !== 1) return false;
  switch (matching) {
    case WHOLE:
      return data.length > 0;
    case SHA256:
      return data.length === 32;
    case SHA512:
      return data.length === 64;
    default:
      return false;
  }
}

/** Whether a usable record names this certificate or its key (RFC 6698 §2.1). */
export function namesCertificate(record: TlsaRecord, certificate: X509Certificate): boolean {
  const selected = record.selector === 0 ? certificate.raw : readCertificate(certificate.raw)?.publicKeyInfo;
  if (selected === undefined) return false;
  switch (record.matching) {
    case WHOLE:
      return record.data.equals(selected);
    case SHA256:
      return record.data.equals(createHash('sha256').update(selected).digest());
    case SHA512:
      return record.data.equals(createHash('sha512').update(selected).digest());
    default:
      return false;
  }
}
