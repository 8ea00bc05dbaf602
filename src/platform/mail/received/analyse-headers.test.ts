import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseHeaders } from './analyse-headers.ts';
import type { Hop } from './types.ts';

const at = (minute: number, second = 0): string =>
  `Tue, 24 Nov 2026 10:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')} +0000`;

const TLS13 = '(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))';

function header(...lines: readonly string[]): string {
  return `${lines.map((line) => `Received: ${line}`).join('\r\n')}\r\nSubject: x\r\n\r\nReceived: from body by body\r\n`;
}

const words = (hops: readonly Hop[]): string[] =>
  hops.map(({ verdict }) => `${verdict.kind} ${verdict.basis}`);

// One provider's Sendmail hosts took it from a filtering service, which took it from a web mailer without a note.
const PROVIDER = header(
  `from abc.provider.example (abc.provider.example [198.51.100.1]) by def.provider.example (8.14.4/8.13.8) with ESMTP id q1 for <ann.lee@provider.example>; ${at(5)}`,
  `from abc.provider.example (localhost.localdomain [127.0.0.1]) by abc.provider.example (8.14.4/8.13.8) with ESMTP id q2; ${at(4)}`,
  `from p02c11.mxlogic.net (p02c11.mxlogic.net [203.0.113.74]) by abc.provider.example (8.14.4/8.13.8) with ESMTP id q3 (version=TLSv1/SSLv3 cipher=DHE-RSA-AES256-SHA bits=256 verify=NOT); ${at(3)}`,
  `from unknown [203.0.113.90] (EHLO nm13.webmail.example) by p02c11.mxlogic.net(mxl_mta-6.14.1-0) with ESMTP id m1; ${at(2)}`,
  `from [203.0.113.91] by nm13.webmail.example with NNFMP; ${at(1)}`,
  `from [192.0.2.4] by web120.webmail.example via HTTP; ${at(0)}`,
);

