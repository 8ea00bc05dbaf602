import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addHeaders, isPrivateField, stripHeaders } from './edit-header.ts';
import { parseHeader } from './header-field.ts';
import {
  MessageScanner,
  SCAN_LIMITS,
  type ScanLimits,
  type ScanResult,
  scanBuffer,
  scanMessage,
} from './scan.ts';

const HEAD = 'From: anna@x.org\r\nSubject: hello\r\n';
const message = (rest: string): Buffer => Buffer.from(HEAD + rest, 'latin1');
const problem = (result: ScanResult): string =>
  result.ok ? 'none' : `${result.problem.code}/${result.problem.reason}`;

/** The same octets in chunks cut at the given places: what is found must not depend on the cuts. */
function inChunks(bytes: Buffer, sizes: readonly number[], limits?: ScanLimits): ScanResult {
  const scanner = new MessageScanner(limits);
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = Math.max(1, sizes[i % Math.max(1, sizes.length)] ?? 7);
    scanner.push(bytes.subarray(at, at + size));
    at += size;
  }
  return scanner.end();
}

const REFUSED: readonly (readonly [string, Buffer, string])[] = [
  ['bare LF in body', message('\r\na\nb\r\n'), 'bare-line-ending/lf'],
  ['bare CR in body', message('\r\na\rb\r\n'), 'bare-line-ending/cr'],
  ['CR CR LF', message('\r\na\r\r\nb\r\n'), 'bare-line-ending/cr'],
  ['LF CR', message('\r\na\n\rb\r\n'), 'bare-line-ending/lf'],
  ['bare CR as last octet', message('\r\na\r'), 'bare-line-ending/cr'],
  ['bare LF as last octet', message('\r\na\n'), 'bare-line-ending/lf'],
  ['bare LF in header', Buffer.from('From: a@x.org\nBcc: b@x.org\r\n\r\n'), 'bare-line-ending/lf'],
  ['LF dot LF', message('\r\na\n.\nMAIL FROM:<x@y>\r\n'), 'bare-line-ending/lf'],
  ['LF dot CRLF', message('\r\na\n.\r\nMAIL FROM:<x@y>\r\n'), 'bare-line-ending/lf'],
  ['CR dot CR', message('\r\na\r.\rMAIL\r\n'), 'bare-line-ending/cr'],
  ['CRLF dot CR', message('\r\na\r\n.\rMAIL\r\n'), 'bare-line-ending/cr'],
  ['NUL in body', message('\r\na\0b\r\n'), 'mime-unreadable/nul'],
  ['NUL in header', Buffer.from('From: a@x.org\0\r\n\r\n'), 'mime-unreadable/nul'],
  ['two From', message('From: b@x.org\r\n\r\n'), 'invalid-header/duplicate-field'],
  ['two Subject in other case', message('SUBJECT: b\r\n\r\n'), 'invalid-header/duplicate-field'],
  [
    'two Content-Type',
    message('Content-Type: text/plain\r\ncontent-type: text/html\r\n\r\n'),
    'invalid-header/duplicate-field',
  ],
  ['no From', Buffer.from('Subject: x\r\n\r\n'), 'invalid-header/from-missing'],
  ['From without address', Buffer.from('From: nobody\r\n\r\n'), 'invalid-header/from-unreadable'],
  ['From of two, one unreadable', Buffer.from('From: a@x.org, b\r\n\r\n'), 'invalid-header/from-unreadable'],
  ['name with space', message('Bcc : b@x.org\r\n\r\n'), 'invalid-header/field-syntax'],
  ['line without colon', message('hello\r\n\r\n'), 'invalid-header/field-syntax'],
  ['mbox line', Buffer.from('From anna Mon\r\nFrom: a@x.org\r\n\r\n'), 'invalid-header/field-syntax'],
  ['continuation first', Buffer.from(' x\r\nFrom: a@x.org\r\n\r\n'), 'invalid-header/field-syntax'],
  ['escape in header', message('X-A: \u001b[2J\r\n\r\n'), 'invalid-header/control-character'],
  ['long header line', message(`X-A: ${'a'.repeat(1000)}\r\n\r\n`), 'invalid-header/line-length'],
  ['large header', message(`${`X-A: ${'a'.repeat(900)}\r\n`.repeat(300)}\r\n`), 'invalid-header/header-size'],
  ['body line over 64 KiB', message(`\r\n${'a'.repeat(65_537)}\r\n`), 'mime-unreadable/line-length'],
  ['endless line', message(`\r\n${'a'.repeat(200_000)}`), 'mime-unreadable/line-length'],
  [
    'multipart without boundary',
    message('Content-Type: multipart/mixed\r\n\r\nx\r\n'),
    'mime-unreadable/boundary',
  ],
  ['received loop', message(`${'Received: x\r\n'.repeat(51)}\r\n`), 'invalid-header/mail-loop'],
  ['empty', Buffer.alloc(0), 'invalid-header/from-missing'],
];

