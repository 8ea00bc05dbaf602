import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';
import { stuffStream, stuffWhole } from './dot-stuffing.ts';

/** The rule of RFC 5321 §4.5.2, line by line and slowly. */
function model(text: string): string {
  const ended = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
  return `${ended
    .split('\r\n')
    .map((line) => (line.startsWith('.') ? `.${line}` : line))
    .join('\r\n')}.\r\n`;
}

const text = fc.array(fc.constantFrom('.', '\r\n', 'a', '\r', '\n', '..')).map((parts) => parts.join(''));

describe('dot-stuffing', () => {
  it('writes whole messages as the standard wants them', () => {
    fc.assert(
      fc.property(text, (message) => {
        expect(Buffer.concat(stuffWhole(Buffer.from(message))).toString()).toBe(model(message));
      }),
    );
  });

  it('writes streams the same, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(20), { maxLength: 6 }), async (message, sizes) => {
        const bytes = Buffer.from(message);
        const content = {
          size: bytes.length,
          bytes: null,
          open: async function* () {
            let from = 0;
            for (const size of sizes) {
              yield bytes.subarray(from, from + size);
              from += size;
            }
            yield bytes.subarray(from);
          },
        };
        const written: Buffer[] = [];
        for await (const chunk of stuffStream(content)) written.push(chunk);
        expect(Buffer.concat(written).toString()).toBe(model(message));
      }),
    );
  });

  it('does not copy a message without dots at line starts', () => {
    const bytes = Buffer.from('Subject: x\r\n\r\nbody\r\n');
    expect(stuffWhole(bytes)[0]).toBe(bytes);
    expect(contentOf(bytes).bytes).toBe(bytes);
  });
});