describe('a chain of lines', () => {
  it('from a web mailer over a filter to one provider: inside, encrypted, inferred clear', () => {
    const { hops, overall, hiddenLegs, totalSeconds } = analyseHeaders(PROVIDER);
    expect(words(hops)).toEqual([
      'not-recorded no-note',
      'internal local-protocol',
      'clear receiver-records-tls',
      'encrypted tls-note',
      'internal same-host',
      'internal same-organisation',
    ]);
    expect(hops[2]?.verdict).toMatchObject({
      confidence: 'high',
      receiver: 'McAfee Email Protection (MX Logic)',
    });
    expect(hops[3]?.received?.tls).toEqual({
      version: null,
      cipher: 'DHE-RSA-AES256-SHA',
      bits: 256,
      clientCertificate: 'not-asked',
    });
    expect(hops.map(({ trust }) => trust)).toEqual([
      'claimed',
      'claimed',
      'known-service',
      'own',
      'own',
      'own',
    ]);
    expect(overall).toMatchObject({ kind: 'clear', confidence: 'high' });
    expect(overall.reasons).toContainEqual({ code: 'leg-clear', hops: [3] });
    expect(hiddenLegs).toEqual([
      { leg: 'author-to-first-server', hop: 1 },
      { leg: 'last-server-to-reader', hop: null },
    ]);
    expect(totalSeconds).toBe(300);
    expect(hops.map(({ delaySeconds }) => delaySeconds)).toEqual([null, 60, 60, 60, 60, 60]);
  });

  it('all encrypted', () => {
    const { overall, hops } = analyseHeaders(
      header(
        `from mx.lab.example (mx.lab.example [198.51.100.7]) ${TLS13} by mail.clinic.example (Postfix) with ESMTPS id 2; ${at(1)}`,
        `from pc (line.example [192.0.2.5]) ${TLS13} by mx.lab.example (Postfix) with ESMTPSA id 1; ${at(0)}`,
      ),
    );
    expect(overall.kind).toBe('encrypted');
    // The lower line is the sender's own word.
    expect(overall.confidence).toBe('medium');
    expect(hops.map(({ trust }) => trust)).toEqual(['claimed', 'own']);
    expect(overall.reasons).toContainEqual({ code: 'lines-claimed', hops: [1] });
  });

  it('silence of a receiver that nobody knows is not clear', () => {
    const { overall, hops } = analyseHeaders(
      header(
        `from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example with ESMTP id 2; ${at(1)}`,
      ),
    );
    expect(words(hops)).toEqual(['not-recorded no-note']);
    expect(overall.kind).toBe('not-proven');
  });

  it('silence of a program that usually tells is a hint', () => {
    const { hops } = analyseHeaders(
      header(
        `from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example (Postfix) with ESMTP id 2; ${at(1)}`,
      ),
    );
    expect(words(hops)).toEqual(['not-recorded probably-clear']);
  });

  it.each([
    ['Gmail', 'mx.google.com with ESMTP id 1', 'high'],
    [
      'Exchange Online',
      'AM1.mail.protection.outlook.com (2001:db8::1) with Microsoft SMTP Server id 15.20',
      'high',
    ],
    ['a known host without a protocol', 'mx.google.com', null],
    ['a name that only looks like it', 'mx.google.com.other.example with ESMTP id 1', null],
    ['Amazon SES, which never tells', 'inbound-smtp.us-east-1.amazonaws.com with SMTP id 1', null],
  ])('a known receiver: %s', (_name, by, confidence) => {
    const { hops } = analyseHeaders(
      header(`from mx.lab.example (mx.lab.example [198.51.100.7]) by ${by}; ${at(1)}`),
    );
    const verdict = hops[0]?.verdict;
    if (confidence === null) expect(verdict?.kind).toBe('not-recorded');
    else expect(verdict).toMatchObject({ kind: 'clear', confidence });
  });

  it('a claim of the sender about a known receiver is worth a step less', () => {
    const { hops } = analyseHeaders(
      header(
        `from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example with ESMTP id 2; ${at(1)}`,
        `from a.example (a.example [198.51.100.9]) by mx.google.com with ESMTP id 1; ${at(0)}`,
      ),
    );
    expect(hops[0]).toMatchObject({ trust: 'claimed', verdict: { kind: 'clear', confidence: 'medium' } });
  });

  it('a forged line that bears the receiver’s own name is still the sender’s claim', () => {
    const { hops } = analyseHeaders(
      header(
        `from evil.example (evil.example [203.0.113.9]) by mail.clinic.example with ESMTP id 2; ${at(1)}`,
        `from bank.example (bank.example [198.51.100.9]) ${TLS13} by mail.clinic.example (Postfix) with ESMTPS id 1; ${at(0)}`,
      ),
    );
    expect(hops.map(({ trust }) => trust)).toEqual(['claimed', 'own']);
  });

  it.each([
    [
      'the same registrable domain',
      'from a.clinic.co.uk (a.clinic.co.uk [198.51.100.7]) by b.clinic.co.uk with ESMTP',
      'internal same-organisation',
    ],
    [
      'only a public suffix in common',
      'from a.lab.co.uk (a.lab.co.uk [198.51.100.7]) by b.clinic.co.uk with ESMTP',
      'not-recorded no-note',
    ],
    [
      'a claimed name that was not found',
      'from a.clinic.example (unknown [198.51.100.7]) by b.clinic.example with ESMTP',
      'not-recorded no-note',
    ],
    [
      'a doubted name',
      'from a.clinic.example (a.clinic.example [198.51.100.7] (may be forged)) by b.clinic.example with ESMTP',
      'not-recorded no-note',
    ],
    [
      'a claimed name and no other',
      'from a.clinic.example by b.clinic.example with ESMTP',
      'internal same-organisation',
    ],
    [
      'the receiver’s own name, claimed to Exchange from outside',
      'from mail.clinic.example (203.0.113.9) by mail.clinic.example (10.1.2.3) with Microsoft SMTP Server id 15.1',
      'not-recorded probably-clear',
    ],
    [
      'the receiver’s own name, claimed and found to be another’s',
      'from mail.clinic.example (pc.other.example [203.0.113.9]) by mail.clinic.example with ESMTP',
      'not-recorded no-note',
    ],
    [
      'a customer’s line of the provider',
      'from pc (dsl-198-51-100-7.provider.example [198.51.100.7]) by mail.provider.example with ESMTP',
      'not-recorded no-note',
    ],
    [
      'a private address',
      'from scanner (scanner [10.1.2.3]) by mail.clinic.example with ESMTP',
      'internal private-address',
    ],
    ['LMTP', 'from a.example by store.clinic.example with LMTP', 'internal local-protocol'],
    ['MAPI', 'from a.example by store.clinic.example with mapi', 'internal local-program'],
    [
      'HTTPS between one organisation’s Exchange hosts',
      'from EX1.clinic.example (2001:db8::1) by EX2.clinic.example (2001:db8::2) with HTTPS',
      'internal same-organisation',
    ],
    ['HTTPS from a browser', 'from [203.0.113.9] by webmail.clinic.example with HTTPS', 'encrypted protocol'],
    ['no peer', 'by mail.clinic.example with SMTP id 1', 'internal local-program'],
    [
      'S without more',
      'from a.example (a.example [198.51.100.7]) by mail.clinic.example with ESMTPS',
      'encrypted protocol',
    ],
    [
      'a cipher that encrypts nothing',
      'from a.example (a.example [198.51.100.7]) by b.example with ESMTPS (version=TLSv1.2 cipher=NULL-SHA256 bits=0)',
      'clear null-cipher',
    ],
  ])('%s', (_what, line, wanted) => {
    expect(words(analyseHeaders(header(`${line}; ${at(1)}`)).hops)).toEqual([wanted]);
  });

  it.each([
    ['TLSv1', 'ECDHE-RSA-AES256-SHA', true],
    ['TLSv1.1', 'ECDHE-RSA-AES256-SHA', true],
    ['SSLv3', 'AES256-SHA', true],
    ['TLSv1.2', 'RC4-SHA', true],
    ['TLSv1.2', 'DES-CBC3-SHA', true],
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256', false],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256', false],
  ])('%s with %s is weak: %s', (version, cipher, weak) => {
    const { hops, overall } = analyseHeaders(
      header(
        `from a.example (a.example [198.51.100.7]) by b.example with ESMTPS (version=${version} cipher=${cipher} bits=128); ${at(1)}`,
      ),
    );
    expect(hops[0]?.verdict).toMatchObject({ kind: 'encrypted', weak });
    expect(overall.reasons.some(({ code }) => code === 'leg-weak')).toBe(weak);
  });

  it('says that a clock is wrong, and never drops a line that it cannot read', () => {
    const { hops, overall } = analyseHeaders(
      header(
        `from b.example (b.example [198.51.100.7]) by c.example with ESMTPS id 3; ${at(1)}`,
        'gibberish of ann.lee@clinic.example',
        `from a.example (a.example [198.51.100.8]) by b.example with ESMTPS id 1; ${at(9)}`,
      ),
    );
    expect(hops.map(({ delaySeconds, clockSkew }) => [delaySeconds, clockSkew])).toEqual([
      [null, false],
      [null, false],
      [-480, true],
    ]);
    expect(hops[1]).toMatchObject({
      received: null,
      verdict: { kind: 'unreadable' },
      text: 'gibberish of •••@clinic.example',
    });
    expect(overall.kind).toBe('not-proven');
    expect(overall.reasons.map(({ code }) => code)).toContain('clock-skew');
  });

  it('takes what people paste: mbox line, bare line feeds, lost indentation', () => {
    const text = `From x@y Tue Nov 24\nReceived: from a.example (a.example [198.51.100.7])\nby b.example with ESMTPS id 1;\n ${at(1)}\nSubject: x\n`;
    expect(analyseHeaders(text).hops).toHaveLength(1);
    expect(analyseHeaders(text).hops[0]?.received?.time).not.toBeNull();
  });

  it('has nothing to say of nothing', () => {
    for (const text of ['', '\n\n', 'Subject: x\n\nhello', 'hello']) {
      const { hops, overall, hiddenLegs } = analyseHeaders(text);
      expect(hops).toEqual([]);
      expect(overall).toMatchObject({ kind: 'nothing-to-judge', reasons: [{ code: 'no-received-lines' }] });
      expect(hiddenLegs).toHaveLength(2);
    }
  });
});

