import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '#core/errors';
import { decodeWords, encodeWords } from './encoded-word.ts';
import { formatField, parseHeader } from './header-field.ts';
import { formatMailbox, parseMailbox, parseMailboxes } from './mailbox.ts';
import { formatParameter, parseParameters } from './parameters.ts';

const at = (local: string, name: string | null, domain = 'x.org') => ({ local, domain, name });

describe('parseMailboxes', () => {
  it.each([
    ['anna@x.org', [at('anna', null)]],
    ['Anna Lee <anna@x.org>, ben@x.org', [at('anna', 'Anna Lee'), at('ben', null)]],
    ['"Lee, Anna" <anna@x.org>', [at('anna', 'Lee, Anna')]],
    ['"Lee \\"A\\" Anna" <anna@x.org>', [at('anna', 'Lee "A" Anna')]],
    ['=?utf-8?Q?Jos=C3=A9?= =?utf-8?B?IE3DvGxsZXI=?= <j@x.org>', [at('j', 'José Müller')]],
    ['Clinic: anna@x.org, ben@x.org;, carl@x.org', [at('anna', null), at('ben', null), at('carl', null)]],
    ['undisclosed-recipients:;', []],
    ['anna@x.org (Anna (in) Clinic)', [at('anna', 'Anna (in) Clinic')]],
    ['anna @ x . org', [at('anna', null)]],
    ['<@relay.org:anna@x.org>', [at('anna', null)]],
    ['"a,b"@x.org', [at('"a,b"', null)]],
  ])('reads %s', (text, expected) => {
    expect(parseMailboxes(text)).toEqual({ mailboxes: expected, broken: 0 });
  });

  it('counts what is no address, and never takes one of two angle parts', () => {
    expect(parseMailboxes('not an address, anna@x.org')).toMatchObject({ broken: 1 });
    expect(parseMailboxes('<a@x.org> <b@y.org>')).toEqual({ mailboxes: [], broken: 1 });
    expect(parseMailbox('a@x.org, b@x.org')).toBeNull();
    expect(parseMailbox('a@x.org\r\nBcc: b@x.org')).toBeNull();
    expect(parseMailbox('a@x.org\r\n <b@x.org>')).toBeNull();
    expect(parseMailbox('To: b@x.org')).toBeNull();
  });

  it('is linear: hostile lists take no time', () => {
    const started = performance.now();
    for (const text of ['('.repeat(200_000), '"'.repeat(200_001), '<'.repeat(200_000), 'a,'.repeat(100_000)])
      parseMailboxes(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('reads back what it formats', () => {
    const name = fc
      .string({ unit: 'grapheme', maxLength: 80 })
      .map((text) => text.replace(/\p{Cc}|[\u2028\u2029]/gu, '').trim());
    fc.assert(
      fc.property(name, (text) => {
        const mailbox = at('anna', text === '' ? null : text);
        const field = formatField('To', formatMailbox(mailbox));
        expect(field.split('\r\n').every((line) => Buffer.byteLength(line) <= 998)).toBe(true);
        expect(field).toMatch(/^[\t\r\n -~]*$/);
        const value = parseHeader(Buffer.from(field)).fields[0]?.value ?? '';
        // Folding may collapse runs of spaces; nothing else changes.
        const squeezed = text.replace(/[ \t]+/g, ' ');
        expect(parseMailbox(value)?.name?.replace(/[ \t]+/g, ' ') ?? '').toBe(squeezed);
      }),
      { numRuns: 500 },
    );
  });
});

describe('encoded words', () => {
  it('join characters that were split between words', () => {
    expect(decodeWords('=?utf-8?B?w6k=?=\t =?utf-8?Q?=C3?= =?utf-8?Q?=A9?= x')).toBe('éé x');
    expect(decodeWords('=?iso-8859-1?Q?Gr=FC=DFe?= an alle')).toBe('Grüße an alle');
    expect(decodeWords('=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=')).toBe('日本');
    expect(decodeWords('=?x-unknown?Q?a=E9?=')).toBe('aé');
    expect(decodeWords('plain =? not a word ?=')).toBe('plain =? not a word ?=');
  });

  it('round-trip for any text, each at most 75 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = encodeWords(text);
        expect(decodeWords(encoded)).toBe(text.toWellFormed());
        for (const word of encoded.split(' ')) expect(word.length).toBeLessThanOrEqual(75);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parameters', () => {
  it('reads tokens, quoted strings, RFC 2231 pieces and the older habit of encoded words', () => {
    const read = (text: string, name: string) => parseParameters(text).parameters.get(name);
    expect(parseParameters('Text/Plain; charset=utf-8 (comment)').value).toBe('text/plain');
    expect(read('multipart/mixed; boundary="a; b\\"c"', 'boundary')).toBe('a; b"c');
    expect(read("x; filename*=iso-8859-1'de'Gr%FC%DFe.txt", 'filename')).toBe('Grüße.txt');
    expect(read("x; filename*0*=utf-8''a%C3; filename*1*=%A9; filename*2=b.txt", 'filename')).toBe('aéb.txt');
    expect(read('x; name="=?utf-8?Q?caf=C3=A9?="', 'name')).toBe('café');
    expect(read('x; a=1; a=2', 'a')).toBe('1');
  });

  it('round-trips file names', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .filter((text) => !/[\p{Cc}]|=\?/u.test(text));
    fc.assert(
      fc.property(name, (text) => {
        const words = ['attachment', ...formatParameter('filename', text.toWellFormed())].join('; ');
        expect(parseParameters(words).parameters.get('filename')).toBe(text.toWellFormed());
      }),
      { numRuns: 300 },
    );
  });
});

describe('formatField', () => {
  it.each(['a\r\nBcc: x', 'a\rb', 'a\nb', 'a\0b', 'a\u2028b', 'a\u0085b'])('refuses %j', (text) => {
    expect(() => formatField('Subject', text)).toThrow(Refusal);
  });

  it('refuses names with anything but printable ASCII and words that cannot be folded', () => {
    for (const name of ['a b', 'a:b', '', 'é', 'a\r\nb'])
      expect(() => formatField(name, 'x')).toThrow(Refusal);
    expect(() => formatField('X', 'a'.repeat(1000))).toThrow(Refusal);
  });
});
