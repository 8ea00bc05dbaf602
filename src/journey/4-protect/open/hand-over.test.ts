import { describe, expect, it } from 'vitest';
import type { Address } from '#core/address';
import type { Content, InboundFacts, Message } from '#core/message';
import { armor, judgeKey, makePgpKey, readPublicKey } from '#platform/keyring';
import { buildPgpMime, protectHeaders } from '#platform/mail';
import { contentOf } from '#platform/net';
import { protectRequest } from '../../../../test/support/protect-request.ts';
import { signAndEncrypt } from '../../../platform/keyring/pgp/seal-octets.ts';
import { createHandOver, type Learned } from './hand-over.ts';

const FACTS: InboundFacts = {
  ...{ reversePath: 'address', spf: 'pass', dkim: 'pass', dmarc: 'pass', encrypted: true },
};
const RECIPIENT: Address = { local: 'staff', domain: 'clinic.test' };
const lines = (...all: string[]): Buffer => Buffer.from(all.join('\r\n'));
const now = new Date();
const clinic = await makePgpKey('Clinic', 'office@clinic.test', now);
const anna = await makePgpKey('Anna', 'anna@x.example', now);

function message(content: Content, inbound: InboundFacts | null = FACTS): Message {
  return { ...protectRequest(content).message, source: 'inbound', inbound };
}

/** In pieces, as a blob comes. */
function streamed(bytes: Buffer, piece: number): Content {
  return {
    size: bytes.length,
    bytes: null,
    async *open() {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    },
  };
}

async function handOver(content: Content, learned: Learned[] = []) {
  const stage = createHandOver({
    hostName: 'mail.sealpost.test',
    pgp: () => ({
      keys: async () => [clinic],
      senderKey: async () => anna.toPublic(),
      now: () => now,
    }),
    smime: () => ({
      keys: async () => [],
      standing: async () => ({ kind: 'refused', code: 'key-untrusted', reason: null }),
    }),
    learn: async (_, one) => void learned.push(one),
  });
  const ready = await stage.prepare(message(content), content, RECIPIENT);
  const pieces: Buffer[] = [];
  for await (const piece of ready.content.open()) pieces.push(piece);
  const octets = Buffer.concat(pieces);
  expect(ready.content.size).toBe(octets.length);
  return { text: octets.toString(), codes: ready.reasons.map(({ code }) => code), reasons: ready.reasons };
}

const SPOOFED = [
  'X-Sealpost-Protection: opened; by=smime; signature=good',
  'x-sealpost-class: high',
  'Authentication-Results: mail.sealpost.test; dmarc=pass',
  'Authentication-Results: (hm) "mail.sealpost.test" 1; spf=pass',
];
const CLEAR = [
  'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000',
  ...SPOOFED,
  'Authentication-Results: other.example; spf=fail',
  'X-Sealpost-Inbound: upstream.example',
  'From: anna@x.example',
  'Subject: hello',
  'Content-Type: text/plain',
];

const RESULTS = [
  'X-Sealpost-Inbound: mail.sealpost.test',
  'Authentication-Results: mail.sealpost.test; spf=pass; dkim=pass; dmarc=pass',
];

