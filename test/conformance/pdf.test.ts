import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { ReadMessage } from '#platform/mail';
import { messagePdf } from '../../src/journey/4-protect/pdf/message-pdf.ts';

const PASSWORD = 'seven tall grey birds';
const SCAN = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 256));
const TEXT = `Querida señora Ñandú:\n\n${'El análisis de creatinina está bien, ¿de acuerdo? Żółć Đặng. '.repeat(120)}\n\n診断 שלום\n`;

const attachment = (index: number, name: string, content: Buffer) => ({
  index,
  name,
  type: 'application/octet-stream',
  size: content.length,
  contentId: null,
  inline: false,
  open: () => content,
});

const message: ReadMessage = {
  subject: 'Resultados de la señora Ñandú',
  from: { local: 'staff', domain: 'clinic.example', name: 'Clínica' },
  to: [],
  cc: [],
  replyTo: [],
  date: new Date('2026-11-26T10:00:00Z'),
  messageId: null,
  inReplyTo: null,
  text: TEXT,
  html: null,
  attachments: [
    attachment(0, 'radiografía.bin', SCAN),
    attachment(1, 'radiografía.bin', Buffer.from('second')),
    attachment(2, 'empty.txt', Buffer.alloc(0)),
  ],
};

/** Other programs read what we write: qpdf (structure and encryption) and poppler (text, files). */
describe('a protected PDF in other readers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sealpost-pdf-'));
  const file = join(directory, 'sealed.pdf');
  afterAll(() => rmSync(directory, { recursive: true }));
  beforeAll(async () => {
    writeFileSync(
      file,
      await messagePdf(message, { to: 'a@b.example', sentAt: new Date(), password: PASSWORD }),
    );
  });

  const run = (context: TestContext, program: string, words: readonly string[]) => {
    const ended = spawnSync(program, words, { encoding: 'utf8' });
    if (ended.error !== undefined) context.skip('qpdf or poppler-utils is not installed');
    return { code: ended.status, out: ended.stdout, all: ended.stdout + ended.stderr };
  };

  it('is sound, and AES-256 of revision 6 for strings, streams and files', (context) => {
    const checked = run(context, 'qpdf', [`--password=${PASSWORD}`, '--check', file]);
    expect(checked.code, checked.all).toBe(0);
    expect(checked.out).toContain('No syntax or stream encoding errors');
    expect(checked.out).toContain('R = 6');
    for (const what of ['stream', 'string', 'file']) {
      expect(checked.out).toContain(`${what} encryption method: AESv3`);
    }
  });

  it('is as sound where it is one of several, and says what is where', async (context) => {
    const place = { part: 2, of: 3, files: [1] };
    const part = join(directory, 'part.pdf');
    const about = { to: 'a@b.example', sentAt: new Date(), password: PASSWORD, place };
    writeFileSync(part, await messagePdf(message, about));
    const checked = run(context, 'qpdf', [`--password=${PASSWORD}`, '--check', part]);
    expect(checked.code, checked.all).toBe(0);
    const text = run(context, 'pdftotext', ['-upw', PASSWORD, part, '-']).out.replace(/\s+/g, ' ');
    expect(text).toContain('2 of 3');
    expect(text).toContain('The text of the message is in mail 1 of 3.');
    expect(text).not.toContain('creatinina');
    const listed = run(context, 'pdfdetach', ['-upw', PASSWORD, '-list', part]).out;
    expect(listed.match(/^\d+: .+$/gm)).toEqual(['1: radiografía.bin']);
  });

  it.for(['', 'seven tall grey bird', 'Seven tall grey birds'])(
    'does not open with %j',
    (password, context) => {
      const refused = run(context, 'qpdf', [`--password=${password}`, '--check', file]);
      expect(refused.code).toBe(2);
      expect(refused.all).toContain('invalid password');
    },
  );

  it('shows the text with its accents over several pages, and says what it cannot show', (context) => {
    const { out } = run(context, 'pdftotext', ['-upw', PASSWORD, file, '-']);
    expect(out.match(/\f/g)?.length).toBe(2);
    for (const part of [
      'Resultados de la señora Ñandú',
      '¿de acuerdo? Żółć Đặng',
      'Clínica',
      '[U+8A3A][U+65AD]',
    ]) {
      expect(out.replace(/\s+/g, ' ')).toContain(part);
    }
    expect(out).toContain('message.txt');
    expect(out.match(/creatinina/g)).toHaveLength(120);
  });

  it('gives every attachment back as it was, and the exact text where the page lacks some', (context) => {
    const { out } = run(context, 'pdfdetach', ['-upw', PASSWORD, '-list', file]);
    const listed = [...out.matchAll(/^(\d+): (.+)$/gm)].map(
      (match) => [match[1] ?? '', match[2] ?? ''] as const,
    );
    expect(listed.map(([, name]) => name).sort()).toEqual(
      ['radiografía.bin', 'radiografía (2).bin', 'empty.txt', 'message.txt'].sort(),
    );
    const wanted: Readonly<Record<string, Buffer>> = {
      'radiografía.bin': SCAN,
      'radiografía (2).bin': Buffer.from('second'),
      'empty.txt': Buffer.alloc(0),
      'message.txt': Buffer.from(`${message.subject}\n\n${TEXT}`),
    };
    for (const [number, name] of listed) {
      const saved = join(directory, `saved-${number}`);
      run(context, 'pdfdetach', ['-upw', PASSWORD, '-save', number, '-o', saved, file]);
      expect(readFileSync(saved).equals(wanted[name] ?? Buffer.from('none')), name).toBe(true);
    }
  });
});
