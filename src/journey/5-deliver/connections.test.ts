import { describe, expect, it } from 'vitest';
import { MESSAGE, to, useSandbox } from './deliver-fixture.ts';

const fixture = useSandbox();
const PATIENCE = { timeout: 5_000 };

describe('connections that break', () => {
  it('after the end of content: deferred, and said to be perhaps there', async () => {
    expect(await fixture.deliver().send(to('drops-after-end.test'))).toMatchObject({
      kind: 'deferred',
      code: 'connection-lost',
      mayHaveArrived: true,
    });
    expect(fixture.sandbox().mailboxes.messages('anna@drops-after-end.test')).toHaveLength(1);
  });

  it('in the middle of streamed content: deferred, certainly not there', async () => {
    const part = Buffer.alloc(64 * 1024, 'x\r\n');
    const content = {
      size: part.length * 200,
      bytes: null,
      open: async function* () {
        for (let index = 0; index < 200; index += 1) yield part;
      },
    };
    expect(await fixture.deliver().send(to('drops-content.test', { content }))).toMatchObject({
      kind: 'deferred',
      code: 'connection-lost',
      mayHaveArrived: false,
    });
  });

  it('between messages: the next message goes over a fresh one, once and whole', async () => {
    const peer = fixture.sandbox().peer('mx.two-mx.test');
    expect(await fixture.deliver().send(to('two-mx.test'))).toMatchObject({ kind: 'delivered' });
    peer.dropConnections();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await fixture.deliver().send(to('two-mx.test'))).toMatchObject({ kind: 'delivered' });
    expect(peer.record).toMatchObject({ messages: 2, handshakes: 2 });
  });

  it('at the very moment the next message is begun', async () => {
    const peer = fixture.sandbox().peer('mx.two-mx.test');
    await fixture.deliver().send(to('two-mx.test'));
    const sending = fixture.deliver().send(to('two-mx.test'));
    peer.dropConnections();
    expect(await sending).toMatchObject({ kind: 'delivered' });
    expect(peer.record.messages).toBe(2);
  });

  it('content that cannot be read is never ended as if it were whole', async () => {
    const content = {
      size: 2_000_000,
      bytes: null,
      open: async function* () {
        yield Buffer.alloc(300_000, 'x\r\n');
        throw new Error('seal broken');
      },
    };
    await expect(fixture.deliver().send(to('two-mx.test', { content }))).rejects.toThrow('seal broken');
    expect(fixture.sandbox().peer('mx.two-mx.test').record.messages).toBe(0);
    expect(fixture.deliver().stats()).toMatchObject({ open: 0 });
  });
});

