import { randomBytes, randomInt } from 'node:crypto';

/** Letters and digits that survive addresses, words, file names, header fields and every case folding. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** One shape that a canary may have on a disk. */
export interface Pattern {
  readonly encoding: string;
  readonly octets: Buffer;
  /** In which view of a file this shape is looked for. */
  readonly view: 'raw' | 'unfolded-qp' | 'unfolded-lines';
}

/**
 * Unique words, one per feature: all begin with a tag that is random in each run, so that a search for the tag's shapes
 * finds every one of them, and end in a number that names the feature.
 */
export class CanarySet {
  readonly tag: string;
  readonly #features: string[] = [];
  readonly #addresses: { readonly feature: string; readonly network: string }[] = [];

  constructor() {
    const octets = randomBytes(13);
    // A letter first: a local part, a word and a host label may all begin with it.
    this.tag = `z${[...octets].map((octet) => ALPHABET.charAt(octet % 32)).join('')}`;
  }

  get size(): number {
    return this.#features.length + this.#addresses.length;
  }

  /**
   * A network address for somebody who calls the system from this machine: all of 127.0.0.0/8 is loopback (RFC 1122
   * §3.2.1.3), and Linux lets a client choose among it. Undefined elsewhere.
   */
  address(feature: string): string | undefined {
    if (process.platform !== 'linux') return undefined;
    const octet = (): number => randomInt(100, 250);
    const network = `127.${octet()}.${octet()}.`;
    this.#addresses.push({ feature, network });
    return `${network}${octet()}`;
  }

  /** A new canary: lower-case letters and digits, 16 of them. */
  word(feature: string): string {
    this.#features.push(feature);
    const number = this.#features.length - 1;
    return `${this.tag}${ALPHABET.charAt(Math.floor(number / 26) % 32)}${ALPHABET.charAt(number % 26)}`;
  }

  /** The feature behind what follows a hit, read from the text around it. */
  featureIn(around: Buffer, encoding: string): string {
    const words = this.#features.map((feature, number) => ({
      feature,
      word: `${this.tag}${ALPHABET.charAt(Math.floor(number / 26) % 32)}${ALPHABET.charAt(number % 26)}`,
    }));
    const found = words.find(({ word }) =>
      shapesOf(word).some((shape) => shape.encoding === encoding && around.includes(shape.octets)),
    );
    const address = this.#addresses.find(({ network }) =>
      shapesOf(network).some((shape) => shape.encoding === encoding && around.includes(shape.octets)),
    );
    return found?.feature ?? address?.feature ?? 'cut off after its tag';
  }

  /** Addresses are looked for by their first three octets, so that a kept network shows as well. */
  patterns(): readonly Pattern[] {
    return [...shapesOf(this.tag), ...this.#addresses.flatMap(({ network }) => shapesOf(network))];
  }
}

/** A word in every common shape. */
export function shapesOf(word: string): Pattern[] {
  const upper = word.toUpperCase();
  const shapes: Pattern[] = [];
  const add = (encoding: string, octets: Buffer | string, view: Pattern['view'] = 'raw'): void => {
    shapes.push({
      encoding,
      octets: typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets,
      view,
    });
  };
  const each = (write: (code: number) => string): string =>
    [...word].map((letter) => write(letter.charCodeAt(0))).join('');
  const hexOf = (text: string): string => Buffer.from(text).toString('hex');

  add('raw', word);
  add('upper-case', upper);
  add('capitalised', word.charAt(0).toUpperCase() + word.slice(1));
  for (const text of [word, upper]) {
    for (const shift of [0, 1, 2]) {
      add('base64', base64At(text, shift));
      add('base64 over lines', base64At(text, shift), 'unfolded-lines');
    }
    add('hex', hexOf(text));
    add('hex upper-case', hexOf(text).toUpperCase());
    add('utf-16le', Buffer.from(text, 'utf16le'));
    add('utf-16be', Buffer.from(text, 'utf16le').swap16());
  }
  const hexDigits = (code: number): string => code.toString(16).padStart(2, '0');
  add(
    'quoted-printable',
    each((code) => `=${hexDigits(code).toUpperCase()}`),
  );
  add(
    'quoted-printable',
    each((code) => `=${hexDigits(code)}`),
  );
  add('quoted-printable over lines', word, 'unfolded-qp');
  add(
    'percent',
    each((code) => `%${hexDigits(code)}`),
  );
  add(
    'json escapes',
    each((code) => `\\u00${hexDigits(code)}`),
  );
  add(
    'octal escapes',
    each((code) => `\\${code.toString(8).padStart(3, '0')}`),
  );
  add(
    'html references',
    each((code) => `&#${code};`),
  );
  return shapes;
}

/** What of a word's base64 does not depend on its neighbours when `shift` octets of a group of three stand before it. */
function base64At(word: string, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), Buffer.from(word)]);
  const encoded = whole.toString('base64');
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((whole.length * 8) / 6);
  return encoded.slice(first, last);
}

/** A secret of the system itself (a token, a key): looked for as it is written and as the octets it stands for. */
export function shapesOfSecret(secret: string): Pattern[] {
  const shapes: Pattern[] = [
    { encoding: 'raw', octets: Buffer.from(secret), view: 'raw' },
    { encoding: 'hex', octets: Buffer.from(Buffer.from(secret).toString('hex')), view: 'raw' },
    { encoding: 'base64', octets: Buffer.from(base64At(secret, 0)), view: 'raw' },
    { encoding: 'base64', octets: Buffer.from(base64At(secret, 1)), view: 'raw' },
    { encoding: 'base64', octets: Buffer.from(base64At(secret, 2)), view: 'raw' },
  ];
  const decoded = Buffer.from(secret, 'base64url');
  if (/^[\w-]{22,}$/.test(secret) && decoded.length >= 16)
    shapes.push({ encoding: 'decoded', octets: decoded, view: 'raw' });
  return shapes;
}
