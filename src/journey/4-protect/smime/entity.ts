import {
  findField,
  type HeaderField,
  type Parameterised,
  parseHeader,
  parseParameters,
} from '#platform/mail';

/** A MIME entity or whole message: its header section and body, as octets of one buffer. */
export interface Entity {
  readonly octets: Buffer;
  /** Header lines with their CRLFs, without the blank line. */
  readonly header: Buffer;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
  readonly type: Parameterised;
}

const BLANK = Buffer.from('\r\n\r\n');

/** Divides an entity; one without a blank line is all header, one that begins with it has none. */
export function readEntity(octets: Buffer): Entity {
  const headless = octets[0] === 0x0d && octets[1] === 0x0a;
  const end = headless ? -2 : octets.indexOf(BLANK);
  const header = headless ? octets.subarray(0, 0) : end < 0 ? octets : octets.subarray(0, end + 2);
  const body = end === -1 ? octets.subarray(octets.length) : octets.subarray(end + 4);
  const { fields } = parseHeader(header);
  const text = findField(fields, 'content-type')?.value ?? 'text/plain';
  return { octets, header, fields, body, type: parseParameters(text) };
}

/** The octets of a field with its CRLF. */
export function fieldOctets({ header }: Entity, field: HeaderField): Buffer {
  return header.subarray(field.start, field.end);
}

/** Fields that say what the body is, not what the message is (RFC 9788 §1.6.1: structural). */
export function isStructural(key: string): boolean {
  return key.startsWith('content-') || key === 'mime-version';
}

/** The two parts of a multipart/signed (RFC 1847 §2.1): the first exactly as it was signed. Null where there are not two. */
export function signedParts(entity: Entity): { readonly content: Buffer; readonly signature: Entity } | null {
  const boundary = entity.type.parameters.get('boundary');
  if (boundary === undefined || boundary === '' || boundary.length > 200) return null;
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // A delimiter at the very start of the body has no line end of its own before it.
  const body = Buffer.concat([Buffer.from('\r\n'), entity.body]);
  const places: number[] = [];
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + 2)) {
    const after = body.subarray(at + delimiter.length, at + delimiter.length + 64).toString('latin1');
    if (/^(--)?[ \t]*(\r\n|$)/.test(after)) places.push(at);
    if (places.length > 3) return null;
  }
  const [first, second, third] = places;
  if (first === undefined || second === undefined || third === undefined) return null;
  const startOf = (place: number) => body.indexOf('\r\n', place + delimiter.length) + 2;
  return {
    content: body.subarray(startOf(first), second),
    signature: readEntity(body.subarray(startOf(second), third)),
  };
}

/** The octets of a base64 body; anything else is taken as it stands (`binary`). */
export function decodedBody({ fields, body }: Entity): Buffer {
  const encoding = findField(fields, 'content-transfer-encoding')?.value.toLowerCase() ?? '7bit';
  return encoding === 'base64' ? Buffer.from(body.toString('latin1'), 'base64') : body;
}
