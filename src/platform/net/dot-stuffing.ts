import type { Content } from '#core/message';

const CR = 13;
const LF = 10;
const DOT = 46;
const LINE_DOT = Buffer.from('\r\n.');
const CRLF = Buffer.from('\r\n');
const ONE_DOT = Buffer.from('.');
const END = Buffer.from('.\r\n');
const END_OF_LINE_AND_DATA = Buffer.from('\r\n.\r\n');

/**
 * A whole message as DATA wants it (RFC 5321 §4.5.2): a dot before every dot that starts a line, and the end mark.
 * Returned in parts to be written together; a message without such lines is not copied.
 */
export function stuffWhole(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  if (bytes[0] === DOT) parts.push(ONE_DOT);
  let from = 0;
  for (let at = bytes.indexOf(LINE_DOT); at !== -1; at = bytes.indexOf(LINE_DOT, at + 3)) {
    parts.push(bytes.subarray(from, at + 3), ONE_DOT);
    from = at + 3;
  }
  parts.push(from === 0 ? bytes : bytes.subarray(from));
  const endsLine = bytes.length >= 2 && bytes[bytes.length - 2] === CR && bytes[bytes.length - 1] === LF;
  parts.push(endsLine || bytes.length === 0 ? END : END_OF_LINE_AND_DATA);
  return parts;
}

/** The same for a message that is read in chunks of any size; the end mark is the last chunk by itself. */
export async function* stuffStream(content: Content): AsyncGenerator<Buffer> {
  // The last octets seen, as a state: 0 elsewhere, 1 after CR, 2 at the start of a line.
  let state = 2;
  for await (const chunk of content.open()) {
    if (chunk.length === 0) continue;
    const parts: Buffer[] = [];
    let from = 0;
    if (state === 2 && chunk[0] === DOT) parts.push(ONE_DOT);
    if (state === 1 && chunk[0] === LF && chunk[1] === DOT) {
      parts.push(chunk.subarray(0, 2), ONE_DOT);
      from = 2;
    }
    for (let at = chunk.indexOf(LINE_DOT); at !== -1; at = chunk.indexOf(LINE_DOT, at + 3)) {
      parts.push(chunk.subarray(from, at + 3), ONE_DOT);
      from = at + 3;
    }
    parts.push(chunk.subarray(from));
    const last = chunk[chunk.length - 1];
    const before = chunk.length > 1 ? chunk[chunk.length - 2] === CR : state === 1;
    state = last === CR ? 1 : last === LF && before ? 2 : 0;
    yield parts.length === 1 ? chunk : Buffer.concat(parts);
  }
  yield state === 2 ? END : Buffer.concat([CRLF, END]);
}