function nested(depth: number): Buffer {
  let text = `${HEAD}Content-Type: multipart/mixed; boundary=b0\r\n\r\n`;
  for (let i = 1; i < depth; i += 1)
    text += `--b${i - 1}\r\nContent-Type: multipart/mixed; boundary=b${i}\r\n\r\n`;
  return Buffer.from(`${text}--b${depth - 1}\r\n\r\nend\r\n`);
}

describe('scan', () => {
  it.each(REFUSED)('refuses %s, however it is cut', (_, bytes, expected) => {
    expect(problem(scanBuffer(bytes))).toBe(expected);
    // An endless line is known as such sooner or later depending on the cuts, but always refused.
    for (const sizes of [[1], [2, 3], [1000]]) {
      if (bytes.length > 5000 && sizes[0] === 1) continue;
      expect(problem(inChunks(bytes, sizes))).toBe(expected);
    }
  });

  it('tells what it has seen', () => {
    const result = scanBuffer(
      Buffer.from(
        [
          'From: "Dr. Lee" <lee@clinic.test>',
          'To: Anna <anna@x.org>,',
          ' ben@x.org',
          'Cc: carl@x.org',
          'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
          'Date: Sun, 22 Nov 2026 04:05:06 +0000',
          'Message-ID: <1@clinic.test>',
          '',
          'Grüße',
          '',
        ].join('\r\n'),
      ),
    );
    expect(result).toMatchObject({
      ok: true,
      message: {
        from: [{ local: 'lee', domain: 'clinic.test', name: 'Dr. Lee' }],
        to: [{ local: 'anna' }, { local: 'ben' }],
        cc: [{ local: 'carl' }],
        subject: 'Grüße',
        messageId: '<1@clinic.test>',
        date: new Date('2026-11-22T04:05:06Z'),
        eightBitHeader: false,
        eightBitBody: true,
        longLines: false,
        parts: 1,
        endsWithLineEnd: true,
      },
    });
  });

  it('knows messages that end in their header or without a line end', () => {
    expect(scanBuffer(Buffer.from('From: a@x.org\r\n'))).toMatchObject({
      ok: true,
      message: { bodyStart: 15, size: 15 },
    });
    expect(scanBuffer(Buffer.from('From: a@x.org'))).toMatchObject({
      ok: true,
      message: { endsWithLineEnd: false },
    });
    expect(scanBuffer(message('\r\nabc'))).toMatchObject({ ok: true, message: { endsWithLineEnd: false } });
  });

  it('flags long lines and raw UTF-8 headers without refusing them', () => {
    expect(scanBuffer(message(`\r\n${'a'.repeat(60_000)}\r\n`))).toMatchObject({
      ok: true,
      message: { longLines: true },
    });
    const raw = scanBuffer(Buffer.from('From: a@x.org\r\nSubject: Grüße\r\n\r\n'));
    expect(raw).toMatchObject({ ok: true, message: { eightBitHeader: true, subject: 'Grüße' } });
  });

  it('bounds depth, parts and size', () => {
    expect(problem(scanBuffer(nested(20)))).toBe('none');
    expect(problem(scanBuffer(nested(21)))).toBe('mime-too-deep/depth');
    const many = (count: number) =>
      message(
        `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(count)}--b--\r\n`,
      );
    expect(problem(scanBuffer(many(999)))).toBe('none');
    expect(problem(scanBuffer(many(1000)))).toBe('mime-too-deep/parts');
    expect(problem(scanBuffer(message('\r\nabc\r\n'), { ...SCAN_LIMITS, maxSize: 30 }))).toBe(
      'too-large/size',
    );
    let embedded = HEAD;
    for (let i = 0; i < 22; i += 1) embedded += 'Content-Type: message/rfc822\r\n\r\nSubject: x\r\n';
    expect(problem(scanBuffer(Buffer.from(`${embedded}\r\nend\r\n`)))).toBe('mime-too-deep/depth');
  });

  it('counts embedded messages, also in digests, and not what base64 hides', () => {
    const body = (type: string, part: string) =>
      message(`Content-Type: multipart/${type}; boundary=b\r\n\r\n--b\r\n${part}--b--\r\n`);
    const of = (bytes: Buffer) => scanBuffer(bytes);
    expect(of(body('mixed', 'Content-Type: message/rfc822\r\n\r\nSubject: i\r\n\r\nx\r\n'))).toMatchObject({
      message: { embeddedMessages: 1, parts: 3, depth: 2 },
    });
    expect(of(body('digest', '\r\nSubject: i\r\n\r\nx\r\n'))).toMatchObject({
      message: { embeddedMessages: 1, depth: 2 },
    });
    expect(
      of(body('mixed', 'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3Vi\r\n')),
    ).toMatchObject({ message: { embeddedMessages: 1, depth: 1 } });
  });

  it('finds the same in any cut', () => {
    const piece = fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      '\0',
      '--b',
      '--b--',
      '.',
      'a',
      'Content-Type: multipart/mixed; boundary=b',
      ' ',
      '\xe9',
      ':',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }),
        (pieces, sizes) => {
          const bytes = message(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${pieces.join('')}`);
          const whole = scanBuffer(bytes);
          expect(inChunks(bytes, sizes)).toEqual(whole);
          const text = bytes.toString('latin1');
          if (whole.ok) expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('streams, and stops reading at the first problem', async () => {
    let read = 0;
    async function* source(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 10; i += 1) {
        read += 1;
        yield i === 0 ? message('\r\n') : Buffer.from('a\nb\r\n');
      }
    }
    expect(problem(await scanMessage(source()))).toBe('bare-line-ending/lf');
    expect(read).toBe(2);
  });
});

describe('editing the header', () => {
  const header = Buffer.from(
    'From: a@x.org\r\nBcc: secret@x.org,\r\n other@x.org\r\nX-Sealpost-Class: high\r\nSubject: a\r\n b\r\n',
  );
  const { fields } = parseHeader(header);

  it('drops blind recipients and our controls with their continuation lines', () => {
    expect(stripHeaders(header, fields, isPrivateField).toString()).toBe(
      'From: a@x.org\r\nSubject: a\r\n b\r\n',
    );
  });

  it('adds what is missing and nothing twice', () => {
    const add = { messageId: '<1@h>', date: new Date(0), received: 'by h with ESMTPSA id 1; x' };
    const added = addHeaders(header, fields, add).toString();
    expect(added.startsWith('Received: by h with ESMTPSA id 1; x\r\nFrom:')).toBe(true);
    expect(added.endsWith('Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1@h>\r\n')).toBe(true);
    const again = Buffer.from(added);
    expect(addHeaders(again, parseHeader(again).fields, { ...add, received: null })).toBe(again);
  });
});
