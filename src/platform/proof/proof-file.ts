import type { OrganisationId } from '#core/ids';

/** First field of every proof file; a change of the layout takes a new name. */
const FILE_FORMAT = 'sealpost-proof-file/1';

const ABOUT =
  'Proof of protection of one delivery. Verify it offline: sealpost proof verify FILE --key KEYS. ' +
  'The keys in here prove nothing until they are compared with keys that the organisation has published elsewhere.';

/** Name of an organisation's proof signing key. */
export function proofOrigin(organisation: OrganisationId): string {
  return `sealpost/proof/${organisation}`;
}

/** Everything that is needed to verify one proof without us. */
export interface ProofFile {
  /** The exact text that the signature covers: JSON of a ProofRecord. */
  readonly record: string;
  /** Ed25519 (RFC 8032) over the record's UTF-8 octets. */
  readonly signature: Buffer;
  /** The exact text of the audit entry that carries the record's hash: the leaf of the log. */
  readonly entry: string;
  readonly position: number;
  /** Audit path (RFC 6962 §2.1.1), lowest node first. */
  readonly path: readonly Buffer[];
  /** The signed checkpoint that the path leads to. */
  readonly checkpoint: string;
  /** Verifier keys as text (C2SP signed-note). */
  readonly proofKey: string;
  readonly logKey: string;
  /** Whom it was to; only for those who may see it. */
  readonly recipient: { readonly address: string; readonly salt: Buffer } | null;
}

/** The one text of a proof file: fields in this order, two spaces, a line feed at the end. */
export function encodeProofFile(file: ProofFile): Buffer {
  const { recipient } = file;
  const shown = {
    format: FILE_FORMAT,
    about: ABOUT,
    record: file.record,
    signature: file.signature.toString('base64'),
    entry: file.entry,
    position: file.position,
    path: file.path.map((node) => node.toString('base64')),
    checkpoint: file.checkpoint,
    proofKey: file.proofKey,
    logKey: file.logKey,
    recipient: recipient && { address: recipient.address, salt: recipient.salt.toString('hex') },
  };
  return Buffer.from(`${JSON.stringify(shown, null, 2)}\n`);
}

const HASH_OCTETS = 32;
const SIGNATURE_OCTETS = 64;
/** Deeper than any tree: a log of 2^53 entries has paths of 53. */
const MOST_PATH = 64;

/**
 * Reads a proof file; null unless it is octet for octet what `encodeProofFile` writes. There is one text for one
 * proof, so a changed octet cannot hide in white space, escapes, spare bits of base64 or fields that nobody reads.
 */
export function decodeProofFile(octets: Uint8Array): ProofFile | null {
  const value = parseObject(textOf(octets));
  if (value === null || !Array.isArray(value.path) || value.path.length > MOST_PATH) return null;
  const { record, signature, entry, position, checkpoint, proofKey, logKey } = value;
  const nodes: unknown[] = value.path;
  if (typeof record !== 'string' || typeof signature !== 'string' || typeof entry !== 'string') return null;
  if (typeof checkpoint !== 'string' || typeof proofKey !== 'string' || typeof logKey !== 'string')
    return null;
  // A lone surrogate becomes U+FFFD in UTF-8: two texts would have one signature.
  if (![record, entry, checkpoint].every((text) => text.isWellFormed())) return null;
  if (typeof position !== 'number' || !nodes.every((node) => typeof node === 'string')) return null;
  const recipient = recipientOf(value.recipient);
  if (recipient === undefined || !canonicalNote(checkpoint)) return null;
  const file: ProofFile = {
    record,
    signature: Buffer.from(signature, 'base64'),
    entry,
    position,
    path: nodes.map((node) => Buffer.from(node, 'base64')),
    checkpoint,
    proofKey,
    logKey,
    recipient,
  };
  const sized =
    file.path.every((node) => node.length === HASH_OCTETS) && file.signature.length === SIGNATURE_OCTETS;
  return sized && encodeProofFile(file).equals(octets) ? file : null;
}

function recipientOf(value: unknown): ProofFile['recipient'] | undefined {
  if (value === null) return null;
  if (!isObject(value)) return undefined;
  const { address, salt } = value;
  if (typeof address !== 'string' || typeof salt !== 'string') return undefined;
  return { address, salt: Buffer.from(salt, 'hex') };
}

/** A signature's base64 has spare bits in its last letter, which no signature covers: they must be zero. */
function canonicalNote(note: string): boolean {
  return note
    .split('\n')
    .filter((line) => line.startsWith('— '))
    .every((line) => {
      const encoded = line.split(' ')[2] ?? '';
      return Buffer.from(encoded, 'base64').toString('base64') === encoded;
    });
}

function textOf(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return '';
  }
}

/** An object out of JSON text; null for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
