import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyMalformed, ReplyParser } from './smtp-reply.ts';

function parse(...chunks: readonly string[]) {
  const parser = new ReplyParser();
  return chunks.flatMap((chunk) => parser.feed(Buffer.from(chunk)));
}

describe('ReplyParser', () => {
  it('reads single and multi-line replies with their enhanced status', () => {
    expect(parse('250-mx.test\r\n250-PIPELINING\r\n250 SIZE 10\r\n550 5.1.1 no such user\r\n')).toEqual([
      { code: 250, enhanced: null, text: 'mx.test\nPIPELINING\nSIZE 10' },
      { code: 550, enhanced: '5.1.1', text: '5.1.1 no such user' },
    ]);
  });

  it('does not believe an enhanced status of another class than the reply code', () => {
    expect(parse('451 5.1.1 odd\r\n')[0]?.enhanced).toBeNull();
    expect(parse('250 2.10.1234 odd\r\n')[0]?.enhanced).toBeNull();
  });

  it('gives the same replies however the octets are cut', () => {
    const text = '220 héllo\r\n250-a\r\n250-b\r\n250 c\r\n354 go\n421 4.3.2 bye\r\n';
    const whole = parse(text);
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (cuts) => {
        const parser = new ReplyParser();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const got = edges.slice(1).flatMap((edge, index) => parser.feed(bytes.subarray(edges[index], edge)));
        expect(got).toEqual(whole);
        expect(parser.isMidway).toBe(false);
      }),
    );
  });

  it.each([
    ['no code', 'hello\r\n'],
    ['a code out of range', '650 x\r\n'],
    ['codes that differ within a reply', '250-a\r\n251 b\r\n'],
    ['an endless line', 'x'.repeat(5_000)],
    ['an endless reply', '250-a\r\n'.repeat(300)],
  ])('refuses %s', (_what, text) => {
    expect(() => parse(text)).toThrow(ReplyMalformed);
  });
});
