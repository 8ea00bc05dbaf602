import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { binary } from './binary-arrays.ts';

describe('arrays in binary form', () => {
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase({ empty: true });
  });
  afterAll(() => fresh.close());

  /** What the server understood, as it says it itself. */
  const read = async (type: string, array: Buffer): Promise<unknown> => {
    const text = `select to_jsonb($1::${type}[]) as list, cardinality($1::${type}[]) as size`;
    const row = await fresh.database.system('app', (tx) =>
      tx.one<{ list: unknown[]; size: number }>({ text, values: [array] }),
    );
    expect(row.size).toBe(row.list.length);
    return row.list;
  };

  it('are what the server reads, with nulls and without elements', async () => {
    const [one, two] = [newId(), newId()];
    expect(await read('uuid', binary.uuids([one, null, two]))).toEqual([one, null, two]);
    expect(await read('uuid', binary.uuids([]))).toEqual([]);
    expect(await read('bytea', binary.octets([Buffer.from('00ff10', 'hex'), null, Buffer.alloc(0)]))).toEqual(
      ['\\x00ff10', null, '\\x'],
    );
    expect(await read('smallint', binary.int2s([-32_768, 0, 32_767]))).toEqual([-32_768, 0, 32_767]);
    expect(await read('integer', binary.int4s([-(2 ** 31), null, 2 ** 31 - 1]))).toEqual([
      -(2 ** 31),
      null,
      2 ** 31 - 1,
    ]);
    expect(await read('boolean', binary.booleans([true, null, false]))).toEqual([true, null, false]);
    expect(await read('jsonb', binary.jsons(['{"a": "ü\\"\\\\"}', null, '[]']))).toEqual([
      { a: 'ü"\\' },
      null,
      [],
    ]);
    const text = `select ($1::bigint[])::text as list`;
    const big = [2n ** 63n - 1n, -(2n ** 63n), 5, null];
    expect(await fresh.database.system('app', (tx) => tx.one({ text, values: [binary.int8s(big)] }))).toEqual(
      { list: '{9223372036854775807,-9223372036854775808,5,NULL}' },
    );
  });

  it('hold any text and any moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        // PostgreSQL has no place for U+0000 in a text, and half a surrogate pair is no text.
        fc.array(fc.option(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')))),
        fc.array(
          fc.date({
            min: new Date('0001-01-01T00:00:00Z'),
            max: new Date('9999-12-31T00:00:00Z'),
            noInvalidDate: true,
          }),
        ),
        async (texts, times) => {
          expect(await read('text', binary.texts(texts))).toEqual(texts);
          const row = await fresh.database.system('app', (tx) =>
            tx.one<{ same: boolean }>({
              text: 'select $1::timestamptz[] = $2::timestamptz[] as same',
              values: [binary.times(times), times.map((time) => time.toISOString())],
            }),
          );
          expect(row.same).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuse what the type cannot hold', () => {
    expect(() => binary.uuids(['zz'])).toThrow(RangeError);
    expect(() => binary.int2s([40_000])).toThrow(RangeError);
    expect(() => binary.int4s([2 ** 31])).toThrow(RangeError);
    expect(() => binary.int8s([2n ** 63n])).toThrow(RangeError);
    expect(() => binary.times([new Date(Number.NaN)])).toThrow(RangeError);
  });
});