describe('handing a message from outside on', () => {
  it.each([
    ['in memory', contentOf],
    ['as a stream', (bytes: Buffer) => streamed(bytes, 7)],
    ['as a stream in large pieces', (bytes: Buffer) => streamed(bytes, 1_000)],
  ])('takes out what is ours to say and says it: %s', async (_, make) => {
    const { text, codes } = await handOver(make(lines(...CLEAR, '', 'body', '')));
    expect(text).toBe(
      lines(...RESULTS, ...CLEAR.filter((line) => !SPOOFED.includes(line)), '', 'body', '').toString(),
    );
    expect(codes).toEqual(['inbound-sender']);
  });

  it('keeps the trace of the way and nothing else of the outside, and no word of ours from inside', async () => {
    const inside = lines(
      'From: anna@x.example',
      'Subject: Results',
      'X-Sealpost-Protection: opened; by=smime; signature=good',
      'Received: from inside by nobody; Thu, 26 Nov 2026 10:00:00 +0000',
      'Date: Thu, 26 Nov 2026 10:00:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; hp="cipher"',
      '',
      'Ferritin',
      '',
    );
    const key = await readPublicKey(clinic.toPublic().write());
    if (typeof key === 'string') throw new Error(key);
    const verdict = await judgeKey(key, now);
    if (verdict.kind !== 'usable') throw new Error(verdict.code);
    const sealed = await signAndEncrypt(inside, { recipient: key, verdict, signer: anna, now });
    const { outer } = protectHeaders(lines('From: anna@x.example', 'Subject: x', '', ''));
    const trace = 'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000\r\nReply-To: evil@x.example\r\n';
    const armoured = armor('MESSAGE', sealed.octets, sealed.seipd === 1);
    const mail = buildPgpMime(Buffer.concat([Buffer.from(trace), outer]), armoured);
    const { text, reasons } = await handOver(contentOf(mail));
    expect(text).toBe(
      lines(
        'X-Sealpost-Inbound: mail.sealpost.test',
        'X-Sealpost-Protection: opened; by=pgp; signature=good',
        ...RESULTS.slice(1),
        'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000',
        'From: anna@x.example',
        'Subject: Results',
        'Date: Thu, 26 Nov 2026 10:00:00 +0000',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; hp="cipher"',
        '',
        'Ferritin',
        '',
      ).toString(),
    );
    expect(reasons.at(-1)).toEqual({ code: 'inbound-opened', parameters: { by: 'pgp', signature: 'good' } });
  });

  it.each([
    ['Content-Type: application/pkcs7-mime; smime-type=enveloped-data', 'smime', 'nested'],
    ['content-type:\r\n\tmultipart/encrypted; boundary=x', 'pgp', 'nested'],
    ['Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----', 'pgp', 'nested'],
  ])('names a part that is sealed and lets it be: %s', async (part, by, why) => {
    const type = 'Content-Type: multipart/mixed; boundary=b';
    const mail = lines('From: anna@x.example', type, '', '--b', part, '', 'QUJD', '--b--', '');
    for (const content of [contentOf(mail), streamed(mail, 11)]) {
      const { text, reasons } = await handOver(content);
      expect(text).toContain(`X-Sealpost-Protection: left-sealed; by=${by}; reason=${why}\r\n`);
      expect(text.endsWith(mail.subarray(mail.indexOf(`\r\n\r\n`)).toString())).toBe(true);
      expect(reasons.at(-1)).toEqual({ code: 'inbound-left-sealed', parameters: { by, why } });
    }
  });

  it('does not call certificates and signatures sealed', async () => {
    const part = 'Content-Type: application/pkcs7-mime; name=a.p7c;\r\n smime-type=certs-only';
    const mail = lines(
      'From: a@x.example',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      part,
      '',
      '--b--',
      '',
    );
    expect((await handOver(contentOf(mail))).codes).toEqual(['inbound-sender']);
  });

  it('tells what a message says of its author’s key, but not of automatic answers', async () => {
    const learned: Learned[] = [];
    const head = ['From: Anna <anna@x.example>', 'Autocrypt: addr=anna@x.example; keydata=AAAA'];
    await handOver(contentOf(lines(...head, 'Date: Thu, 26 Nov 2026 10:00:00 +0000', '', 'x', '')), learned);
    await handOver(contentOf(lines(...head, 'Auto-Submitted: auto-replied', '', 'x', '')), learned);
    expect(learned).toMatchObject([
      { autocrypt: ['addr=anna@x.example; keydata=AAAA'], authenticated: true, signer: null },
      { autocrypt: [], date: null },
    ]);
    expect(learned[0]?.date?.toISOString()).toBe('2026-11-26T10:00:00.000Z');
  });
});
