import { DerBroken } from '../der/read.ts';

/** Everything that one connection may bring unless said otherwise, octets. */
const LARGEST_ANSWER = 2 * 1024 * 1024;
/** Largest single message, octets; where a whole directory is read, a large group is one. */
const LARGEST_MESSAGE = { few: 512 * 1024, whole: 16 * 1024 * 1024 } as const;

/** More came than a search for certificates can mean. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** Cuts what a connection brings into LDAPMessages (RFC 4511 §5.1), within bounds. */
export class Framing {
  #parts: Buffer[] = [];
  #held = 0;
  #total = 0;
  readonly #largest: number;

  constructor(largest = LARGEST_ANSWER) {
    this.#largest = largest;
  }

  /** Octets that have come and belong to no whole message yet. */
  get held(): number {
    return this.#held;
  }

  /** The messages that are whole now. Throws DerBroken and AnswerTooLarge; nothing more may be read then. */
  push(chunk: Buffer): Buffer[] {
    this.#total += chunk.length;
    if (this.#total > this.#largest) throw new AnswerTooLarge();
    this.#parts.push(chunk);
    this.#held += chunk.length;
    const messages: Buffer[] = [];
    for (let size = this.#nextSize(); size !== null && size <= this.#held; size = this.#nextSize()) {
      messages.push(this.#take(size));
    }
    return messages;
  }

  /** Size of the message that is first in line; null while its length has not come. */
  #nextSize(): number | null {
    if (this.#held < 2) return null;
    const head = this.#head();
    if (head[0] !== 0x30) throw new DerBroken('not an LDAP message');
    const first = head.readUInt8(1);
    if (first < 0x80) return 2 + first;
    const count = first & 0x7f;
    // The indefinite form is not allowed here (RFC 4511 §5.1); servers pad lengths to four octets.
    if (count === 0 || count > 4) throw new DerBroken('a length that cannot be');
    if (head.length < 2 + count) return null;
    const size = 2 + count + head.readUIntBE(2, count);
    if (size > (this.#largest > LARGEST_ANSWER ? LARGEST_MESSAGE.whole : LARGEST_MESSAGE.few))
      throw new AnswerTooLarge();
    return size;
  }

  /** The first six octets, or as many as there are: parts are put together only for them or a whole message. */
  #head(): Buffer {
    const [first] = this.#parts;
    if (first !== undefined && (first.length >= 6 || this.#parts.length === 1)) return first.subarray(0, 6);
    return this.#join().subarray(0, 6);
  }

  #take(size: number): Buffer {
    const all = this.#join();
    const rest = all.subarray(size);
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    return all.subarray(0, size);
  }

  #join(): Buffer {
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }
}
