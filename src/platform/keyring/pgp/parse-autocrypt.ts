/** A valid Autocrypt header field (Autocrypt level 1.1, "The Autocrypt Header"). */
export interface AutocryptField {
  /** As written. */
  readonly address: string;
  readonly prefersEncryption: boolean;
  /** A transferable public key, binary; not looked into yet. */
  readonly keydata: Buffer;
}

/** Octets of a whole field: a larger one is invalid, says the specification. */
const FIELD_LIMIT = 10 * 1024;
const NAME = 'Autocrypt: ';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads the value of an Autocrypt field, unfolded. Null for one that is invalid: an attribute that we do not know and whose
 * name does not start with `_` (it may change what the others mean), one that comes twice, `keydata` that is not the
 * last or not base64, no address, too large.
 */
export function parseAutocrypt(value: string): AutocryptField | null {
  if (NAME.length + Buffer.byteLength(value) > FIELD_LIMIT) return null;
  const attributes = new Map<string, string>();
  const parts = value.split(';').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  for (const part of parts) {
    const equals = part.indexOf('=');
    if (equals < 1) return null;
    const name = part.slice(0, equals).trim().toLowerCase();
    const known = name === 'addr' || name === 'prefer-encrypt' || name === 'keydata';
    if (!known && !name.startsWith('_')) return null;
    if (attributes.has(name) || attributes.has('keydata')) return null;
    attributes.set(name, part.slice(equals + 1).trim());
  }
  const address = attributes.get('addr') ?? '';
  const keydata = (attributes.get('keydata') ?? '').replace(/\s+/g, '');
  if (address === '' || !BASE64.test(keydata) || keydata.length % 4 !== 0) return null;
  return {
    address,
    prefersEncryption: attributes.get('prefer-encrypt') === 'mutual',
    keydata: Buffer.from(keydata, 'base64'),
  };
}
