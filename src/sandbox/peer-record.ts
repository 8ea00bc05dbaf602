/** What a peer keeps in memory of one direction; more is only counted. */
const KEPT = 512 * 1024;

/** All that one peer received and did: what proofs look at. */
export class PeerRecord {
  #clear: Buffer[] = [];
  #tls: Buffer[] = [];
  #lines: string[] = [];
  clearCount = 0;
  tlsCount = 0;
  connections = 0;
  handshakes = 0;
  /** Messages answered with 250, or dropped after their end. */
  messages = 0;

  /** Octets that arrived without TLS, the first 512 KiB. */
  get clearBytes(): Buffer {
    return Buffer.concat(this.#clear);
  }

  /** Octets that arrived inside TLS, the first 512 KiB. */
  get tlsBytes(): Buffer {
    return Buffer.concat(this.#tls);
  }

  /** Commands and replies, `C:`, `CS:` (inside TLS) and `S:`, the first 4,000 lines. */
  get transcript(): readonly string[] {
    return this.#lines;
  }

  received(chunk: Buffer, secure: boolean): void {
    if (secure) {
      if (this.tlsCount < KEPT) this.#tls.push(Buffer.from(chunk));
      this.tlsCount += chunk.length;
    } else {
      if (this.clearCount < KEPT) this.#clear.push(Buffer.from(chunk));
      this.clearCount += chunk.length;
    }
  }

  line(text: string): void {
    if (this.#lines.length < 4_000) this.#lines.push(text);
  }

  forget(): void {
    this.#clear = [];
    this.#tls = [];
    this.#lines = [];
    this.clearCount = 0;
    this.tlsCount = 0;
    this.connections = 0;
    this.handshakes = 0;
    this.messages = 0;
  }
}
