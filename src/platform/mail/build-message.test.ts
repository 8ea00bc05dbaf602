import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '#core/errors';
import { buildMessage, type Draft } from './build-message.ts';
import { readMessage } from './read-message.ts';
import { scanBuffer } from './scan.ts';

const anna = { local: 'anna', domain: 'x.org', name: 'Anna' };
const draft = (over: Partial<Draft> = {}): Draft => ({
  from: { local: 'lee', domain: 'clinic.test', name: 'Dr. Lee' },
  to: [anna],
  subject: 'Hello',
  text: 'Hi',
  date: new Date('2026-11-22T04:05:06Z'),
  hostName: 'mail.clinic.test',
  ...over,
});

/** Text that survives a mail: no control characters, line ends as CRLF become LF on reading. */
const line = fc
  .string({ unit: 'grapheme', maxLength: 300 })
  .map((text) => text.replace(/[^\P{Cc}\t]|[\u2028\u2029]/gu, ''));
const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));
const canonical = (value: string): string => value.replace(/\r\n?/g, '\n').replace(/\n$/, '');

describe('buildMessage', () => {
  it('is read and scanned as it was built', async () => {
    await fc.assert(
      fc.asyncProperty(
        line,
        text,
        fc.option(text, { nil: undefined }),
        fc.array(fc.record({ name: line, bytes: fc.uint8Array({ maxLength: 500 }) }), { maxLength: 3 }),
        async (subject, plain, html, files) => {
          const built = await buildMessage(
            draft({
              subject,
              text: plain,
              ...(html === undefined ? {} : { html }),
              attachments: files.map((file) => ({
                name: file.name,
                type: 'application/pdf',
                content: Buffer.from(file.bytes),
              })),
            }),
          ).toBuffer();
          const scanned = scanBuffer(built);
          if (!scanned.ok) throw new Error(`refused: ${scanned.problem.reason}`);
          expect(scanned.message).toMatchObject({
            eightBitHeader: false,
            eightBitBody: false,
            longLines: false,
            endsWithLineEnd: true,
          });
          const squeeze = (value: string): string => value.replace(/[ \t]+/g, ' ').trim();
          expect(squeeze(scanned.message.subject)).toBe(squeeze(subject));
          const read = await readMessage(built);
          expect(canonical(read.text)).toBe(canonical(plain));
          if (html !== undefined) expect(canonical(read.html ?? '')).toBe(canonical(html));
          expect(read.attachments.map((one) => one.open().toString('hex'))).toEqual(
            files.map((file) => Buffer.from(file.bytes).toString('hex')),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('refuses or encodes every try to inject a header', async () => {
    const hostile = fc
      .tuple(line, fc.constantFrom('\r\n', '\n', '\r', '\0', '\u2028', '\u0085'), line)
      .map(([before, control, after]) => `${before}${control}Bcc: evil@x.test${control}${control}${after}`);
    const places: readonly ((value: string) => Partial<Draft>)[] = [
      (subject) => ({ subject }),
      (name) => ({ from: { ...anna, name } }),
      (name) => ({ to: [{ ...anna, name }] }),
      (local) => ({ to: [{ local, domain: 'x.org', name: null }] }),
      (domain) => ({ cc: [{ local: 'a', domain, name: null }] }),
      (name) => ({ replyTo: [{ ...anna, name }] }),
      (messageId) => ({ messageId: `<${messageId}>` }),
      (inReplyTo) => ({ inReplyTo }),
      (id) => ({ references: [id] }),
      (value) => ({ headers: { 'X-Tag': value } }),
      (name) => ({ headers: { [name]: 'x' } }),
      (name) => ({ attachments: [{ name, type: 'text/plain', content: Buffer.from('x') }] }),
      (type) => ({ attachments: [{ name: 'a', type, content: Buffer.from('x') }] }),
      (contentId) => ({
        html: 'x',
        attachments: [{ name: 'a', type: 'image/png', contentId, content: Buffer.from('x') }],
      }),
    ];
    await fc.assert(
      fc.asyncProperty(hostile, fc.nat(places.length - 1), async (value, index) => {
        const place = places[index];
        if (place === undefined) return;
        expect(() => buildMessage(draft(place(value)))).toThrow(Refusal);
      }),
      { numRuns: 300 },
    );
  });

  it('does not let callers write the fields that it writes', () => {
    for (const name of ['Bcc', 'from', 'Content-Type', 'DKIM-Signature', 'Received'])
      expect(() => buildMessage(draft({ headers: { [name]: 'x' } }))).toThrow(Refusal);
  });

  it('nests alternatives, inline parts and attachments', async () => {
    const built = await buildMessage(
      draft({
        html: '<p>Hi <img src="cid:logo"></p>',
        attachments: [
          { name: 'logo.png', type: 'image/png', content: Buffer.from('png'), contentId: 'logo' },
          {
            name: 'Befund „Müller“ 2026 mit einem sehr langen Namen, der geteilt werden muss.pdf',
            type: 'application/pdf',
            content: Buffer.from('pdf'),
          },
        ],
      }),
    ).toBuffer();
    const read = await readMessage(built);
    expect(read.attachments).toMatchObject([
      { index: 0, name: 'logo.png', inline: true, contentId: 'logo', size: 3 },
      {
        index: 1,
        name: 'Befund „Müller“ 2026 mit einem sehr langen Namen, der geteilt werden muss.pdf',
        inline: false,
      },
    ]);
    expect(read.from).toEqual({ local: 'lee', domain: 'clinic.test', name: 'Dr. Lee' });
    expect(
      built
        .toString('latin1')
        .split('\r\n')
        .every((one) => one.length <= 998),
    ).toBe(true);
  });

  it('streams large attachments in constant memory', async () => {
    const chunk = randomBytes(65_537);
    const content = {
      async *open(): AsyncGenerator<Buffer> {
        for (let i = 0; i < 500; i += 1) yield chunk;
      },
    };
    let size = 0;
    let largest = 0;
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for await (const piece of buildMessage(
      draft({ attachments: [{ name: 'a.bin', type: 'application/zip', content }] }),
    ).open()) {
      size += piece.length;
      largest = Math.max(largest, piece.length);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(size).toBeGreaterThan(500 * 65_537 * 1.33);
    expect(largest).toBeLessThan(100_000);
    expect(most).toBeLessThan(32 * 1024 * 1024);
  });
});
