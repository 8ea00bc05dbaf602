import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from './file-name.ts';
import { plainTextOf } from './plain-text.ts';
import { readMessage } from './read-message.ts';
import { searchTerms, searchWords } from './search-words.ts';

describe('readMessage', () => {
  it('refuses what is over its bound and never throws text of the message', async () => {
    await expect(readMessage(Buffer.alloc(100), { maxSize: 10, maxAttachments: 1 })).rejects.toMatchObject({
      code: 'too-large',
    });
    let deep = 'From: a@x.org\r\n';
    for (let i = 0; i < 60; i += 1)
      deep += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    await expect(readMessage(Buffer.from(`${deep}\r\nx`))).rejects.toMatchObject({ code: 'mime-unreadable' });
  });

  it('makes text from HTML where there is none, and keeps embedded messages as attachments', async () => {
    const html = await readMessage(
      Buffer.from('From: a@x.org\r\nContent-Type: text/html\r\n\r\n<p>Hi<br>there</p><script>x</script>\r\n'),
    );
    expect(html.text).toBe('Hi\nthere');
    const embedded = await readMessage(
      Buffer.from(
        'From: a@x.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx\r\n--b--\r\n',
      ),
    );
    expect(embedded.attachments).toMatchObject([{ type: 'message/rfc822', name: 'attachment-1.eml' }]);
  });

  it('takes any octets without a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (octets) => {
        await readMessage(Buffer.from(octets));
      }),
      { numRuns: 200 },
    );
  });
});

describe('safeFileName', () => {
  it.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows\\x.exe', 'C_Windows_x.exe'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\r\nb\0.txt', 'ab.txt'],
    ['.htaccess', 'htaccess'],
    ['con.txt', '_con.txt'],
    ['  ', 'attachment-3.pdf'],
    [null, 'attachment-3.pdf'],
  ])('makes of %j', (given, expected) => {
    expect(safeFileName(given, 'application/pdf', 2)).toBe(expected);
  });

  it('is bounded and keeps the extension', () => {
    const name = safeFileName(`${'é'.repeat(300)}.pdf`, 'application/pdf', 0);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(150);
    expect(name.endsWith('.pdf')).toBe(true);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        expect(safeFileName(given, 'x/y', 0)).toMatch(/^[^/\\:*?"<>|\p{Cc}\p{Cf}]+$/u);
      }),
    );
  });
});

describe('plainTextOf', () => {
  it('keeps text, drops what is not', () => {
    expect(
      plainTextOf(
        '<head><title>t</title></head><h1>A &amp; B</h1><ul><li>1</li><li>2</li></ul><style>p{}</style>1 < 2 <a href="a>b">x</a><!-- c -->',
      ),
    ).toBe('A & B\n\n- 1\n\n- 2\n\n1 < 2 x');
    expect(plainTextOf('&#x1F600; &#0; &nope; caf&eacute;')).toBe('😀 \ufffd &nope; café');
  });

  it('is linear on hostile input', () => {
    const started = performance.now();
    for (const part of ['<', '<a "', '<!--', '<script>', '&', "<a b='"]) plainTextOf(part.repeat(300_000));
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('search terms', () => {
  it('are without case and accents, and tell roles apart', () => {
    expect(searchWords('Ärzte, ärzte & Café 2026 x')).toEqual(['arzte', 'cafe', '2026']);
    const terms = searchTerms({
      subject: 'Blood test',
      from: [{ local: 'Lee', domain: 'clinic.test', name: 'Dr. Lee' }],
      to: [{ local: 'anna.b', domain: 'x.org' }],
    });
    expect(terms).toEqual(
      expect.arrayContaining([
        'blood',
        'test',
        'from:lee@clinic.test',
        'from:@clinic.test',
        'to:anna.b@x.org',
        'anna',
        'lee',
        'dr',
      ]),
    );
  });
});