describe('kept connections', () => {
  it('carry many messages on one handshake, three commands in one write', async () => {
    for (let index = 0; index < 25; index += 1) await fixture.deliver().send(to('two-mx.test'));
    expect(fixture.sandbox().peer('mx.two-mx.test').record).toMatchObject({ handshakes: 1, messages: 25 });
    expect(fixture.sandbox().mailboxes.messages('anna@two-mx.test')).toHaveLength(25);
    expect(fixture.sandbox().mailboxes.messages('anna@two-mx.test')[24]?.bytes.equals(MESSAGE)).toBe(true);
    // With pipelining the peer reads RCPT before it has answered MAIL: its transcript still shows them in turn.
    const commands = fixture
      .sandbox()
      .peer('mx.two-mx.test')
      .transcript.filter((line) => line.startsWith('CS: DATA'));
    expect(commands).toHaveLength(25);
  });

  it('end after so many messages, and when the peer has had enough', async () => {
    const few = fixture.newDeliver({ limits: { messagesPerSession: 5 } });
    for (let index = 0; index < 11; index += 1) await few.send(to('two-mx.test'));
    expect(fixture.sandbox().peer('mx.two-mx.test').record.handshakes).toBe(3);
    for (let index = 0; index < 6; index += 1) {
      expect(await few.send(to('few.test'))).toMatchObject({ kind: 'delivered' });
    }
    expect(fixture.sandbox().peer('mx.few.test').record).toMatchObject({ messages: 6, handshakes: 3 });
  });

  it('end when idle', async () => {
    const brief = fixture.newDeliver({ limits: { idleMs: 40 } });
    await brief.send(to('two-mx.test'));
    expect(brief.stats()).toMatchObject({ idle: 1 });
    await expect.poll(() => brief.stats().open, PATIENCE).toBe(0);
  });

  it('are bounded per destination; who must wait is served, and the destination is busy', async () => {
    const narrow = fixture.newDeliver({ limits: { perDestination: 2 } });
    const sends = Array.from({ length: 12 }, () => narrow.send(to('two-mx.test')));
    await expect.poll(() => narrow.busyDestinations(), PATIENCE).toEqual(['two-mx.test']);
    expect((await Promise.all(sends)).every((result) => result.kind === 'delivered')).toBe(true);
    expect(fixture.sandbox().peer('mx.two-mx.test').record).toMatchObject({ connections: 2, messages: 12 });
    expect(narrow.busyDestinations()).toEqual([]);
  });

  it('are bounded in all, and a crowded destination does not starve another', async () => {
    const narrow = fixture.newDeliver({ limits: { perDestination: 4, total: 4 } });
    const order: string[] = [];
    const send = async (domain: string) => {
      const result = await narrow.send(to(domain));
      order.push(domain);
      return result;
    };
    const crowd = Array.from({ length: 60 }, () => send('two-mx.test'));
    const other = send('tls12.test');
    const results = await Promise.all([...crowd, other]);
    expect(results.every((result) => result.kind === 'delivered')).toBe(true);
    expect(order.indexOf('tls12.test')).toBeLessThan(30);
    expect(narrow.stats().open).toBeLessThanOrEqual(4);
  });

  it('a send that waits too long is deferred as busy', async () => {
    const narrow = fixture.newDeliver({ limits: { perDestination: 1, waitMs: 30 } });
    const first = narrow.send(to('tarpit.test'));
    expect(await narrow.send(to('tarpit.test'))).toMatchObject({
      kind: 'deferred',
      code: 'destination-busy',
    });
    expect(await first).toMatchObject({ kind: 'delivered' });
  });

  it('do not outlive the world they were made in', async () => {
    let profile = fixture.sandbox().profile;
    const moving = fixture.newDeliver({ network: () => profile });
    await moving.send(to('two-mx.test'));
    profile = { ...fixture.sandbox().profile, mayRoute: () => false };
    expect(await moving.send(to('two-mx.test'))).toMatchObject({ code: 'domain-not-routed' });
    await expect.poll(() => moving.stats().open, PATIENCE).toBe(0);
  });

  it('close ends them, waits for what runs, and takes nothing more', async () => {
    const running = fixture.deliver().send(to('tarpit.test'));
    await expect.poll(() => fixture.sandbox().peer('mx.tarpit.test').record.handshakes, PATIENCE).toBe(1);
    await fixture.deliver().close();
    expect(await running).toMatchObject({ kind: 'delivered' });
    expect(await fixture.deliver().send(to('two-mx.test'))).toMatchObject({
      kind: 'deferred',
      code: 'system-fault',
    });
  });
});

describe('smart host', () => {
  const relay = (change: object = {}) => ({
    host: 'relay.clinic.test',
    port: fixture.sandbox().peer('relay.clinic.test').port,
    credentials: { user: 'clinic', password: 'sandbox relay' },
    implicitTls: false,
    ...change,
  });

  it.each(['PLAIN', 'LOGIN'])('takes all mail after AUTH %s inside verified TLS', async (mechanisms) => {
    const peer = fixture.sandbox().peer('relay.clinic.test');
    peer.behave({ auth: { user: 'clinic', password: 'sandbox relay', mechanisms } });
    const relayed = fixture.newDeliver({ smartHost: () => relay() });
    expect(await relayed.send(to('no-tls.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'relay.clinic.test', authenticatedBy: 'pkix' },
    });
    expect(peer.clearBytes.toString()).toBe('EHLO mail.clinic.test\r\nSTARTTLS\r\n');
    expect(peer.transcript.some((line) => line.startsWith(`CS: AUTH ${mechanisms}`))).toBe(true);
  });

  it('that refuses the password is a failure to talk, not a bounce of the message by its recipient', async () => {
    const relayed = fixture.newDeliver({
      smartHost: () => relay({ credentials: { user: 'clinic', password: 'wrong' } }),
    });
    expect(await relayed.send(to('no-tls.test'))).toMatchObject({
      kind: 'deferred',
      code: 'system-fault',
      reply: { code: 535 },
    });
  });

  it('is never told a password without verified TLS, not even for a notice', async () => {
    const peer = fixture.sandbox().peer('mx.wrong-cert.test');
    const relayed = fixture.newDeliver({ smartHost: () => relay({ host: peer.host, port: peer.port }) });
    const result = await relayed.send(to('no-tls.test', { tls: 'opportunistic' }));
    expect(result).toMatchObject({
      kind: 'protection-unavailable',
      failure: { code: 'certificate-wrong-name' },
    });
    expect(peer.tlsBytes.length).toBe(0);
  });
});
