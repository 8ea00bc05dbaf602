import { type Address, addressText } from '#core/address';
import { base64Lines } from './body-encoding.ts';
import { assembleText, multipart, type Part, textPart } from './build-message.ts';
import { formatField } from './header-field.ts';
import { formatMailDate } from './mail-date.ts';

/** A TLS report (RFC 8460) on its way by mail. Domain names and counts: nothing here comes from a message. */
export interface TlsReportMail {
  /** The domain that is told. */
  readonly domain: string;
  /** The reporting domain: in From, and in d= of the DKIM signature (§3). */
  readonly submitter: string;
  readonly to: Address;
  /** `local@domain`, without angle brackets. */
  readonly reportId: string;
  /** `YYYY-MM-DD`, the UTC day that is reported. */
  readonly day: string;
  /** JSON, gzipped. */
  readonly report: Buffer;
  readonly date: Date;
}

/** `sender!policy-domain!begin!end.json.gz`, times in seconds (RFC 8460 §5.1). */
function tlsReportFileName({
  submitter,
  domain,
  day,
}: Pick<TlsReportMail, 'submitter' | 'domain' | 'day'>): string {
  const begin = Date.parse(`${day}T00:00:00Z`) / 1_000;
  return `${submitter}!${domain}!${begin}!${begin + 86_399}.json.gz`;
}

/**
 * Builds the mail of RFC 8460 §5.3. It must be DKIM-signed by the reporting domain before it leaves (§3). Throws Refusal
 * `invalid-header` for names that cannot stand in a header.
 */
export function buildTlsReportMail(mail: TlsReportMail): Buffer {
  const { domain, submitter, to, reportId, day, report, date } = mail;
  const header = [
    formatField('From', `tlsrpt@${submitter}`),
    formatField('To', addressText(to)),
    formatField('Subject', `Report Domain: ${domain} Submitter: ${submitter} Report-ID: <${reportId}>`),
    formatField('Date', formatMailDate(date)),
    // The same for every try, as the report's own id.
    formatField('Message-ID', `<${reportId}>`),
    formatField('TLS-Report-Domain', domain),
    formatField('TLS-Report-Submitter', submitter),
    formatField('Auto-Submitted', 'auto-generated'),
    formatField('MIME-Version', '1.0'),
  ];
  const text = `This is an aggregate TLS report from ${submitter}\nfor ${domain}, ${day} (UTC), as of RFC 8460.\n`;
  const attached: Part = {
    fields: [
      formatField('Content-Type', 'application/tlsrpt+gzip'),
      formatField('Content-Transfer-Encoding', 'base64'),
      formatField('Content-Disposition', `attachment; filename="${tlsReportFileName(mail)}"`),
    ],
    body: base64Lines(report),
  };
  return assembleText(
    header,
    multipart('report', [textPart('plain', text), attached], ['report-type="tlsrpt"']),
  );
}
