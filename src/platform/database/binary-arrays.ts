import { isUuid } from '#core/ids';

/**
 * Arrays in PostgreSQL's binary form, for statements that write many rows at once. The driver would send an array as
 * text, where an octet string doubles its length as hex and the server reads it letter by letter; as a Buffer it
 * goes as it is. The form (array_recv, array_send in the server's arrayfuncs.c): number of dimensions, a flag for
 * nulls, the element's type, length and lower bound of the dimension, then each element with its length before it
 * (-1 is null), all as 32-bit numbers in network order. The statement must name the type: `$1::bytea[]`.
 */

const OIDS = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
} as const;

const HEADER = 20;
const EMPTY_HEADER = 12;

/** How one type's elements are written. `size` says the octets of an element, `write` puts them at an offset. */
interface Codec<T> {
  readonly oid: number;
  size(value: T): number;
  write(into: Buffer, value: T, at: number, size: number): void;
}

function encode<T>(codec: Codec<T>, list: readonly (T | null)[]): Buffer {
  if (list.length === 0) {
    const empty = Buffer.alloc(EMPTY_HEADER);
    empty.writeUInt32BE(codec.oid, 8);
    return empty;
  }
  const sizes = list.map((value) => (value === null ? -1 : codec.size(value)));
  const octets = sizes.reduce((sum, size) => sum + 4 + Math.max(0, size), HEADER);
  const buffer = Buffer.allocUnsafe(octets);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(sizes.includes(-1) ? 1 : 0, 4);
  buffer.writeUInt32BE(codec.oid, 8);
  buffer.writeInt32BE(list.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEADER;
  for (const [index, value] of list.entries()) {
    const size = sizes[index] ?? -1;
    buffer.writeInt32BE(size, at);
    at += 4;
    if (value === null) continue;
    codec.write(buffer, value, at, size);
    at += size;
  }
  return buffer;
}

const fixed = <T>(
  oid: number,
  octets: number,
  write: (into: Buffer, value: T, at: number) => void,
): Codec<T> => ({ oid, size: () => octets, write });

const UUID = fixed<string>(OIDS.uuid, 16, (into, value, at) => {
  if (!isUuid(value)) throw new RangeError('not a UUID');
  into.write(value.replaceAll('-', ''), at, 16, 'hex');
});
const INT2 = fixed<number>(OIDS.int2, 2, (into, value, at) => into.writeInt16BE(value, at));
const INT4 = fixed<number>(OIDS.int4, 4, (into, value, at) => into.writeInt32BE(value, at));
const INT8 = fixed<number | bigint>(OIDS.int8, 8, (into, value, at) => {
  into.writeBigInt64BE(BigInt(value), at);
});
const BOOL = fixed<boolean>(OIDS.bool, 1, (into, value, at) => into.writeUInt8(value ? 1 : 0, at));

/** PostgreSQL counts microseconds from the first of January 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

const TIMESTAMP = fixed<Date>(OIDS.timestamptz, 8, (into, value, at) => {
  const ms = value.getTime() - EPOCH_MS;
  if (Number.isNaN(ms)) throw new RangeError('not a point in time');
  into.writeBigInt64BE(BigInt(ms) * 1000n, at);
});

const BYTEA: Codec<Uint8Array> = {
  oid: OIDS.bytea,
  size: (value) => value.byteLength,
  write: (into, value, at) => into.set(value, at),
};
const TEXT: Codec<string> = {
  oid: OIDS.text,
  size: (value) => Buffer.byteLength(value),
  write: (into, value, at, size) => void into.write(value, at, size, 'utf8'),
};
/** The text after an octet that says which version of the form it is. */
const JSONB: Codec<string> = {
  oid: OIDS.jsonb,
  size: (value) => Buffer.byteLength(value) + 1,
  write: (into, value, at, size) => {
    into.writeUInt8(1, at);
    into.write(value, at + 1, size - 1, 'utf8');
  },
};

/** One function a type; null elements are allowed in each. Throws RangeError for what the type cannot hold. */
export const binary = {
  uuids: (list: readonly (string | null)[]): Buffer => encode(UUID, list),
  texts: (list: readonly (string | null)[]): Buffer => encode(TEXT, list),
  octets: (list: readonly (Uint8Array | null)[]): Buffer => encode(BYTEA, list),
  int2s: (list: readonly (number | null)[]): Buffer => encode(INT2, list),
  int4s: (list: readonly (number | null)[]): Buffer => encode(INT4, list),
  int8s: (list: readonly (number | bigint | null)[]): Buffer => encode(INT8, list),
  booleans: (list: readonly (boolean | null)[]): Buffer => encode(BOOL, list),
  times: (list: readonly (Date | null)[]): Buffer => encode(TIMESTAMP, list),
  /** Of JSON texts. */
  jsons: (list: readonly (string | null)[]): Buffer => encode(JSONB, list),
} as const;
