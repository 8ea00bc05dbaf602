import { createHash, type Hash } from 'node:crypto';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const CRLF = Buffer.from('\r\n');

/**
 * One header field in relaxed form (RFC 6376 §3.4.2): lower-case name, unfolded, white space runs made one space,
 * none at the ends. Without the final CRLF.
 */
export function relaxedField(field: string): string {
  const colon = field.indexOf(':');
  const name = field.slice(0, colon).trimEnd().toLowerCase();
  const value = field
    .slice(colon + 1)
    .replace(/\r\n(?=[ \t])/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/^ | ?(?:\r\n)?$/g, '');
  return `${name}:${value}`;
}

/** SHA-256 of a whole body in relaxed form (RFC 6376 §3.4.4), base64. */
export function relaxedBodyHash(body: Buffer): string {
  const hash = new RelaxedBodyHash();
  if (isRelaxedAlready(body)) hash.updateRelaxed(body);
  else hash.update(body);
  return hash.digest();
}

/** Most bodies (base64, quoted-printable, HTML without indents) hold nothing to rewrite: then no octet is copied. */
function isRelaxedAlready(body: Buffer): boolean {
  return !body.includes('  ', 0, 'latin1') && !body.includes(' \r', 0, 'latin1') && !body.includes(TAB);
}

/** The same over chunks of any size. */
export class RelaxedBodyHash {
  readonly #hash: Hash = createHash('sha256');
  /** White space seen and not yet written: it counts only if something follows on the line. */
  #space = false;
  /** Line ends seen and not yet written: they count only if something follows in the body. */
  #lines = 0;
  #sawCr = false;
  #any = false;

  update(chunk: Buffer): void {
    const out = Buffer.allocUnsafe(chunk.length + 2 * this.#lines + 4);
    let at = 0;
    for (const octet of chunk) {
      if (this.#sawCr) {
        this.#sawCr = false;
        if (octet === LF) {
          this.#space = false; // at the end of a line it is dropped
          this.#lines += 1;
          continue;
        }
        at = this.#flush(out, at);
        out[at++] = CR;
      }
      if (octet === CR) this.#sawCr = true;
      else if (octet === SPACE || octet === TAB) this.#space = true;
      else {
        at = this.#flush(out, at);
        out[at++] = octet;
      }
    }
    if (at > 0) this.#hash.update(out.subarray(0, at));
  }

  /** Adds a whole body that has nothing to rewrite but empty lines at its end. */
  updateRelaxed(body: Buffer): void {
    let end = body.length;
    while (end >= 2 && body[end - 2] === CR && body[end - 1] === LF) end -= 2;
    if (end === 0) return;
    // A last line of one space is an empty line as well; so rare that the general way takes it.
    if (body[end - 1] === SPACE) {
      this.update(body);
      return;
    }
    this.#any = true;
    this.#hash.update(body.subarray(0, end));
  }

  /** A body that is not empty ends with one CRLF. */
  digest(): string {
    if (this.#sawCr) {
      const out = Buffer.alloc(2 * this.#lines + 4);
      const at = this.#flush(out, 0);
      out[at] = CR; // a lone one: no line end
      this.#hash.update(out.subarray(0, at + 1));
    }
    if (this.#any) this.#hash.update(CRLF);
    return this.#hash.digest('base64');
  }

  #flush(out: Buffer, from: number): number {
    let at = from;
    for (; this.#lines > 0; this.#lines -= 1) {
      out[at++] = CR;
      out[at++] = LF;
    }
    if (this.#space) out[at++] = SPACE;
    this.#space = false;
    this.#any = true;
    return at;
  }
}
