import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;
const DATE_ARRAY = 1182;

type TextParser = (text: string) => unknown;
const keepText: TextParser = (text) => text;

/** int8 as a number while that is exact, else as a bigint. */
export function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function parseInt8Array(text: string): (number | bigint | null)[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map((item) => (item === 'NULL' ? null : parseInt8(item)));
}

function parseDateArray(text: string): (string | null)[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map((item) => (item === 'NULL' ? null : item));
}

/**
 * How values come out: bytea → Buffer, timestamptz → Date, int8 → number when exact (else bigint), uuid, date and
 * numeric → string (a date has no zone, a numeric no exact number), json → parsed, arrays of all these.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: string) {
    if (format !== 'binary') {
      if (oid === INT8) return parseInt8;
      if (oid === INT8_ARRAY) return parseInt8Array;
      if (oid === DATE) return keepText;
      if (oid === DATE_ARRAY) return parseDateArray;
    }
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
  },
};