describe('hostile input', () => {
  it('is bounded in hops and size, and says so', () => {
    const many = analyseHeaders(
      header(...Array.from({ length: 150 }, () => `from a.example by b.example; ${at(1)}`)),
    );
    expect([many.hops.length, many.leftOut, many.truncated]).toEqual([100, 50, false]);
    const long = analyseHeaders(`X: ${'x'.repeat(300_000)}\nReceived: from a.example by b.example`);
    expect([long.hops.length, long.truncated]).toEqual([0, true]);
  });

  // Each would take minutes with a pattern that goes back over what it has read.
  const FILLINGS: readonly (readonly [string, string])[] = [
    ['parentheses', '('],
    ['closing', ')'],
    ['brackets', '['],
    ['quotes', '"'],
    ['at signs', 'a@'],
    ['spaces', ' '],
    ['digits', '1'],
    ['dots', '1.'],
    ['colons', ':'],
    ['letters', 'A'],
    ['keywords', 'from by with '],
    ['TLS', 'TLSv1:A'],
    ['versions', 'version=TLS1_2 '],
    ['ciphers', 'cipher=A-'],
    ['using', 'using TLSv1 with cipher '],
    ['HELO', 'helo='],
    ['dates', '1 Jan 20 1:11 '],
    ['semicolons', '; '],
    ['slashes', 'ESMTP/TLS/'],
    ['encrypted', 'a encrypted '],
    ['words of a line', 'dsl-1-'],
  ];

  it.each(FILLINGS)('%s without end are read in a second', (_name, unit) => {
    const line = unit.repeat(Math.ceil(2_500 / unit.length));
    const shapes = [
      line,
      `from ${line} by b.example`,
      `from a (${line}) by b.example (${line}) with ${line}`,
      `from a (x [1.2.3.4]) by ${line}; ${line}`,
    ];
    const text = header(...Array.from({ length: 100 }, (_, index) => shapes[index % shapes.length] ?? ''));
    const started = performance.now();
    analyseHeaders(text);
    analyseHeaders(`Received: ${unit.repeat(Math.ceil(262_144 / unit.length))}`);
    analyseHeaders(`${unit.repeat(Math.ceil(262_144 / unit.length))}`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('never throws, never shows a local part, and keeps one hop a line', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'from',
        'by',
        'with',
        'for',
        'id',
        'via',
        ';',
        '(',
        ')',
        '[',
        ']',
        '<',
        '>',
        'ESMTPS',
        'LMTP',
        '[10.0.0.1]',
        '(a.example [198.51.100.7])',
        '(version=TLS1_2 cipher=X bits=1)',
        '<secretpart@clinic.example>',
        '"secretpart x"@clinic.example',
        'mx.google.com',
        '1 Jan 2026 10:00:00 +0000',
      ),
      fc.string({ maxLength: 20, unit: 'grapheme' }),
    );
    const line = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(' ').replace(/[\r\n]/g, ' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const analysis = analyseHeaders(lines.map((one) => `Received: ${one}`).join('\n'));
        expect(analysis.hops).toHaveLength(lines.length);
        expect(JSON.stringify(analysis)).not.toContain('secretpart');
        for (const { verdict, received } of analysis.hops) {
          // Clear is only ever said with a reason, encrypted only with a proof.
          if (verdict.kind === 'encrypted')
            expect(received?.tls !== null || /S|HTTPS/.test(received?.protocol ?? '')).toBe(true);
          if (verdict.kind === 'clear') expect(verdict.receiver !== null || received?.nullCipher).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
