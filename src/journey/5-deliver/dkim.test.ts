import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import { type DkimKey, dnsRecord } from '#platform/keyring';
import { contentOf } from '#platform/net';
import { RelaxedBodyHash, relaxedBodyHash, relaxedField } from './dkim-canonical.ts';
import { signContent } from './dkim-sign.ts';

const NOW = new Date('2026-11-03T10:00:00Z');

function key(algorithm: DkimKey['algorithm'], selector: string): DkimKey {
  const pair =
    algorithm === 'rsa-sha256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519');
  return { keyId: selector, domain: 'clinic.test', selector, algorithm, ...pair };
}
const KEYS = [key('rsa-sha256', 'sp1'), key('ed25519-sha256', 'sp2')];

/** The DNS as the keyring would have it published. */
async function resolver(name: string, type: string): Promise<string[][]> {
  const record = KEYS.map(dnsRecord).find((candidate) => candidate.name === name);
  if (type !== 'TXT' || record === undefined) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  return [[...record.strings]];
}

const MESSAGE = [
  'Received: from x by y',
  'From: Dr. A <doc@clinic.test>',
  'To: anna@example.test,',
  '\tben@example.test',
  'Subject:   spaces \t and   folds',
  '  here',
  'Date: Tue, 3 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@clinic.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'List-Unsubscribe: <https://clinic.test/u>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  '',
  'body  with \t spaces  ',
  '',
  'Grüße',
  ' ',
  '',
  '',
].join('\r\n');

async function signed(text: string, keys = KEYS): Promise<string> {
  const content = await signContent(contentOf(Buffer.from(text)), keys, NOW);
  return (content.bytes ?? Buffer.alloc(0)).toString();
}

async function verdicts(text: string): Promise<(string | undefined)[]> {
  const { results } = await dkimVerify(Buffer.from(text), { resolver });
  return results.map((result) => result.status?.result);
}

describe('DKIM signatures', () => {
  it('of both kinds are found good by mailauth', async () => {
    expect(await verdicts(await signed(MESSAGE))).toEqual(['pass', 'pass']);
  });

  it('leave the message as it was', async () => {
    const text = await signed(MESSAGE);
    expect(text.endsWith(`\r\n${MESSAGE}`)).toBe(true);
    expect(text.split('\r\n').every((line) => line.length <= 110)).toBe(true);
  });

  it.each([
    ['a changed body', (text: string) => text.replace('Grüße', 'Gruße')],
    ['a changed subject', (text: string) => text.replace('and   folds', 'and   holds')],
    [
      'a second From in front',
      (text: string) => text.replace('\r\nReceived:', '\r\nFrom: evil@x.test\r\nReceived:'),
    ],
    [
      'a second Subject in front',
      (text: string) => text.replace('\r\nReceived:', '\r\nSubject: x\r\nReceived:'),
    ],
    ['another unsubscribe address', (text: string) => text.replace('clinic.test/u', 'evil.test/u')],
    ['a dropped one-click field', (text: string) => text.replace(/\r\nList-Unsubscribe-Post:[^\r]*/, '')],
  ])('do not survive %s', async (_what, change) => {
    const before = await signed(MESSAGE);
    const after = change(before);
    expect(after).not.toBe(before);
    expect(await verdicts(after)).not.toContain('pass');
  });

  it('survive what relaxed allows: refolding and white space at line ends', async () => {
    const text = await signed(MESSAGE);
    const after = text
      .replace('Subject:   spaces \t and', 'Subject: spaces\r\n and')
      .replace('body  with', 'body with')
      .replace('Grüße\r\n', 'Grüße   \r\n');
    expect(await verdicts(after)).toEqual(['pass', 'pass']);
  });

  it('hold when checked by hand from RFC 6376 and RFC 8463', async () => {
    const simple = 'from:a@clinic.test\r\nto:b@x.test\r\nsubject:s\r\ndate:d\r\n\r\nhello\r\n';
    for (const one of KEYS) {
      const text = await signed(simple, [one]);
      const field = text.slice(0, text.indexOf('\r\nfrom:'));
      const tags = new Map(
        field
          .slice('DKIM-Signature:'.length)
          .replace(/\s/g, '')
          .split(';')
          .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
      );
      expect(tags.get('h')).toBe('from:from:subject:subject:to:to:date:date');
      expect(tags.get('bh')).toBe(createHash('sha256').update('hello\r\n').digest('base64'));
      const unsigned = field.slice('DKIM-Signature:'.length).replace(/\s+/g, ' ').trim();
      const withoutB = unsigned.slice(0, unsigned.lastIndexOf('b=') + 2);
      const data = Buffer.from(
        `from:a@clinic.test\r\nsubject:s\r\nto:b@x.test\r\ndate:d\r\ndkim-signature:${withoutB}`,
      );
      const signature = Buffer.from(tags.get('b') ?? '', 'base64');
      const good =
        one.algorithm === 'rsa-sha256'
          ? verify('sha256', data, one.publicKey, signature)
          : verify(null, createHash('sha256').update(data).digest(), one.publicKey, signature);
      expect(good, one.algorithm).toBe(true);
    }
  });

  it('are the same for a stream as for a whole message', async () => {
    const bytes = Buffer.from(MESSAGE);
    const stream = {
      size: bytes.length,
      bytes: null,
      open: async function* () {
        for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
      },
    };
    const content = await signContent(stream, KEYS, NOW);
    const chunks: Buffer[] = [];
    for await (const chunk of content.open()) chunks.push(chunk);
    const text = Buffer.concat(chunks);
    expect(text.length).toBe(content.size);
    expect(text.toString()).toBe(await signed(MESSAGE));
  });

  it('hold for any body, with an empty one too', async () => {
    const part = fc.constantFrom(' ', '\t', '\r\n', 'a', 'é', '.', '  ');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 30 }), async (parts) => {
        const text = `From: a@clinic.test\r\nSubject: s\r\n\r\n${parts.join('')}\r\n`;
        expect(await verdicts(await signed(text, KEYS.slice(1)))).toEqual(['pass']);
      }),
      { numRuns: 60 },
    );
    expect(await verdicts(await signed('From: a@clinic.test\r\n\r\n'))).toEqual(['pass', 'pass']);
  });

  it('are not made for what has no end of header', async () => {
    await expect(signed('From: a@clinic.test\r\n')).rejects.toThrow();
  });
});

describe('relaxed form', () => {
  it('of fields', () => {
    expect(relaxedField('Subject :  A \t B\r\n\tC  ')).toBe('subject:A B C');
    expect(relaxedField('X:')).toBe('x:');
  });

  it('of bodies is one for whole and chunked reading', () => {
    const part = fc.constantFrom(' ', '\t', '\r\n', '\r', '\n', 'a');
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(4), { maxLength: 6 }), (parts, sizes) => {
        const body = Buffer.from(parts.join(''));
        const hash = new RelaxedBodyHash();
        let from = 0;
        for (const size of sizes) {
          hash.update(body.subarray(from, from + size));
          from += size;
        }
        hash.update(body.subarray(from));
        expect(hash.digest()).toBe(relaxedBodyHash(body));
      }),
    );
  });
});
