/**
 * Breaks a text into lines that fit the width: at its own line ends, else at spaces, and within a word only where the
 * word alone is too long. Spaces at the start of a line (indented text) stay. Pure; linear in the text's length.
 */
export function wrapText(text: string, width: number, measure: (part: string) => number): string[] {
  const widths = new Map<string, number>();
  const widthOf = (part: string): number => {
    const held = widths.get(part);
    if (held !== undefined) return held;
    const found = measure(part);
    widths.set(part, found);
    return found;
  };
  return text.split('\n').flatMap((line) => wrapLine(line, width, widthOf));
}

function wrapLine(line: string, width: number, widthOf: (part: string) => number): string[] {
  const lines: string[] = [];
  let current = '';
  let used = 0;
  const flush = (): void => {
    lines.push(current.trimEnd());
    current = '';
    used = 0;
  };
  for (const token of line.match(/ +|[^ ]+/g) ?? []) {
    const size = widthOf(token);
    if (used + size <= width) {
      current += token;
      used += size;
      continue;
    }
    if (token.startsWith(' ')) {
      flush();
      continue;
    }
    if (current !== '') flush();
    if (size <= width) {
      current = token;
      used = size;
      continue;
    }
    for (const character of token) {
      const step = widthOf(character);
      if (used + step > width && current !== '') flush();
      current += character;
      used += step;
    }
  }
  flush();
  return lines;
}
