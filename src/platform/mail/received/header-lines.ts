/** Bounds against hostile input. Everything behind them is linear in the length of its line. */
export const RECEIVED_LIMITS = { characters: 262_144, hops: 100, line: 8_192 } as const;

export interface ReceivedLines {
  /** Unfolded values of the Received fields, top (newest) first. */
  readonly values: readonly string[];
  readonly leftOut: number;
  readonly truncated: boolean;
}

const FIELD = /^([!-9;-~]{1,76})[ \t]{0,20}:/;

/**
 * Finds the Received fields of a header. Takes what people paste: any line end, an mbox `From ` line or blank lines
 * before it, a body after it, and continuation lines that lost their indentation.
 */
export function receivedLines(text: string): ReceivedLines {
  const truncated = text.length > RECEIVED_LIMITS.characters;
  const lines = text.slice(0, RECEIVED_LIMITS.characters).split(/\r\n|\r|\n/);
  const found: string[][] = [];
  let leftOut = 0;
  let current: string[] | null = null;
  let begun = false;
  for (const line of lines) {
    if (line.trim() === '') {
      if (begun) break;
      continue;
    }
    const name = /^[ \t]/.test(line) ? undefined : FIELD.exec(line)?.[1];
    if (name === undefined) {
      current?.push(line.trim());
      continue;
    }
    begun = true;
    current = null;
    if (name.toLowerCase() !== 'received') continue;
    if (found.length === RECEIVED_LIMITS.hops) {
      leftOut += 1;
      continue;
    }
    current = [line.slice(line.indexOf(':') + 1).trim()];
    found.push(current);
  }
  return { values: found.map(unfold), leftOut, truncated };
}

function unfold(parts: readonly string[]): string {
  return parts
    .join(' ')
    .slice(0, RECEIVED_LIMITS.line)
    .replace(/[\p{Cc}\s]/gu, ' ')
    .toWellFormed()
    .trim();
}
