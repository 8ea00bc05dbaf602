export interface TextPart {
  /** Offset in the text, which makes a stable key. */
  readonly at: number;
  readonly text: string;
  readonly link: boolean;
}

/** Cuts a plain text into words and web addresses. A full stop or bracket at an address's end is not part of it. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+/g)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, '');
    if (match.index > done) parts.push({ at: done, text: text.slice(done, match.index), link: false });
    parts.push({ at: match.index, text: address, link: true });
    done = match.index + address.length;
  }
  if (done < text.length) parts.push({ at: done, text: text.slice(done), link: false });
  return parts;
}
