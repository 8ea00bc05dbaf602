import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAutocrypt } from './parse-autocrypt.ts';

const KEY = Buffer.from('a key, as it were').toString('base64');

describe('an Autocrypt field', () => {
  it.each([
    ['the least', `addr=a@b.example; keydata=${KEY}`, false],
    ['a preference', `addr=a@b.example; prefer-encrypt=mutual; keydata=${KEY}`, true],
    ['a preference that is none', `addr=a@b.example; prefer-encrypt=always; keydata=${KEY}`, false],
    ['what is not critical', `_x=1; addr=a@b.example; _y=; keydata=${KEY}`, false],
    ['folded key data', `addr=a@b.example; keydata=${KEY.slice(0, 9)} \t${KEY.slice(9)}`, false],
    ['a semicolon at the end, and names in capitals', `Addr=a@b.example; KeyData=${KEY};`, false],
  ])('is read: %s', (_what, value, prefersEncryption) => {
    expect(parseAutocrypt(value)).toEqual({
      address: 'a@b.example',
      prefersEncryption,
      keydata: Buffer.from('a key, as it were'),
    });
  });

  it.each([
    ['empty', ''],
    ['no address', `keydata=${KEY}`],
    ['no key', 'addr=a@b.example'],
    ['an empty key', 'addr=a@b.example; keydata='],
    ['an attribute of a later version', `addr=a@b.example; type=2; keydata=${KEY}`],
    ['an attribute behind the key', `addr=a@b.example; keydata=${KEY}; _x=1`],
    ['two addresses', `addr=a@b.example; addr=c@d.example; keydata=${KEY}`],
    ['two keys', `addr=a@b.example; keydata=${KEY}; keydata=${KEY}`],
    ['key data that is not base64', 'addr=a@b.example; keydata=*-_*'],
    ['base64 that was cut', `addr=a@b.example; keydata=${KEY.slice(0, -1)}`],
    ['words', 'hello'],
    ['more than 10 KiB', `addr=a@b.example; keydata=${'A'.repeat(10_240)}`],
  ])('is invalid: %s', (_what, value) => {
    expect(parseAutocrypt(value)).toBeNull();
  });

  it('takes whatever comes without a fault', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const read = parseAutocrypt(value);
        if (read !== null) expect(read.keydata.length).toBeGreaterThan(0);
      }),
    );
  });
});
