import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildTlsReportMail, type TlsReportMail } from './build-tls-report.ts';
import { scanBuffer } from './scan.ts';

const MAIL: TlsReportMail = {
  domain: 'example.net',
  submitter: 'reports.clinic.example',
  to: { local: 'tls', domain: 'example.net' },
  reportId: '20261125.example.net@reports.clinic.example',
  day: '2026-11-25',
  report: gzipSync('{"organization-name":"x"}'),
  date: new Date('2026-11-26T04:05:06Z'),
};

describe('the mail of a TLS report', () => {
  it('has the form of RFC 8460 §5.3', () => {
    const bytes = buildTlsReportMail(MAIL);
    const text = bytes.toString('latin1').replace(/\r\n[ \t]+/g, ' ');
    for (const line of [
      'From: tlsrpt@reports.clinic.example',
      'To: tls@example.net',
      'Subject: Report Domain: example.net Submitter: reports.clinic.example Report-ID: <20261125.example.net@reports.clinic.example>',
      'TLS-Report-Domain: example.net',
      'TLS-Report-Submitter: reports.clinic.example',
      'Content-Type: application/tlsrpt+gzip',
      'Content-Disposition: attachment; filename="reports.clinic.example!example.net!1795564800!1795651199.json.gz"',
    ]) {
      expect(text).toContain(`${line}\r\n`);
    }
    expect(text).toMatch(/^Content-Type: multipart\/report; report-type="tlsrpt"; boundary="[^"]+"\r\n/m);
    expect(scanBuffer(bytes).ok).toBe(true);
  });

  it('carries the report unchanged', () => {
    const text = buildTlsReportMail(MAIL).toString('latin1');
    const body = /\.json\.gz"\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(text)?.[1] ?? '';
    expect(gunzipSync(Buffer.from(body, 'base64')).toString()).toBe('{"organization-name":"x"}');
  });

  it.each([
    ['domain', 'x.test\r\nBcc: b@x.test'],
    ['submitter', 'x.test\nX: y'],
    ['reportId', `${'a'.repeat(1_200)}@x.test`],
  ])('is refused where %s cannot stand in a header', (field, value) => {
    expect(() => buildTlsReportMail({ ...MAIL, [field]: value })).toThrow('invalid-header');
  });
});
