import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { type Answer, AUTHENTIC_DATA, type DecodedPacket, decode, encode } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { createResolver } from './resolver.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

interface Reply {
  readonly answers?: readonly Answer[];
  readonly flags?: number;
  readonly id?: number;
}

/** A server that answers as the test says; null is silence. */
async function server(answer: (query: DecodedPacket) => readonly Reply[]) {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (bytes, from) => {
    const query = decode(bytes);
    asked.push(`${query.questions[0]?.type} ${query.questions[0]?.name}`);
    for (const reply of answer(query)) {
      const packet = encode({
        type: 'response',
        id: reply.id ?? query.id,
        flags: 0x180 | (reply.flags ?? 0),
        questions: query.questions,
        answers: reply.answers ?? [],
      });
      socket.send(packet, from.port, from.address);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = socket.address();
  return { asked, address: '127.0.0.1', port };
}

const a = (name: string, data: string, ttl = 60): Answer => ({ name, type: 'A', ttl, data });
const cname = (name: string, data: string): Answer => ({ name, type: 'CNAME', ttl: 60, data });

function clock() {
  let now = 0;
  return { monotonic: () => now, pass: (ms: number) => (now += ms) };
}

describe('resolver', () => {
  it('keeps answers for their TTL and no longer', async () => {
    const dns = await server(() => [
      { answers: [{ name: 'x.test', type: 'TXT', ttl: 30, data: ['v=', '1'] }] },
    ]);
    const time = clock();
    const resolver = createResolver({ servers: [dns], ...time });
    const first = await resolver.txt('x.test');
    expect(first).toEqual({ kind: 'found', records: ['v=1'], secure: false });
    time.pass(29_000);
    await resolver.txt('x.test');
    expect(dns.asked).toHaveLength(1);
    time.pass(2_000);
    await resolver.txt('x.test');
    expect(dns.asked).toHaveLength(2);
  });

  it('asks once for many that ask at the same time', async () => {
    const dns = await server(() => [{ answers: [{ name: 'x.test', type: 'TXT', ttl: 0, data: 'y' }] }]);
    const resolver = createResolver({ servers: [dns], ...clock() });
    await Promise.all(Array.from({ length: 50 }, () => resolver.txt('x.test')));
    expect(dns.asked).toHaveLength(1);
  });

  it('bounds what it keeps', async () => {
    const dns = await server((query) => [
      { answers: [{ name: query.questions[0]?.name ?? '', type: 'TXT', ttl: 900, data: 'y' }] },
    ]);
    const resolver = createResolver({ servers: [dns], cacheEntries: 2, ...clock() });
    for (const name of ['a.test', 'b.test', 'c.test', 'a.test']) await resolver.txt(name);
    expect(dns.asked).toHaveLength(4);
  });

  it('follows CNAMEs within and across answers, and says secure only if all were', async () => {
    const dns = await server((query) => {
      const [question] = query.questions;
      if (question?.type !== 'A') return [{ flags: AUTHENTIC_DATA }];
      return question.name === 'far.test'
        ? [{ answers: [a('far.test', '192.0.2.7')] }]
        : [{ answers: [cname('x.test', 'y.test'), cname('y.test', 'far.test')], flags: AUTHENTIC_DATA }];
    });
    const resolver = createResolver({ servers: [dns], ...clock() });
    expect(await resolver.addresses('X.test')).toEqual({
      kind: 'found',
      records: ['192.0.2.7'],
      secure: false,
    });
  });

  it('tells a CNAME loop from an absent name', async () => {
    const dns = await server((query) =>
      query.questions[0]?.name === 'loop.test'
        ? [{ answers: [cname('loop.test', 'pool.test'), cname('pool.test', 'loop.test')] }]
        : [{ flags: 3 }],
    );
    const resolver = createResolver({ servers: [dns], ...clock() });
    expect(await resolver.txt('loop.test')).toEqual({ kind: 'failed', code: 'cname-loop' });
    expect(await resolver.mx('gone.test')).toEqual({ kind: 'none', nameExists: false, secure: false });
  });

  it('takes the AD bit for secure, and the root as null MX', async () => {
    const dns = await server(() => [
      {
        answers: [{ name: 'x.test', type: 'MX', ttl: 1, data: { preference: 0, exchange: '.' } }],
        flags: AUTHENTIC_DATA,
      },
    ]);
    const resolver = createResolver({ servers: [dns], ...clock() });
    expect(await resolver.mx('x.test')).toEqual({
      kind: 'found',
      records: [{ preference: 0, exchange: '' }],
      secure: true,
    });
  });

  it('does not take an answer with another id', async () => {
    const dns = await server((query) => [
      { id: (query.id + 1) % 65_536, answers: [{ name: 'x.test', type: 'TXT', ttl: 1, data: 'forged' }] },
      { answers: [{ name: 'x.test', type: 'TXT', ttl: 1, data: 'true' }] },
    ]);
    const resolver = createResolver({ servers: [dns], ...clock() });
    expect(await resolver.txt('x.test')).toMatchObject({ records: ['true'] });
  });

  it('goes to the next server when one is silent, and fails when all are', async () => {
    const silent = await server(() => []);
    const good = await server(() => [{ answers: [{ name: 'x.test', type: 'TXT', ttl: 1, data: 'y' }] }]);
    const roundsMs = [60, 60];
    const both = createResolver({ servers: [silent, good], roundsMs, ...clock() });
    expect(await both.txt('x.test')).toMatchObject({ records: ['y'] });
    const none = createResolver({ servers: [silent], roundsMs, ...clock() });
    expect(await none.txt('x.test')).toEqual({ kind: 'failed', code: 'timeout' });
    expect(silent.asked).toHaveLength(3);
  });

  it('says failed, not absent, for SERVFAIL', async () => {
    const dns = await server(() => [{ flags: 2 }]);
    const resolver = createResolver({ servers: [dns], ...clock() });
    expect(await resolver.mx('x.test')).toEqual({ kind: 'failed', code: 'servfail' });
  });
});
