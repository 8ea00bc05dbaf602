import { createHash, type KeyObject } from 'node:crypto';
import { canonical } from '../associated-data.ts';
import { RootKeyWrong, SealBroken } from '../errors.ts';
import { KEY, NONCE, openFrom, sealInto, TAG, takeKey } from '../gcm.ts';

/** Octets of a root key id within what it wrapped. */
const ID = 8;

/** A root key that this process holds itself. */
export interface LocalKey {
  readonly id: string;
  readonly created: Date;
  readonly key: KeyObject;
}

/** 16 hex digits of a hash of the key: tells keys apart, and a damaged key from a whole one. */
function rootKeyId(raw: Buffer): string {
  return createHash('sha256').update('sealpost/root-key-id/1').update(raw).digest().toString('hex', 0, ID);
}

/** Takes 32 raw octets into a KeyObject and wipes them. */
export function takeLocalKey(raw: Buffer, created: Date): LocalKey {
  if (raw.length !== KEY) throw new RangeError('a root key has 32 octets');
  const id = rootKeyId(raw);
  return { id, created, key: takeKey(raw) };
}

/** `id(8) ‖ nonce(12) ‖ ciphertext ‖ tag(16)`. */
function wrapLocally(root: LocalKey, plain: Buffer, associated: Buffer): Buffer {
  const wrapped = Buffer.alloc(ID + NONCE + plain.length + TAG);
  wrapped.write(root.id, 'hex');
  sealInto(wrapped, ID, root.key, canonical(['sealpost/root/1', root.id, associated]), plain);
  return wrapped;
}

function unwrapLocally(root: LocalKey, wrapped: Buffer, associated: Buffer): Buffer {
  try {
    return openFrom(root.key, canonical(['sealpost/root/1', root.id, associated]), wrapped.subarray(ID));
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw doesNotFit();
  }
}

/** The superseded keys that may go: not in use, and their successor was made before the moment. Keys newest first. */
export function droppable<Key extends { readonly id: string; readonly created: Date }>(
  keys: readonly Key[],
  used: ReadonlySet<string>,
  before: Date,
): ReadonlySet<string> {
  const gone = new Set<string>();
  keys.forEach((key, index) => {
    const successor = keys[index - 1];
    if (successor === undefined || used.has(key.id)) return;
    if (successor.created.getTime() < before.getTime()) gone.add(key.id);
  });
  return gone;
}

/** The root keys that this process holds, newest first. */
export class HeldKeys {
  readonly #keys: readonly LocalKey[];

  constructor(keys: readonly LocalKey[]) {
    this.#keys = keys;
  }

  get newest(): LocalKey {
    const key = this.#keys[0];
    if (key === undefined) throw new Error('the root key was used before it was prepared');
    return key;
  }

  has(id: string): boolean {
    return this.#keys.some((key) => key.id === id);
  }

  wrap(plain: Buffer, associated: Buffer): Buffer {
    return wrapLocally(this.newest, plain, associated);
  }

  /** Throws RootKeyWrong. */
  unwrap(wrapped: Buffer, associated: Buffer): Buffer {
    const root = this.#keys.find((key) => key.id === wrapped.toString('hex', 0, ID));
    if (root === undefined) throw doesNotFit();
    return unwrapLocally(root, wrapped, associated);
  }
}

function doesNotFit(): RootKeyWrong {
  return new RootKeyWrong('root-key-does-not-fit', 'a wrapped key does not open with the root key');
}
