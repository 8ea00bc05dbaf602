// A writer of DER (X.690 §10, §11): definite, shortest lengths; sets in order.

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
}

/** An element in pieces, its content not copied: for what is large, put together once at the end. */
export function derPieces(tag: number, parts: readonly Buffer[]): Buffer[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [Buffer.from([tag]), lengthOctets(length), ...parts];
}

/** An element with that identifier octet. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(derPieces(tag, parts));
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);

/** SET OF: members in the order of their octets (X.690 §11.6). */
export const setOf = (members: readonly Buffer[], tag = 0x31): Buffer =>
  der(tag, ...[...members].sort(Buffer.compare));

export const octetString = (octets: Buffer): Buffer => der(0x04, octets);

export const bitString = (octets: Buffer): Buffer => der(0x03, Buffer.from([0]), octets);

export const nothing: Buffer = Buffer.from([0x05, 0x00]);

/** A small non-negative INTEGER. */
export function smallInteger(value: number): Buffer {
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  if (octets.length === 0 || (octets[0] ?? 0) > 0x7f) octets.unshift(0);
  return der(0x02, Buffer.from(octets));
}

const written = new Map<string, Buffer>();

/** An OBJECT IDENTIFIER from its dotted text. */
export function objectId(dotted: string): Buffer {
  const known = written.get(dotted);
  if (known !== undefined) return known;
  const [top = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [top * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left % 128) | 0x80);
    }
    octets.push(...groups);
  }
  const made = der(0x06, Buffer.from(octets));
  written.set(dotted, made);
  return made;
}

/** AlgorithmIdentifier; without `parameters` they are absent. */
export const algorithm = (oid: string, parameters?: Buffer): Buffer =>
  parameters === undefined ? sequence(objectId(oid)) : sequence(objectId(oid), parameters);

/** UTCTime until 2049, then GeneralizedTime (RFC 5652 §11.3). */
export function timeValue(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(text.slice(2), 'latin1'))
    : der(0x18, Buffer.from(text, 'latin1'));
}
