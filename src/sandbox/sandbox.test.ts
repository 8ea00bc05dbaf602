import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mailboxes } from './mailboxes.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

describe('sandbox', () => {
  it('routes its own domains and nothing else', () => {
    const { profile } = sandbox;
    for (const domain of ['clinic.test', 'good-tls.test', 'no-tls.test', 'wrong-cert.test', 'slow.test']) {
      expect(profile.mayRoute(domain)).toBe(true);
    }
    expect(profile.mayRoute('example.com')).toBe(false);
    expect(profile.mayConnect('127.0.0.1')).toBe(true);
    expect(profile.mayConnect('127.0.0.2')).toBe(false);
    expect(profile.mayConnect('203.0.114.1')).toBe(false);
  });

  it('answers over real DNS: UDP, and TCP for what is long', async () => {
    const { resolver } = sandbox.profile;
    expect(await resolver.mx('good-tls.test')).toEqual({
      kind: 'found',
      records: [{ preference: 10, exchange: 'mx.good-tls.test' }],
      secure: true,
    });
    expect(await resolver.addresses('mx.good-tls.test')).toMatchObject({ records: ['127.0.0.1'] });
    expect(await resolver.txt('long-text.test')).toMatchObject({ records: ['x'.repeat(2_000)] });
    expect(await resolver.mx('alias.test')).toMatchObject({ records: [{ exchange: 'mx.good-tls.test' }] });
    expect(await resolver.mx('no-mail.test')).toMatchObject({ kind: 'none', nameExists: true });
    expect(await resolver.mx('absent.test')).toMatchObject({ kind: 'none', nameExists: false });
    expect(await resolver.mx('broken-dns.test')).toEqual({ kind: 'failed', code: 'servfail' });
  });

  it('has a peer for each temperament, on loopback', () => {
    const codes = sandbox.peers.map(({ code }) => code);
    for (const code of [
      'good-tls',
      'no-tls',
      'wrong-cert',
      'slow',
      'old-tls',
      'expired',
      'self-signed',
      'sink',
    ]) {
      expect(codes).toContain(code);
    }
    expect(sandbox.peer('mail.clinic.test').domains).toEqual(['clinic.test']);
    expect(() => sandbox.peer('mail.clinic.test').behave({ delayMs: 1 })).toThrow();
  });

  it('stops without leaving anything', async () => {
    const other = await startSandbox();
    await other.stop();
    expect(await other.profile.resolver.mx('slow.test')).toMatchObject({ kind: 'failed' });
  });
});

describe('mailboxes', () => {
  const mail = (size: number) => ({
    envelopeFrom: null,
    receivedAt: new Date(0),
    host: 'x',
    tlsVersion: null,
    bytes: Buffer.alloc(size),
  });

  it('forget the oldest beyond their bounds', () => {
    const boxes = new Mailboxes({ messages: 3, bytes: 100 });
    for (let index = 0; index < 5; index += 1) boxes.put(mail(10), `a${index}@X.test`);
    expect(boxes.list().map(({ address }) => address)).toHaveLength(3);
    expect(boxes.messages('a0@x.test')).toEqual([]);
    boxes.put(mail(95), 'b@x.test');
    expect(boxes.list()).toEqual([{ address: 'b@x.test', count: 1, newest: new Date(0) }]);
  });

  it('wait for what is to come, and not for ever', async () => {
    const boxes = new Mailboxes({ messages: 3, bytes: 100 });
    const waiting = boxes.waitFor('a@x.test', 1);
    boxes.put(mail(1), 'a@x.test');
    expect(await waiting).toHaveLength(1);
    await expect(boxes.waitFor('a@x.test', 2, 20)).rejects.toThrow('1 of 2');
  });
});
