import { hkdfSync, type KeyObject } from 'node:crypto';
import type { Binding } from '#core/seal';
import { bindingData } from './associated-data.ts';
import { SealBroken } from './errors.ts';
import { KEY, openWithNonce, sealWithNonce, TAG, takeKey } from './gcm.ts';
import { fillRandom } from './random-octets.ts';

/** First octet of a sealed stream. */
const STREAM_FORM = 0x03;
/** Plain octets of every chunk but the last. */
export const STREAM_CHUNK = 65_536;
const SALT = 32;
const HEADER = 1 + SALT;
const PREFIX = 7;
const SEALED_CHUNK = STREAM_CHUNK + TAG;
const MAX_CHUNKS = 2 ** 32;

/** Length of a sealed stream for a plain length, in octets. */
export function sealedStreamSize(plainSize: number): number {
  const chunks = Math.max(1, Math.ceil(plainSize / STREAM_CHUNK));
  return HEADER + plainSize + chunks * TAG;
}

/** The chunk keys of one stream: a key and nonce prefix of its own, so that chunk numbers may start at 0 each time. */
class StreamKey {
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(PREFIX + 5);
  readonly #associated: Buffer;
  #count = 0;

  constructor(objectKey: KeyObject, salt: Buffer, binding: Binding) {
    this.#associated = bindingData('sealpost/stream/1', binding);
    const derived = Buffer.from(hkdfSync('sha256', objectKey, salt, 'sealpost/stream/1', KEY + PREFIX));
    derived.copy(this.#nonce, 0, KEY);
    this.#key = takeKey(derived.subarray(0, KEY));
  }

  /** STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): prefix ‖ counter ‖ last flag. */
  #next(last: boolean): Buffer {
    if (this.#count >= MAX_CHUNKS) throw new RangeError('a sealed stream holds at most 2^48 octets');
    this.#nonce.writeUInt32BE(this.#count, PREFIX);
    this.#nonce[PREFIX + 4] = last ? 1 : 0;
    this.#count += 1;
    return this.#nonce;
  }

  seal(plain: Uint8Array, last: boolean): Buffer {
    return sealWithNonce(this.#key, this.#next(last), this.#associated, plain);
  }

  open(sealed: Uint8Array, last: boolean): Buffer {
    // An empty chunk is only written for an empty stream: otherwise two encodings would mean the same content.
    if (sealed.length <= TAG && (!last || this.#count > 0)) throw new SealBroken();
    return openWithNonce(this.#key, this.#next(last), this.#associated, sealed);
  }
}

/** Cuts a source into pieces of exactly `size` octets and a last one of 0 to `size`; marks the last. */
async function* cut(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly octets: Buffer; readonly last: boolean }, void, undefined> {
  // One buffer is filled again and again: the consumer is done with it before it asks for the next piece.
  const piece = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const block of source) {
    let at = 0;
    while (at < block.length) {
      if (filled === size) {
        yield { octets: piece, last: false };
        filled = 0;
      }
      const take = Math.min(size - filled, block.length - at);
      piece.set(block.subarray(at, at + take), filled);
      filled += take;
      at += take;
    }
  }
  yield { octets: piece.subarray(0, filled), last: true };
}

/** `03 ‖ salt(32) ‖ chunk…`, each chunk `ciphertext ‖ tag(16)` of 64 KiB plain octets, the last one shorter or equal. */
export async function* sealStream(
  key: KeyObject,
  binding: Binding,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const header = Buffer.allocUnsafe(HEADER);
  header[0] = STREAM_FORM;
  fillRandom(header, 1, SALT);
  const stream = new StreamKey(key, header.subarray(1), binding);
  yield header;
  for await (const { octets, last } of cut(source, STREAM_CHUNK)) yield stream.seal(octets, last);
}

/** Opens what `sealStream` made, chunk by chunk. Throws SealBroken on any change, cut, extension or reordering. */
export async function* openStream(
  key: KeyObject,
  binding: Binding,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const header = Buffer.alloc(HEADER);
  let stream: StreamKey | undefined;
  const body = afterHeader(source, header);
  for await (const { octets, last } of cut(body, SEALED_CHUNK)) {
    stream ??= new StreamKey(key, header.subarray(1), binding);
    const plain = stream.open(octets, last);
    if (plain.length > 0) yield plain;
  }
}

/** Reads the header off the front; it is complete when the first piece of the rest arrives. */
async function* afterHeader(
  source: AsyncIterable<Uint8Array>,
  header: Buffer,
): AsyncGenerator<Uint8Array, void, undefined> {
  let have = 0;
  for await (const block of source) {
    const take = Math.min(HEADER - have, block.length);
    header.set(block.subarray(0, take), have);
    have += take;
    if (have > 0 && header[0] !== STREAM_FORM) throw new SealBroken();
    if (take < block.length) yield block.subarray(take);
  }
  if (have < HEADER) throw new SealBroken();
}
