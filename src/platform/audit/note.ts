import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

/** Signs checkpoints of one organisation's log. The private key stays with who made this (the keyring). */
export interface NoteSigner {
  /** As in the signature line: no white space, no plus sign. */
  readonly keyName: string;
  /** Ed25519. */
  readonly publicKey: KeyObject;
  sign(bytes: Uint8Array): Buffer;
}

/** A public key whose signatures are accepted. */
export interface NoteVerifier {
  readonly keyName: string;
  readonly publicKey: KeyObject;
}

/** A note taken apart: the signed text (with its last line feed) and the names of the keys that signed it. */
export interface OpenedNote {
  readonly text: string;
  readonly signedBy: readonly string[];
}

const ED25519 = 1;
const SEPARATOR = '\n\n— ';

/** The 32 octets of an Ed25519 public key: the end of its SubjectPublicKeyInfo (RFC 8410 §4). */
function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('notes are signed with Ed25519');
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** Key id of C2SP signed-note: the first four octets of SHA-256(name ‖ LF ‖ type ‖ public key). */
function keyHash(name: string, publicKey: KeyObject): Buffer {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), rawPublicKey(publicKey)]);
  return hash('sha256', input, 'buffer').subarray(0, 4);
}

/** The verifier key as text, `name+hash+key` (C2SP signed-note): what an auditor is given. */
export function verifierText(verifier: NoteVerifier): string {
  const id = keyHash(verifier.keyName, verifier.publicKey).toString('hex');
  const typed = Buffer.concat([Buffer.from([ED25519]), rawPublicKey(verifier.publicKey)]);
  return `${verifier.keyName}+${id}+${typed.toString('base64')}`;
}

/** Reads a verifier key text; null when it is malformed or its hash does not fit. */
export function parseVerifier(text: string): NoteVerifier | null {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
  const [, keyName, id, encoded] = match ?? [];
  if (keyName === undefined || id === undefined || encoded === undefined) return null;
  const typed = Buffer.from(encoded, 'base64');
  if (typed.length !== 33 || typed[0] !== ED25519) return null;
  const x = typed.subarray(1).toString('base64url');
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  return keyHash(keyName, publicKey).toString('hex') === id ? { keyName, publicKey } : null;
}

/** Signs a text, which must end with a line feed and hold no empty line at its end (C2SP signed-note). */
export function signNote(text: string, signer: NoteSigner): string {
  if (!text.endsWith('\n')) throw new TypeError('a note ends with a line feed');
  if (!/^[^\s+]+$/.test(signer.keyName))
    throw new TypeError('a key name holds no white space and no plus sign');
  const signature = signer.sign(Buffer.from(text));
  const line = Buffer.concat([keyHash(signer.keyName, signer.publicKey), signature]).toString('base64');
  return `${text}\n— ${signer.keyName} ${line}\n`;
}

/**
 * Opens a note: null when it is malformed or a signature by a known key is wrong. Signatures of unknown keys are
 * ignored, as the specification asks; `signedBy` is then empty and the caller must not trust the text.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote | null {
  const split = note.lastIndexOf(SEPARATOR);
  if (split < 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, split + 1);
  const signedBy: string[] = [];
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    const [, keyName, encoded] = match ?? [];
    if (keyName === undefined || encoded === undefined) return null;
    const bytes = Buffer.from(encoded, 'base64');
    // The one way to write these octets (RFC 4648 §3.5): else a bit of the note could change and mean the same.
    if (bytes.toString('base64') !== encoded) return null;
    for (const known of verifiers) {
      if (known.keyName !== keyName) continue;
      if (!keyHash(keyName, known.publicKey).equals(bytes.subarray(0, 4))) continue;
      if (!verify(null, Buffer.from(text), known.publicKey, bytes.subarray(4))) return null;
      signedBy.push(keyName);
    }
  }
  return { text, signedBy };
}
