import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextBody } from '#core/text';
import { safeFetch } from '#platform/net';
import { segments, septets } from './gsm-7.ts';
import { httpGateway, judgeAnswer } from './http-gateway.ts';
import { maskNumber, parseNumber } from './number.ts';
import { wordTest, wordText } from './text-words.ts';

describe('a number', () => {
  it.each([
    ['+34 600 00 00 42', '+34600000042'],
    ['0034-600-000-042', '+34600000042'],
    ['+1 (212) 555‑0142', '+12125550142'],
    ['600 000 042', null],
    ['(212) 555-0142', null],
    ['+0 123456789', null],
    ['+123', null],
    ['+1234567890123456', null],
    ['+34600000042x1', null],
    ['', null],
  ])('%s', (text, number) => {
    expect(parseNumber(text)).toBe(number);
  });

  it('shows two digits at most', () => {
    expect(maskNumber('+34600000042')).toBe('••42');
  });
});

describe('words', () => {
  const expiresAt = new Date(1_000_000 + 600_000);
  const bodies: readonly TextBody[] = [
    { kind: 'sign-in-code', code: '123456', expiresAt },
    { kind: 'portal-message', linkToken: 'w'.repeat(43), expiresAt },
    { kind: 'pdf-password', password: 'abcde-fghjk-mnpqr-stuvw' },
  ];
  // As long as hosts of portals are; RFC 1035 allows 253.
  const link = (token: string) => `https://portal.riverside-family-clinic.example.org/m/${token}`;

  it.each(['en', 'es'] as const)('in %s are one segment of the default alphabet each', (locale) => {
    const texts = bodies.map((body) => wordText(body, locale, { now: new Date(1_000_000), link }));
    for (const text of [...texts, wordTest(locale)]) {
      expect([text, septets(text)]).not.toContain(null);
      expect([text, segments(text)]).toEqual([text, 1]);
    }
    expect(texts[0]).toMatch(/123456.* 10 min/);
  });

  it('say how many minutes a code is still good for, never none', () => {
    const [code] = bodies;
    if (code === undefined) throw new Error('no code');
    expect(wordText(code, 'en', { now: new Date(1_000_000 + 590_000), link })).toContain('for 1 minutes');
  });

  it('count as carriers count', () => {
    expect(segments('a'.repeat(160))).toBe(1);
    expect(segments('a'.repeat(161))).toBe(2);
    expect(septets('€[]')).toBe(6);
    expect(segments('ó'.repeat(70))).toBe(1);
    expect(segments('ó'.repeat(71))).toBe(2);
  });
});

/** A peer on loopback that answers as Twilio does. */
describe('the HTTP gateway', () => {
  let peer: Server;
  let base = '';
  let answer: { status: number; body: string; headers?: Record<string, string>; hangUp?: boolean };
  let asked: { request: IncomingMessage; body: string } | undefined;

  beforeAll(async () => {
    peer = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        asked = { request, body };
        if (answer.hangUp) return void request.socket.destroy();
        response.writeHead(answer.status, answer.headers ?? { 'content-type': 'application/json' });
        response.end(answer.body);
      });
    });
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    const address = peer.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => new Promise((resolve) => peer.close(resolve)));

  const network = {
    resolver: {
      mx: () => Promise.reject(new Error('nobody asks')),
      txt: () => Promise.reject(new Error('nobody asks')),
      addresses: () => Promise.reject(new Error('nobody asks')),
    },
    mayConnect: () => true,
    extraRoots: [],
  };
  const gateway = (sender = '+15005550006', baseUrl = base) =>
    httpGateway({ baseUrl, account: 'AC1', token: 's3cret', sender, perDay: 5 }, (url, options) =>
      safeFetch(url, { ...options, network, allowHttp: true, timeoutMs: 300 }),
    );
  const organisation = '0192a000-0000-7000-8000-000000000001' as never;
  const handOver = (one = gateway()) =>
    one.handOver({ organisation, number: '+34600000042', words: 'Hello & welcome' });

  it('asks as Twilio documents it, and takes the id', async () => {
    answer = { status: 201, body: JSON.stringify({ sid: 'SM123', status: 'queued', to: '+34600000042' }) };
    expect(await handOver()).toEqual({ kind: 'taken', reference: 'SM123' });
    expect(asked?.request.method).toBe('POST');
    expect(asked?.request.url).toBe('/2010-04-01/Accounts/AC1/Messages.json');
    expect(asked?.request.headers.authorization).toBe(
      `Basic ${Buffer.from('AC1:s3cret').toString('base64')}`,
    );
    const form = Object.fromEntries(new URLSearchParams(asked?.body));
    expect(form).toEqual({ To: '+34600000042', From: '+15005550006', Body: 'Hello & welcome' });
    const service = `MG${'a'.repeat(32)}`;
    await handOver(gateway(service));
    expect(new URLSearchParams(asked?.body).get('MessagingServiceSid')).toBe(service);
  });

  const refusal = (code: number) =>
    JSON.stringify({ code, message: 'To number +34600000042 is wrong', status: 400 });

  it.each([
    [400, refusal(21211), { kind: 'refused', code: 'gateway-code-21211', stopped: false }],
    [400, refusal(21610), { kind: 'refused', code: 'gateway-code-21610', stopped: true }],
    [400, 'no JSON +34600000042', { kind: 'refused', code: 'gateway-status-400', stopped: false }],
    [400, '{"code":"+34600000042"}', { kind: 'refused', code: 'gateway-status-400', stopped: false }],
    [401, refusal(20003), { kind: 'later', code: 'gateway-code-20003' }],
    [404, '', { kind: 'later', code: 'gateway-status-404' }],
    [429, refusal(20429), { kind: 'later', code: 'gateway-code-20429' }],
    [503, '', { kind: 'later', code: 'gateway-status-503' }],
    [302, '', { kind: 'later', code: 'gateway-status-302' }],
    [500, '', { kind: 'unknown', code: 'gateway-status-500' }],
    [201, '{"sid":"+34600000042"}', { kind: 'taken', reference: null }],
    [200, 'null', { kind: 'taken', reference: null }],
  ])('status %i with %s', async (status, body, expected) => {
    answer = { status, body, ...(status === 302 ? { headers: { location: `${base}/elsewhere` } } : {}) };
    const came = await handOver();
    expect(came).toEqual(expected);
    expect(JSON.stringify(came)).not.toContain('600000042');
    expect(asked?.request.url).not.toBe('/elsewhere');
  });

  it('knows what certainly was not taken from what may have been', async () => {
    answer = { status: 201, body: '', hangUp: true };
    expect(await handOver()).toEqual({ kind: 'unknown', code: 'gateway-broken-off' });
    expect(await handOver(gateway('+15005550006', 'http://127.0.0.1:1'))).toEqual({
      kind: 'later',
      code: 'gateway-connect-failed',
    });
    expect(judgeAnswer({ kind: 'failed', code: 'timeout' })).toEqual({
      kind: 'unknown',
      code: 'gateway-timeout',
    });
    expect(judgeAnswer({ kind: 'failed', code: 'forbidden-address' }).kind).toBe('later');
  });
});
