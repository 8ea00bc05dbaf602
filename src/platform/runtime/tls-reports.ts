/** Who reports to mail domains what came of TLS to them (RFC 8460). */
export interface TlsReportsConfig {
  /** The reporting domain: in From and in the DKIM signature. */
  readonly domain: string;
  /** Mail address of who answers for the reports; it is told to every domain that gets one. */
  readonly contact: string;
}

type Read =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly reports: TlsReportsConfig }
  | {
      readonly kind: 'wrong';
      readonly variable: 'SEALPOST_TLS_REPORT_DOMAIN' | 'SEALPOST_TLS_REPORT_CONTACT';
      readonly expectation: string;
    };

/** It stands in the names of DKIM keys and in report ids: room is left for them (RFC 1035 §2.3.4). */
const LONGEST_DOMAIN = 200;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const CONTACT = /^[\w.+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/** Both settings or none. */
export function readTlsReports(domains: readonly string[], contact: string | undefined): Read {
  const [domain, ...others] = domains;
  if (domain === undefined && contact === undefined) return { kind: 'off' };
  const isName =
    domain !== undefined &&
    domain.length <= LONGEST_DOMAIN &&
    domain.split('.').every((label) => LABEL.test(label));
  if (!isName || others.length > 0) {
    return { kind: 'wrong', variable: 'SEALPOST_TLS_REPORT_DOMAIN', expectation: 'must be one domain name' };
  }
  if (contact === undefined || contact.length > 254 || !CONTACT.test(contact)) {
    return { kind: 'wrong', variable: 'SEALPOST_TLS_REPORT_CONTACT', expectation: 'must be a mail address' };
  }
  return { kind: 'on', reports: { domain, contact } };
}
