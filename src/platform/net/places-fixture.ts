// For tests: writes a small file in the MaxMind DB format (version 2.0), IPv4 and IPv6, with one record a network.

type Value = string | number | { readonly [key: string]: Value };

/** Control octet of a type (its number, below 8) and a length below 29. */
const head = (type: number, length: number): Buffer => Buffer.from([(type << 5) | length]);

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([head(2, text.length), text]);
  }
  if (typeof value === 'number') {
    const octets = Buffer.alloc(8);
    octets.writeDoubleBE(value);
    return Buffer.concat([head(3, 8), octets]);
  }
  const pairs = Object.entries(value);
  return Buffer.concat([
    head(7, pairs.length),
    ...pairs.flatMap(([key, inner]) => [encode(key), encode(inner)]),
  ]);
}

/** Unsigned integers in the metadata have types of their own. */
function unsigned(type: 5 | 6, value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  const short = octets.subarray(octets.findIndex((octet) => octet !== 0));
  const kept = value === 0 ? Buffer.alloc(0) : short;
  return Buffer.concat([head(type, kept.length), kept]);
}

type Node = { branches: [Node | number | null, Node | number | null] };

/** The bits of a network in the IPv6 tree, in which IPv4 stands under ::/96. */
function bitsOf(network: string): number[] {
  const [address = '', length = ''] = network.split('/');
  const v4 = address.split('.').map(Number);
  const octets = v4.length === 4 ? [...Array<number>(12).fill(0), ...v4] : v6Octets(address);
  const bits = octets.flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((shift) => (octet >> shift) & 1));
  return bits.slice(0, Number(length) + (v4.length === 4 ? 96 : 0));
}

function v6Octets(address: string): number[] {
  const [front = '', back = ''] = address.split('::');
  const words = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const [left, right] = [words(front), words(back)];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return all.flatMap((word) => [word >> 8, word & 255]);
}

/** The file's octets: what stands for each network, such as `{ '192.0.2.0/24': { country: { iso_code: 'ES' } } }`. */
export function makePlaces(networks: Readonly<Record<string, Value>>): Buffer {
  const root: Node = { branches: [null, null] };
  const data: Buffer[] = [];
  let size = 0;
  for (const [network, value] of Object.entries(networks)) {
    const octets = encode(value);
    let node = root;
    const bits = bitsOf(network);
    bits.forEach((bit, index) => {
      if (index === bits.length - 1) node.branches[bit as 0 | 1] = size;
      else {
        const next = node.branches[bit as 0 | 1];
        const child: Node = next !== null && typeof next === 'object' ? next : { branches: [null, null] };
        node.branches[bit as 0 | 1] = child;
        node = child;
      }
    });
    data.push(octets);
    size += octets.length;
  }
  const nodes: Node[] = [];
  const number = (node: Node): void => {
    nodes.push(node);
    for (const branch of node.branches) if (branch !== null && typeof branch === 'object') number(branch);
  };
  number(root);
  const place = new Map(nodes.map((node, index) => [node, index]));
  const tree = Buffer.concat(
    nodes.flatMap(({ branches }) =>
      branches.map((branch) => {
        const record = Buffer.alloc(4);
        const value =
          branch === null
            ? nodes.length
            : typeof branch === 'number'
              ? nodes.length + 16 + branch
              : (place.get(branch) ?? nodes.length);
        record.writeUInt32BE(value);
        return record;
      }),
    ),
  );
  const fields: [string, Buffer][] = [
    ['binary_format_major_version', unsigned(5, 2)],
    ['binary_format_minor_version', unsigned(5, 0)],
    ['database_type', encode('Test')],
    ['ip_version', unsigned(5, 6)],
    ['node_count', unsigned(6, nodes.length)],
    ['record_size', unsigned(5, 32)],
  ];
  const metadata = Buffer.concat([
    head(7, fields.length),
    ...fields.flatMap(([key, octets]) => [encode(key), octets]),
  ]);
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]);
}
