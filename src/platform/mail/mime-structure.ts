import { findField, parseHeader } from './header-field.ts';
import { parseParameters } from './parameters.ts';

export interface StructureLimits {
  readonly maxDepth: number;
  readonly maxParts: number;
}

export type StructureProblem = 'too-deep' | 'too-many-parts' | 'no-boundary';

interface Level {
  readonly delimiter: string;
  readonly depth: number;
  /** Parts of a digest are messages unless they say otherwise (RFC 2046 §5.1.5). */
  readonly digest: boolean;
}

/** What stands behind a header block: another block (an embedded message) or content. */
export type Follows = 'header' | 'body';

/**
 * Follows the nesting of multiparts and embedded messages while lines pass by. Knows nothing of octets: the scanner
 * tells it of header blocks that ended and of lines that begin with two hyphens.
 */
export class MimeStructure {
  parts = 0;
  deepest = 0;
  embeddedMessages = 0;
  #levels: Level[] = [];
  #depth = 0;
  /** The next header block stands right behind a delimiter, and not at the start of an embedded message. */
  #behindDelimiter = false;
  readonly #limits: StructureLimits;

  constructor(limits: StructureLimits) {
    this.#limits = limits;
  }

  /** True while some multipart is open, so that lines beginning with `--` matter. */
  get open(): boolean {
    return this.#levels.length > 0;
  }

  /** The header block of the message or of a part has ended. */
  headerEnded(block: Buffer, top: boolean): Follows | StructureProblem {
    this.parts += 1;
    if (this.parts > this.#limits.maxParts) return 'too-many-parts';
    const { fields } = parseHeader(block);
    const inDigest = this.#behindDelimiter && this.#levels.at(-1)?.digest === true;
    this.#behindDelimiter = false;
    const text = findField(fields, 'content-type')?.value ?? (inDigest ? 'message/rfc822' : 'text/plain');
    const type = parseParameters(text);
    if (type.value.startsWith('multipart/')) {
      const boundary = type.parameters.get('boundary')?.trimEnd() ?? '';
      if (boundary === '' || boundary.length > 200) return top ? 'no-boundary' : 'body';
      this.#depth += 1;
      // Lines are compared as latin1, so a boundary outside of ASCII is brought to the same writing.
      const delimiter = `--${Buffer.from(boundary).toString('latin1')}`;
      this.#levels.push({ delimiter, depth: this.#depth, digest: type.value === 'multipart/digest' });
      return this.#checkDepth('body');
    }
    if (type.value === 'message/rfc822' || type.value === 'message/global') {
      const encoding = findField(fields, 'content-transfer-encoding')?.value.toLowerCase() ?? '7bit';
      this.embeddedMessages += 1;
      if (encoding === 'base64' || encoding === 'quoted-printable') return 'body';
      this.#depth += 1;
      return this.#checkDepth('header');
    }
    return 'body';
  }

  #checkDepth(follows: Follows): Follows | StructureProblem {
    this.deepest = Math.max(this.deepest, this.#depth);
    return this.#depth > this.#limits.maxDepth ? 'too-deep' : follows;
  }

  /** A line that begins with `--` (latin1, without CRLF): what follows it, or null when it is no delimiter of ours. */
  delimiter(line: string): Follows | null {
    const trimmed = line.trimEnd();
    for (let i = this.#levels.length - 1; i >= 0; i -= 1) {
      const level = this.#levels[i];
      if (level === undefined || !trimmed.startsWith(level.delimiter)) continue;
      if (trimmed.length === level.delimiter.length) {
        this.#levels.length = i + 1;
        this.#depth = level.depth;
        this.#behindDelimiter = true;
        return 'header';
      }
      if (trimmed === `${level.delimiter}--`) {
        this.#levels.length = i;
        this.#depth = level.depth - 1;
        return 'body';
      }
    }
    return null;
  }
}
