// A reader of BER and DER (X.690) for what comes from strangers: certificates, CRLs, OCSP answers, CMS. It keeps the
// exact octets of every element, because signatures are over octets and not over what was understood of them.

/** What was read is not what it should be. Says nothing of the content. */
export class DerBroken extends Error {
  override readonly name = 'DerBroken';
}

/** One element. `tag` is the whole identifier octet: class, constructed bit and number (0 to 30). */
export interface DerNode {
  readonly tag: number;
  readonly contents: Buffer;
  /** Identifier, length and contents (with the end marker of an indefinite length). */
  readonly raw: Buffer;
}

/** DER where exactness matters (certificates); BER where senders stream with indefinite lengths (CMS, RFC 5652 §1). */
type Rules = 'der' | 'ber';

const DEEPEST = 32;
const MOST_CHILDREN = 200_000;

/** The single element that `octets` hold. Throws DerBroken for anything behind it. */
export function readDer(octets: Buffer, rules: Rules = 'der'): DerNode {
  const { node, end } = readAt(octets, 0, rules, 0);
  if (end !== octets.length) throw new DerBroken('octets behind the element');
  return node;
}

/** The first element, whatever follows it. */
export function readFirst(octets: Buffer, rules: Rules = 'der'): DerNode {
  return readAt(octets, 0, rules, 0).node;
}

/** The elements inside a constructed one, in order. */
export function childrenOf(node: DerNode, rules: Rules = 'der'): DerNode[] {
  if ((node.tag & 0x20) === 0) throw new DerBroken('not a constructed element');
  const found: DerNode[] = [];
  let at = 0;
  while (at < node.contents.length) {
    const { node: child, end } = readAt(node.contents, at, rules, 0);
    found.push(child);
    if (found.length > MOST_CHILDREN) throw new DerBroken('too many elements');
    at = end;
  }
  return found;
}

function readAt(octets: Buffer, start: number, rules: Rules, depth: number): { node: DerNode; end: number } {
  if (depth > DEEPEST) throw new DerBroken('too deep');
  const tag = octets[start];
  const first = octets[start + 1];
  if (tag === undefined || first === undefined) throw new DerBroken('cut short');
  if ((tag & 0x1f) === 0x1f) throw new DerBroken('a tag number above 30');
  if (first === 0x80) return readIndefinite(octets, start, tag, rules, depth);
  const { length, head } = definiteLength(octets, start, first, rules);
  const end = start + head + length;
  if (end > octets.length) throw new DerBroken('cut short');
  return {
    node: { tag, contents: octets.subarray(start + head, end), raw: octets.subarray(start, end) },
    end,
  };
}

function definiteLength(
  octets: Buffer,
  start: number,
  first: number,
  rules: Rules,
): { length: number; head: number } {
  if (first < 0x80) return { length: first, head: 2 };
  const count = first & 0x7f;
  if (count > 4 || start + 2 + count > octets.length) throw new DerBroken('a length that cannot be');
  const length = octets.readUIntBE(start + 2, count);
  if (rules === 'der' && (length < 0x80 || (count > 1 && octets[start + 2] === 0))) {
    throw new DerBroken('a length that is not the shortest');
  }
  return { length, head: 2 + count };
}

/** X.690 §8.1.3.6: elements until an end-of-contents marker. */
function readIndefinite(
  octets: Buffer,
  start: number,
  tag: number,
  rules: Rules,
  depth: number,
): { node: DerNode; end: number } {
  if (rules === 'der' || (tag & 0x20) === 0) throw new DerBroken('an indefinite length');
  let at = start + 2;
  while (!(octets[at] === 0 && octets[at + 1] === 0)) at = readAt(octets, at, rules, depth + 1).end;
  return {
    node: { tag, contents: octets.subarray(start + 2, at), raw: octets.subarray(start, at + 2) },
    end: at + 2,
  };
}

/** The element when it has that tag. Throws DerBroken for another one or none. */
export function expectTag(node: DerNode | undefined, tag: number): DerNode {
  if (node === undefined) throw new DerBroken('an element is missing');
  if (node.tag !== tag) throw new DerBroken('another element than expected');
  return node;
}

/** Dotted text of an OBJECT IDENTIFIER (X.690 §8.19). */
export function readOid(node: DerNode | undefined): string {
  const { contents } = expectTag(node, 0x06);
  const arcs: number[] = [];
  let value = 0;
  for (const [index, octet] of contents.entries()) {
    if (value === 0 && octet === 0x80) throw new DerBroken('an arc that is not the shortest');
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 256) throw new DerBroken('an arc that is too long');
    if ((octet & 0x80) === 0) {
      arcs.push(value);
      value = 0;
    } else if (index === contents.length - 1) throw new DerBroken('cut short');
  }
  const [first] = arcs;
  if (first === undefined) throw new DerBroken('an empty object identifier');
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...arcs.slice(1)].join('.');
}

/** A small non-negative INTEGER. */
export function readSmall(node: DerNode | undefined): number {
  const { contents } = expectTag(node, 0x02);
  if (contents.length === 0 || contents.length > 4 || (contents[0] ?? 0) > 0x7f) {
    throw new DerBroken('an integer out of range');
  }
  return contents.readUIntBE(0, contents.length);
}

/** The octets of an OCTET STRING in one piece; BER may cut it into pieces (X.690 §8.7.3). */
export function readOctets(node: DerNode | undefined, tag = 0x04): Buffer {
  if (node === undefined) throw new DerBroken('an element is missing');
  if (node.tag === tag) return node.contents;
  if (node.tag !== (tag | 0x20)) throw new DerBroken('another element than expected');
  return Buffer.concat(childrenOf(node, 'ber').map((piece) => readOctets(piece)));
}

/** The octets of a BIT STRING whose length is a whole number of octets. */
export function readBits(node: DerNode | undefined): Buffer {
  const { contents } = expectTag(node, 0x03);
  if (contents[0] !== 0) throw new DerBroken('bits that are no whole octets');
  return contents.subarray(1);
}

/** UTCTime or GeneralizedTime in UTC (RFC 5280 §4.1.2.5). */
export function readTime(node: DerNode | undefined): Date {
  if (node === undefined || (node.tag !== 0x17 && node.tag !== 0x18)) throw new DerBroken('not a time');
  const text = node.contents.toString('latin1');
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d+)?Z$/.exec(text);
  const [, years = '', month, day, hour, minute, second = '0'] = match ?? [];
  if (match === null || years.length !== (node.tag === 0x17 ? 2 : 4)) throw new DerBroken('not a time');
  const short = Number(years);
  const year = years.length === 4 ? short : short < 50 ? 2000 + short : 1900 + short;
  const at = Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (Number.isNaN(at)) throw new DerBroken('not a time');
  return new Date(at);
}

/** Algorithm and parameters of an AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export function readAlgorithm(node: DerNode | undefined): {
  readonly oid: string;
  readonly parameters: DerNode | null;
} {
  const [oid, parameters] = childrenOf(expectTag(node, 0x30), 'ber');
  return { oid: readOid(oid), parameters: parameters ?? null };
}
