import { canonical } from './associated-data.ts';
import { KeyMissing } from './errors.ts';

/** What a key file holds beside the wrapped key. All of it is authenticated with the key. */
export interface KeyHeader {
  readonly kind: KeyKind;
  /** Version of this key (organisation and index keys, from 1) or 0 for a group key. */
  readonly version: number;
  readonly created: Date;
  /** What wrapped it: a root key id for an organisation key, the organisation key version for the others. */
  readonly wrappedBy: string;
}

export type KeyKind = 'organisation' | 'index' | 'group';

export interface KeyRecord extends KeyHeader {
  readonly wrapped: Buffer;
  /** The octets before the wrapped key, as authenticated. */
  readonly header: Buffer;
}

const MAGIC = Buffer.from('SPK1', 'latin1');
const KINDS: Readonly<Record<KeyKind, number>> = { organisation: 1, index: 2, group: 3 };
const FIXED = MAGIC.length + 1 + 4 + 6 + 1;

/** `"SPK1" ‖ kind(1) ‖ version(4) ‖ created in ms(6) ‖ length(1) ‖ wrappedBy`, numbers big-endian. */
export function encodeHeader(header: KeyHeader): Buffer {
  const by = Buffer.from(header.wrappedBy, 'utf8');
  if (by.length > 255) throw new RangeError('the name of a wrapping key has at most 255 octets');
  const octets = Buffer.alloc(FIXED + by.length);
  MAGIC.copy(octets);
  octets[4] = KINDS[header.kind];
  octets.writeUInt32BE(header.version, 5);
  octets.writeUIntBE(header.created.getTime(), 9, 6);
  octets[15] = by.length;
  by.copy(octets, FIXED);
  return octets;
}

/** Reads a key file of the kind expected. Throws KeyMissing (`key-file-damaged`). */
export function decodeRecord(kind: KeyKind, octets: Buffer): KeyRecord {
  const byLength = octets[15] ?? 0;
  const end = FIXED + byLength;
  if (octets.length <= end || !octets.subarray(0, MAGIC.length).equals(MAGIC) || octets[4] !== KINDS[kind]) {
    throw new KeyMissing('key-file-damaged', 'a key file is not in the form expected');
  }
  return {
    kind,
    version: octets.readUInt32BE(5),
    created: new Date(octets.readUIntBE(9, 6)),
    wrappedBy: octets.toString('utf8', FIXED, end),
    wrapped: octets.subarray(end),
    header: octets.subarray(0, end),
  };
}

/** Associated data of a wrapped key: the set of keys, the organisation, the place in the tree, and the header. */
export function recordData(keySet: string, organisation: string, slot: string, header: Buffer): Buffer {
  return canonical(['sealpost/key/1', keySet, organisation, slot, header]);
}
