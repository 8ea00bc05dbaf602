import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DkimKey } from '#platform/keyring';
import { expectUntold, useSandbox } from './deliver-fixture.ts';
import type { TlsResult } from './index.ts';

const fixture = useSandbox();

const KEY: DkimKey = {
  keyId: 'k',
  domain: 'reports.clinic.test',
  selector: 'tlsrpt2',
  algorithm: 'ed25519-sha256',
  ...generateKeyPairSync('ed25519'),
};
const report = (domain: string) => ({
  domain: 'x.test',
  submitter: 'reports.clinic.test',
  to: { local: 'tls', domain },
  reportId: '20261125.x.test@reports.clinic.test',
  day: '2026-11-25',
  report: gzipSync('{}'),
});

describe('a TLS report by mail', () => {
  it.each([
    ['good-tls.test', 'TLS that holds'],
    ['no-tls.test', 'no TLS'],
    ['wrong-cert.test', 'a certificate of another host'],
    ['dane-wrong.test', 'TLSA records that name another key'],
    ['dane-stripped.test', 'STARTTLS stripped where TLSA records stand'],
    ['dane-bogus.test', 'TLSA records that DNSSEC refuses'],
    ['mta-sts-unlisted.test', 'a host that the enforced policy does not list'],
  ])('reaches %s: %s; and is not counted', async (domain) => {
    const noted: TlsResult[] = [];
    const deliver = fixture.newDeliver({ results: { note: (result) => void noted.push(result) } });
    expect(await deliver.mailTlsReport(report(domain), [KEY])).toBe(true);
    const [mail] = await fixture.sandbox().mailboxes.waitFor(`tls@${domain}`, 1);
    expect(mail?.bytes.toString()).toMatch(/^DKIM-Signature: .*d=reports\.clinic\.test.*tls-report-domain/ms);
    expect(noted).toEqual([]);
  });

  it('tells whether it was taken', async () => {
    expect(await fixture.deliver().mailTlsReport(report('refuses-content.test'), [KEY])).toBe(false);
    expect(await fixture.deliver().mailTlsReport(report('nowhere.test'), [KEY])).toBe(false);
  });

  it('does not leave unsigned', async () => {
    await expect(fixture.deliver().mailTlsReport(report('good-tls.test'), [])).rejects.toThrow('DKIM');
    expect(fixture.sandbox().mailboxes.messages('tls@good-tls.test')).toEqual([]);
  });

  it('takes the smart host where there is one, and demands of it what all mail does', async () => {
    const via = (host: string) => {
      const port = fixture.sandbox().peer(host).port;
      return fixture.newDeliver({
        smartHost: () => ({ host, port, credentials: null, implicitTls: false }),
      });
    };
    expect(await via('mx.good-tls.test').mailTlsReport(report('good-tls.test'), [KEY])).toBe(true);
    expect(await via('mx.self-signed.test').mailTlsReport(report('good-tls.test'), [KEY])).toBe(false);
    expectUntold(fixture.sandbox().peer('mx.self-signed.test'));
  });
});
