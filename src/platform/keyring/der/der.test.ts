import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childrenOf,
  DerBroken,
  readBits,
  readDer,
  readOctets,
  readOid,
  readSmall,
  readTime,
} from './read.ts';
import { bitString, der, objectId, octetString, sequence, setOf, smallInteger, timeValue } from './write.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');

describe('DER', () => {
  it('reads what it writes', () => {
    const octets = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 2 ** 31 - 1 }), (content, number) => {
        const [first, second, third] = childrenOf(
          readDer(sequence(octetString(content), smallInteger(number), bitString(content))),
        );
        expect(readOctets(first)).toEqual(content);
        expect(readSmall(second)).toBe(number);
        expect(readBits(third)).toEqual(content);
      }),
    );
  });

  it('reads object identifiers as they were', () => {
    const arc = fc.integer({ min: 0, max: 2 ** 31 });
    const oid = fc
      .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), fc.array(arc, { maxLength: 8 }))
      .map(([top, second, rest]) => [top, second, ...rest].join('.'));
    fc.assert(
      fc.property(oid, (text) => {
        expect(readOid(readDer(objectId(text)))).toBe(text);
      }),
    );
  });

  it('reads times to the second, also after 2049', () => {
    const moment = fc.date({
      min: new Date('1950-01-01T00:00:00Z'),
      max: new Date('2200-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moment, (at) => {
        const second = new Date(Math.floor(at.getTime() / 1000) * 1000);
        expect(readTime(readDer(timeValue(second)))).toEqual(second);
      }),
    );
  });

  it('never fails in another way than it says, whatever it is given', () => {
    const walk = (octets: Buffer, rules: 'der' | 'ber', depth = 0): void => {
      const node = readDer(octets, rules);
      if ((node.tag & 0x20) !== 0 && depth < 40)
        for (const child of childrenOf(node, rules)) walk(child.raw, rules, depth + 1);
    };
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('der' as const, 'ber' as const),
        (array, rules) => {
          try {
            walk(Buffer.from(array), rules);
          } catch (error) {
            expect(error).toBeInstanceOf(DerBroken);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['octets behind the element', '0500 00'],
    ['cut short', '3003 0201'],
    ['no length', '30'],
    ['a length over four octets', '30 85 0000000001 00'],
    ['a length that is not the shortest', '04 81 01 00'],
    ['an indefinite length', '3080 0000'],
    ['a tag number above 30', '1f 01 00'],
  ])('refuses %s', (_, octets) => {
    expect(() => readDer(hex(octets))).toThrow(DerBroken);
  });

  it('takes indefinite lengths and strings in pieces where BER is asked for, and their end only', () => {
    const pieces = hex('2480 0402 4142 0401 43 0000');
    expect(readOctets(readDer(pieces, 'ber')).toString()).toBe('ABC');
    expect(() => readDer(hex('2480 0402 4142'), 'ber')).toThrow(DerBroken);
    expect(() => readDer(Buffer.alloc(2_000, hex('3080')), 'ber')).toThrow(DerBroken);
  });

  it('puts sets in order', () => {
    expect(setOf([octetString(hex('02')), octetString(hex('01'))])).toEqual(
      der(0x31, octetString(hex('01')), octetString(hex('02'))),
    );
  });
});
