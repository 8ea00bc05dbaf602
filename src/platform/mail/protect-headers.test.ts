import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from './header-field.ts';
import { openPgpMail } from './open-pgp-mail.ts';
import { buildPgpMime, readPgpMime } from './pgp-mime.ts';
import { protectHeaders, splitMessage } from './protect-headers.ts';

const lines = (...all: readonly string[]): Buffer => Buffer.from(all.join('\r\n'), 'latin1');

const MESSAGE = lines(
  'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000',
  'DKIM-Signature: v=1; d=clinic.example',
  'From: Clinic <office@clinic.example>',
  'To: anna@example.org',
  'Subject: HIV result',
  'Thread-Topic: HIV result',
  'Keywords: HIV',
  'Date: Thu, 26 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@clinic.example>',
  'References: <0@clinic.example>',
  ' <00@clinic.example>',
  'List-Unsubscribe: <https://clinic.example/u>',
  'X-Patient: 4711',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: 8bit',
  '',
  'gr\u00fc\u00dfe \u00e4',
  '',
);

const keysOf = (block: Buffer): string[] => parseHeader(block).fields.map((field) => field.key);

describe('protectHeaders', () => {
  const { payload, outer } = protectHeaders(MESSAGE);
  const inner = splitMessage(payload);

  it('leaves outside what transport and threading need, and nothing that may hold PHI', () => {
    expect(keysOf(outer)).toEqual([
      'received',
      'from',
      'to',
      'subject',
      'date',
      'message-id',
      'references',
      'list-unsubscribe',
    ]);
    expect(outer.toString('latin1')).toContain('Subject: [...]\r\n');
    expect(outer.toString('latin1')).not.toMatch(/HIV|4711|DKIM/);
  });

  it('puts every field inside, marks the payload and repeats what stands outside (RFC 9788 §2.1, §2.2)', () => {
    const text = inner.header.toString('latin1');
    expect(text).toContain('Subject: HIV result\r\n');
    expect(text).toContain('Content-Type: text/plain; charset=iso-8859-1;\r\n hp="cipher"\r\n');
    expect(text).toContain('HP-Outer: Subject: [...]\r\n');
    expect(text).toContain('HP-Outer: References: <0@clinic.example>\r\n <00@clinic.example>\r\n');
    expect(text).not.toMatch(/Received|DKIM/);
    expect(keysOf(inner.header).filter((key) => key === 'hp-outer')).toHaveLength(7);
  });

  it('does not touch the body', () => {
    expect(inner.body.equals(splitMessage(MESSAGE).body)).toBe(true);
  });

  it.each([
    ['none', ['Subject: a'], 'Content-Type: text/plain; hp="cipher"'],
    ['a closing semicolon', ['Content-Type: text/html;'], 'Content-Type: text/html;\r\n hp="cipher"'],
    [
      'a mark of the sender',
      ['Content-Type: text/html; hp="clear"; charset=utf-8'],
      'text/html; charset=utf-8;\r\n hp="cipher"',
    ],
  ])('marks a Content-Type with %s', (_what, header, wanted) => {
    const { payload: made } = protectHeaders(lines(...header, '', 'x'));
    const text = splitMessage(made).header.toString('latin1');
    expect(text).toContain(wanted);
    expect(text.match(/hp=/g)).toHaveLength(1);
  });

  it('throws HP-Outer fields of the sender away: they would lie about what was readable', () => {
    const { payload: made } = protectHeaders(lines('HP-Outer: Subject: x', 'Subject: y', '', ''));
    expect(made.toString('latin1').match(/^HP-Outer: .*$/gm)).toEqual(['HP-Outer: Subject: [...]']);
  });
});

const ARMOURED = '-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n';

describe('PGP/MIME', () => {
  const { payload, outer } = protectHeaders(MESSAGE);
  const mail = buildPgpMime(outer, Buffer.from(ARMOURED));

  it('is what RFC 3156 §4 describes, and is read back', () => {
    expect(mail.toString('latin1')).toMatch(/Content-Type: application\/pgp-encrypted\r\n\r\nVersion: 1\r\n/);
    expect(readPgpMime(mail)).toBe(ARMOURED.slice(0, -2));
  });

  it('opens to the message as it was, with the protected fields', async () => {
    const opened = await openPgpMail(mail, async () => ({
      kind: 'opened',
      octets: payload,
      signature: 'good',
    }));
    if (opened.kind !== 'opened') throw new Error(opened.kind);
    expect(opened.message.toString('latin1')).toContain('Subject: HIV result\r\n');
    expect(opened.message.toString('latin1')).not.toContain('HP-Outer');
    expect(splitMessage(opened.message).body.equals(splitMessage(MESSAGE).body)).toBe(true);
    expect(opened.hidden).toEqual(['subject', 'thread-topic', 'keywords', 'x-patient']);
    expect(opened.fromDiffers).toBe(false);
  });

  it('sees an outer From that was changed on the way', async () => {
    const changed = Buffer.from(mail.toString('latin1').replace('office@clinic', 'evil@clinic'), 'latin1');
    const opened = await openPgpMail(changed, async () => ({
      kind: 'opened',
      octets: payload,
      signature: 'good',
    }));
    expect(opened).toMatchObject({ fromDiffers: true });
  });

  it('shows nothing of a mail that cannot be read whole', async () => {
    expect(await openPgpMail(mail, async () => ({ kind: 'unreadable' }))).toEqual({ kind: 'unreadable' });
  });

  it('leaves alone what is not exactly PGP/MIME', async () => {
    const text = mail.toString('latin1');
    const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? '';
    const html = `--${boundary}\r\nContent-Type: text/html\r\n\r\n<img src="https://evil.example/?\r\n`;
    const wrapped = text.replace(
      `--${boundary}\r\nContent-Type: application/pgp`,
      `${html}--${boundary}\r\nContent-Type: application/pgp`,
    );
    for (const bad of [
      wrapped,
      text.replace('multipart/encrypted', 'multipart/mixed'),
      text.replace('protocol="application/pgp-encrypted"', 'protocol="application/x"'),
      text.replace('\r\nVersion: 1', '\r\nVersion: 2'),
      text.slice(0, -8),
      'Subject: x\r\n\r\nhello',
    ])
      expect(readPgpMime(Buffer.from(bad, 'latin1'))).toBeNull();
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        readPgpMime(Buffer.from(octets));
        protectHeaders(Buffer.from(octets));
      }),
    );
    fc.assert(
      fc.property(fc.nat(mail.length), fc.nat(mail.length), (a, b) => {
        readPgpMime(Buffer.concat([mail.subarray(0, a), mail.subarray(b)]));
      }),
    );
  });
});
