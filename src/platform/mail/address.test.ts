import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressText } from '#core/address';
import { addressIndexForm, needsSmtpUtf8, normaliseDomain, parseAddress } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['anna@good-tls.test', 'anna', 'good-tls.test'],
    ['Anna.Lee+tag@Example.ORG', 'Anna.Lee+tag', 'example.org'],
    ['"anna lee"@example.org', '"anna lee"', 'example.org'],
    ['"anna"@example.org', 'anna', 'example.org'],
    ['"a@b"@example.org', '"a@b"', 'example.org'],
    ['"a\\"b"@example.org', '"a\\"b"', 'example.org'],
    ['josé@straße.example', 'josé', 'xn--strae-oqa.example'],
    ['用户@例子.测试', '用户', 'xn--fsqu00a.xn--0zwm56d'],
    ["o'brien!#$%&*/=?^_`{|}~@x.org", "o'brien!#$%&*/=?^_`{|}~", 'x.org'],
  ])('takes %s', (text, local, domain) => {
    expect(parseAddress(text)).toEqual({ local, domain });
  });

  it.each([
    '',
    '@example.org',
    'anna',
    'anna@',
    'anna@@example.org',
    'a b@example.org',
    '.anna@example.org',
    'anna.@example.org',
    'an..na@example.org',
    '""@example.org',
    'anna@-example.org',
    'anna@example-.org',
    'anna@example..org',
    'anna@example.org.',
    'anna@[127.0.0.1]',
    'anna@127.0.0.1',
    'anna@127.1',
    'anna@0x7f.1',
    'anna@ex%41mple.org',
    'anna@exa\tmple.org',
    'anna@exam_ple.org',
    'anna\r\n@example.org',
    'anna\0@example.org',
    '"an\r\nna"@example.org',
    '"an\0na"@example.org',
    'anna@example.org\r\nBcc: x@y.test',
    'an\u202ena@example.org',
    'an\u200bna@example.org',
    'an\u00a0na@example.org',
    'an\ud800na@example.org',
    `${'a'.repeat(65)}@example.org`,
    `${'é'.repeat(33)}@example.org`,
    `anna@${'a'.repeat(64)}.org`,
    `a@${`${'a'.repeat(60)}.`.repeat(5)}org`,
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('keeps its own result and never yields a control character', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (text) => {
        const address = parseAddress(text);
        if (address === null) return;
        expect(parseAddress(addressText(address))).toEqual(address);
        expect(addressText(address)).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 500 },
    );
    // Addresses take long to make up; on a loaded machine longer than the usual limit.
  }, 60_000);

  it('knows what needs SMTPUTF8 and how addresses compare', () => {
    expect(needsSmtpUtf8({ local: 'josé', domain: 'x.org' })).toBe(true);
    expect(needsSmtpUtf8({ local: 'jose', domain: 'x.org' })).toBe(false);
    expect(addressIndexForm({ local: 'Jose\u0301', domain: 'x.org' })).toBe('josé@x.org');
  });

  it('normalises domains alone', () => {
    expect(normaliseDomain('Münster.example')).toBe('xn--mnster-3ya.example');
    expect(normaliseDomain('a b.example')).toBeNull();
  });
});
