import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReportingRecord } from './reporting-record.ts';

const mail = (local: string, domain: string) => ({ kind: 'mail', to: { local, domain } });
const web = (url: string) => ({ kind: 'web', url });

describe('the record of RFC 8460 §3', () => {
  it.each([
    ['v=TLSRPTv1;rua=mailto:reports@example.com', [mail('reports', 'example.com')]],
    ['v=TLSRPTv1; rua=https://r.example.com/v1/tlsrpt', [web('https://r.example.com/v1/tlsrpt')]],
    ['v=TLSRPTv1 ; rua = mailto:a@x.test ; ', [mail('a', 'x.test')]],
    [
      'v=TLSRPTv1; rua=https://x.test/a, MAILTO:b@X.test ;ext=1',
      [web('https://x.test/a'), mail('b', 'x.test')],
    ],
    ['v=TLSRPTv1; rua=mailto:a%2Cb%21@x.test', []],
    ['v=TLSRPTv1; rua=mailto:a%2Bb@x.test', [mail('a+b', 'x.test')]],
    // What nobody here can use is left out, and the rest stands.
    ['v=TLSRPTv1; rua=ftp://x.test/,mailto:a@x.test', [mail('a', 'x.test')]],
    ['v=TLSRPTv1; rua=http://x.test/', []],
    ['v=TLSRPTv1; rua=https://user:secret@x.test/', []],
    ['v=TLSRPTv1; rua=https://x.test/#part', []],
    ['v=TLSRPTv1; rua=https://x.test/!', []],
    ['v=TLSRPTv1; rua=mailto:a@x.test?subject=hello', []],
    ['v=TLSRPTv1; rua=mailto:a@x.test%0D%0ABcc:b@x.test', []],
    ['v=TLSRPTv1; rua=mailto:a%zz@x.test', []],
    ['v=TLSRPTv1; rua=mailto:%C3%A4@x.test', []],
    ['v=TLSRPTv1; rua=mailto:a@[127.0.0.1]', []],
    [`v=TLSRPTv1; rua=https://x.test/${'a'.repeat(1_000)}`, []],
    // No record at all.
    ['v=TLSRPTv1', []],
    ['v=TLSRPTv1;', []],
    ['v=TLSRPTv1; rua=', []],
    ['v=TLSRPTv2; rua=mailto:a@x.test', []],
    ['rua=mailto:a@x.test; v=TLSRPTv1', []],
    ['v=tlsrptv1; rua=mailto:a@x.test', []],
    ['v=TLSRPTv1; ext=1; rua=mailto:a@x.test', []],
    ['v=TLSRPTv1; rua=mailto:a@x.test; no pair', []],
  ])('%s', (text, endpoints) => {
    expect(readReportingRecord([text])).toEqual(endpoints);
  });

  it('wants one record, whatever else stands at the name', () => {
    const record = 'v=TLSRPTv1; rua=mailto:a@x.test';
    expect(readReportingRecord(['v=spf1 -all', record])).toHaveLength(1);
    expect(readReportingRecord([record, record])).toEqual([]);
    expect(readReportingRecord([])).toEqual([]);
  });

  it('looks at four endpoints, and never gives out what would not go into a header', () => {
    const many = Array.from({ length: 9 }, (_, index) => `mailto:a${index}@x.test`).join(',');
    expect(readReportingRecord([`v=TLSRPTv1; rua=${many}`])).toHaveLength(4);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const endpoint of readReportingRecord([`v=TLSRPTv1; rua=mailto:${text},https://${text}`])) {
          const shown =
            endpoint.kind === 'mail' ? `${endpoint.to.local}@${endpoint.to.domain}` : endpoint.url;
          expect(shown).toMatch(/^[\x21-\x7e]+$/);
        }
      }),
    );
  }, 20_000);
});
