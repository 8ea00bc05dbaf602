import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, type SmtpTimeouts } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { type Sandbox, type SandboxPeer, startSandbox } from '#sandbox';
import { createDeliver, type Deliver, type DeliverOptions, type SendRequest } from './index.ts';

const CANARY = 'canary-4711';
const CONTENT = contentOf(
  Buffer.from(`From: doc@clinic.test\r\nSubject: ${CANARY}\r\n\r\n.dot\r\n..two\r\n${CANARY}\r\n`),
);
const TIMEOUTS: SmtpTimeouts = {
  connect: 2_000,
  greeting: 2_000,
  command: 2_000,
  handshake: 2_000,
  dataStart: 2_000,
  dataBlock: 2_000,
  dataEnd: 2_000,
};

let sandbox: Sandbox;
let deliver: Deliver;
const opened: Deliver[] = [];

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

function newDeliver(options: Partial<DeliverOptions> = {}): Deliver {
  const made = createDeliver({
    network: () => sandbox.profile,
    clock: systemClock,
    hostName: 'mail.clinic.test',
    timeouts: TIMEOUTS,
    ...options,
  });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  await Promise.all(opened.splice(0).map((made) => made.close()));
  for (const peer of sandbox.peers) peer.record.forget();
  sandbox.mailboxes.clear();
  deliver = newDeliver();
});

function to(domain: string, change: Partial<SendRequest> = {}): SendRequest {
  return {
    domain,
    envelopeFrom: { local: 'doc', domain: 'clinic.test' },
    recipient: { local: 'anna', domain },
    content: CONTENT,
    tls: { minimum: '1.2', authentication: 'verified' },
    smtpUtf8: false,
    eightBit: false,
    ...change,
  };
}

async function allOf(stream: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** Nothing of envelope or content came through, inside TLS or outside. */
function expectUntold(peer: SandboxPeer): void {
  const all = Buffer.concat([peer.clearBytes, peer.tlsBytes]).toString('latin1');
  expect(all).not.toMatch(/MAIL FROM|RCPT|anna|doc@|canary/i);
  expect(peer.record.messages).toBe(0);
}

describe('a peer that meets the requirement', () => {
  it('gets the message octet for octet, and the attempt says how it was protected', async () => {
    const result = await deliver.send(to('good-tls.test'));
    expect(result).toMatchObject({
      kind: 'delivered',
      mayHaveArrived: false,
      reply: { code: 250 },
      transport: {
        host: 'mx.good-tls.test',
        address: '127.0.0.1',
        tlsVersion: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        certificateFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        certificateSubject: 'CN=mx.good-tls.test',
        certificateIssuer: 'CN=Sealpost sandbox authority',
        certificateNotAfter: expect.any(Date),
        authenticatedBy: 'pkix',
      },
    });
    const [mail] = await sandbox.mailboxes.waitFor('anna@good-tls.test', 1);
    expect(mail?.bytes.equals(CONTENT.bytes ?? Buffer.alloc(0))).toBe(true);
    expect(mail?.envelopeFrom).toBe('doc@clinic.test');
    expect(sandbox.peer('mx.good-tls.test').clearBytes.toString()).toBe(
      'EHLO mail.clinic.test\r\nSTARTTLS\r\n',
    );
  });

  it('may speak TLS 1.2, unless 1.3 is asked for', async () => {
    expect(await deliver.send(to('tls12.test'))).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion: 'TLSv1.2', authenticatedBy: 'pkix' },
    });
    sandbox.peer('mx.tls12.test').record.forget();
    const tls = { minimum: '1.3', authentication: 'verified' } as const;
    expect(await deliver.send(to('tls12.test', { tls }))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { method: 'tls', code: 'tls-version-too-low' },
    });
    expectUntold(sandbox.peer('mx.tls12.test'));
  });

  it('gets large content as a stream, unchanged', async () => {
    const line = Buffer.from('.'.repeat(70).concat('\r\n'));
    const start = Buffer.from('Subject: large\r\n\r\n');
    const count = 20_000;
    const content = {
      size: start.length + line.length * count,
      bytes: null,
      open: async function* () {
        yield start;
        for (let index = 0; index < count; index += 1) yield line;
      },
    };
    expect(await deliver.send(to('few.test', { content }))).toMatchObject({ kind: 'delivered' });
    const [mail] = sandbox.mailboxes.messages('anna@few.test');
    expect(mail?.bytes.equals(Buffer.concat(await allOf(content.open())))).toBe(true);
  });

  it('is found without MX, over IPv6, behind a dead MX and behind an alias', async () => {
    expect(await deliver.send(to('no-mx.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'no-mx.test' },
    });
    expect(await deliver.send(to('two-mx.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.two-mx.test' },
    });
    expect(await deliver.send(to('alias.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.good-tls.test' },
    });
    if (!sandbox.hasIpv6) {
      console.log('skipped: IPv6 peer, because this machine has no ::1');
      return;
    }
    expect(await deliver.send(to('six.test'))).toMatchObject({
      kind: 'delivered',
      transport: { address: '::1' },
    });
  });

  it('is not disturbed by missing extensions', async () => {
    expect(await deliver.send(to('plain.test', { eightBit: true }))).toMatchObject({ kind: 'delivered' });
    const sent = sandbox.peer('mx.plain.test').transcript;
    expect(sent).toContain('CS: MAIL FROM:<doc@clinic.test>');
    const recipient = { local: 'änne', domain: 'plain.test' };
    expect(await deliver.send(to('plain.test', { recipient }))).toMatchObject({
      kind: 'bounced',
      code: 'smtputf8-not-supported',
    });
  });

  it('is told SIZE, 8BITMIME and SMTPUTF8 where it offers them', async () => {
    const recipient = { local: 'änne', domain: 'tls12.test' };
    expect(await deliver.send(to('tls12.test', { recipient, eightBit: true }))).toMatchObject({
      kind: 'delivered',
    });
    expect(sandbox.peer('mx.tls12.test').transcript).toContain(
      `CS: MAIL FROM:<doc@clinic.test> SIZE=${CONTENT.size} BODY=8BITMIME SMTPUTF8`,
    );
  });
});

describe('a peer that does not meet the requirement is told nothing', () => {
  it.each([
    ['no-tls.test', 'mx.no-tls.test', 'tls-not-offered'],
    ['strips-starttls.test', 'mx.strips-starttls.test', 'tls-not-offered'],
    ['injecting.test', 'mx.injecting.test', 'tls-handshake-failed'],
    ['old-tls.test', 'mx.old-tls.test', 'tls-version-too-low'],
    ['expired.test', 'mx.expired.test', 'certificate-expired'],
    ['self-signed.test', 'mx.self-signed.test', 'certificate-self-signed'],
    ['wrong-cert.test', 'mx.wrong-cert.test', 'certificate-wrong-name'],
  ])('%s', async (domain, host, code) => {
    const result = await deliver.send(to(domain));
    expect(result).toMatchObject({
      kind: 'protection-unavailable',
      failure: { method: 'tls', code, parameters: { host } },
      transport: { host, authenticatedBy: 'none' },
    });
    const peer = sandbox.peer(host);
    expect(peer.record.connections).toBe(1);
    expectUntold(peer);
  });

  it('also where the root is not trusted', async () => {
    const profile = { ...sandbox.profile, extraRoots: [] };
    const result = await newDeliver({ network: () => profile }).send(to('tls12.test'));
    expect(result).toMatchObject({ failure: { code: 'certificate-untrusted' } });
    expectUntold(sandbox.peer('mx.tls12.test'));
  });

  it('also when it behaved well a moment ago', async () => {
    const peer = sandbox.peer('mx.flapping.test');
    expect(await deliver.send(to('flapping.test'))).toMatchObject({ kind: 'delivered' });
    const told = (): number => peer.tlsBytes.toString().split(CANARY).length - 1;
    expect(told()).toBe(2); // in its subject and in its body, once
    expect(await deliver.send(to('flapping.test'))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { code: 'tls-not-offered' },
    });
    expect(peer.clearBytes.toString()).not.toMatch(/MAIL|canary/);
    expect(told()).toBe(2);
  });

  it('encrypted-only takes an unverified certificate, and says so', async () => {
    const tls = { minimum: '1.2', authentication: 'encrypted-only' } as const;
    expect(await deliver.send(to('wrong-cert.test', { tls }))).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion: 'TLSv1.3', authenticatedBy: 'none' },
    });
    expect(await deliver.send(to('no-tls.test', { tls }))).toMatchObject({ kind: 'protection-unavailable' });
    expectUntold(sandbox.peer('mx.no-tls.test'));
    // What was opened for less must not carry what asks for more.
    expect(await deliver.send(to('wrong-cert.test'))).toMatchObject({ kind: 'protection-unavailable' });
  });
});

describe('notices', () => {
  const verifiedContent = contentOf(Buffer.from('Subject: From your clinic\r\n\r\nx\r\n'));
  const content = contentOf(Buffer.from('Subject: A message\r\n\r\nx\r\n'));
  const notice = (domain: string) =>
    to(domain, { tls: 'opportunistic', envelopeFrom: null, content, verifiedContent });

  it.each([
    ['good-tls.test', 'TLSv1.3', 'pkix', 'From your clinic'],
    ['wrong-cert.test', 'TLSv1.3', 'none', 'A message'],
    ['no-tls.test', null, 'none', 'A message'],
    ['old-tls.test', null, 'none', 'A message'],
    ['strips-starttls.test', null, 'none', 'A message'],
  ])('%s: TLS %s, verified by %s, worded to fit', async (domain, tlsVersion, authenticatedBy, subject) => {
    expect(await deliver.send(notice(domain))).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion, authenticatedBy },
    });
    const [mail] = await sandbox.mailboxes.waitFor(`anna@${domain}`, 1);
    expect(mail?.bytes.toString()).toContain(`Subject: ${subject}\r\n`);
    expect(mail?.envelopeFrom).toBeNull();
  });
});

describe('what the walk concludes', () => {
  it.each([
    ['null-mx.test', 'bounced', 'null-mx'],
    ['no-mail.test', 'bounced', 'no-such-domain'],
    ['elsewhere.example', 'bounced', 'domain-not-routed'],
    ['broken-dns.test', 'deferred', 'dns-failed'],
    ['dead.test', 'deferred', 'connect-failed'],
    ['busy.test', 'deferred', 'peer-deferred'],
    ['closed.test', 'bounced', 'peer-refused'],
    ['refuses-content.test', 'deferred', 'peer-deferred'],
  ])('%s is %s as %s', async (domain, kind, code) => {
    expect(await deliver.send(to(domain))).toMatchObject({ kind, code, mayHaveArrived: false });
  });

  it('a name that does not exist bounces', async () => {
    const profile = { ...sandbox.profile, mayRoute: () => true };
    const result = await newDeliver({ network: () => profile }).send(to('absent.test'));
    expect(result).toMatchObject({ kind: 'bounced', code: 'no-such-domain' });
  });

  it('an address that must not be connected to is not', async () => {
    const profile = { ...sandbox.profile, mayConnect: () => false };
    const result = await newDeliver({ network: () => profile }).send(to('good-tls.test'));
    expect(result).toMatchObject({ kind: 'deferred', code: 'connect-failed' });
    expect(sandbox.peer('mx.good-tls.test').record.connections).toBe(0);
  });

  it('one MX dead and the other without TLS: the message must get on', async () => {
    expect(await deliver.send(to('dead-or-clear.test'))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { code: 'tls-not-offered' },
    });
  });

  it('the next MX is tried where one has no TLS', async () => {
    expect(await deliver.send(to('clear-or-good.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.good-tls.test' },
    });
    expectUntold(sandbox.peer('mx.no-tls.test'));
  });

  it('the most telling failure is reported', async () => {
    expect(await deliver.send(to('clear-or-wrong.test'))).toMatchObject({
      failure: { code: 'certificate-wrong-name' },
    });
  });

  it('an unknown user bounces with the peer’s status, and the connection goes on', async () => {
    const recipient = { local: 'nobody', domain: 'tls12.test' };
    expect(await deliver.send(to('tls12.test', { recipient }))).toMatchObject({
      kind: 'bounced',
      code: 'peer-refused',
      reply: { code: 550, enhanced: '5.1.1' },
    });
    expect(await deliver.send(to('tls12.test'))).toMatchObject({ kind: 'delivered' });
    expect(sandbox.peer('mx.tls12.test').record.handshakes).toBe(1);
  });

  it('greylisting is deferred twice, then taken', async () => {
    for (const kind of ['deferred', 'deferred', 'delivered']) {
      const recipient = { local: 'dan', domain: 'slow.test' };
      expect(await deliver.send(to('slow.test', { recipient }))).toMatchObject({ kind });
    }
  });

  it('a message larger than offered is not begun', async () => {
    const content = contentOf(Buffer.from(`Subject: x\r\n\r\n${'y'.repeat(5_000)}\r\n`));
    expect(await deliver.send(to('small.test', { content }))).toMatchObject({
      kind: 'bounced',
      code: 'message-too-large',
    });
    expect(sandbox.peer('mx.small.test').tlsBytes.toString()).not.toContain('MAIL');
  });

  it('a slow peer is waited for', async () => {
    expect(await deliver.send(to('tarpit.test'))).toMatchObject({ kind: 'delivered' });
  });

  it('a silent one is not waited for longer than the time allowed', async () => {
    const impatient = newDeliver({ timeouts: { ...TIMEOUTS, greeting: 50 } });
    expect(await impatient.send(to('tarpit.test'))).toMatchObject({ kind: 'deferred', code: 'timeout' });
  });
});

describe('connections that break', () => {
  it('after the end of content: deferred, and said to be perhaps there', async () => {
    expect(await deliver.send(to('drops-after-end.test'))).toMatchObject({
      kind: 'deferred',
      code: 'connection-lost',
      mayHaveArrived: true,
    });
    expect(sandbox.mailboxes.messages('anna@drops-after-end.test')).toHaveLength(1);
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
    expect(await deliver.send(to('drops-content.test', { content }))).toMatchObject({
      kind: 'deferred',
      code: 'connection-lost',
      mayHaveArrived: false,
    });
  });

  it('between messages: the next message goes over a fresh one, once and whole', async () => {
    const peer = sandbox.peer('mx.two-mx.test');
    expect(await deliver.send(to('two-mx.test'))).toMatchObject({ kind: 'delivered' });
    peer.dropConnections();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await deliver.send(to('two-mx.test'))).toMatchObject({ kind: 'delivered' });
    expect(peer.record).toMatchObject({ messages: 2, handshakes: 2 });
  });

  it('at the very moment the next message is begun', async () => {
    const peer = sandbox.peer('mx.two-mx.test');
    await deliver.send(to('two-mx.test'));
    const sending = deliver.send(to('two-mx.test'));
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
    await expect(deliver.send(to('two-mx.test', { content }))).rejects.toThrow('seal broken');
    expect(sandbox.peer('mx.two-mx.test').record.messages).toBe(0);
    expect(deliver.stats()).toMatchObject({ open: 0 });
  });
});

describe('kept connections', () => {
  it('carry many messages on one handshake, three commands in one write', async () => {
    for (let index = 0; index < 25; index += 1) await deliver.send(to('two-mx.test'));
    expect(sandbox.peer('mx.two-mx.test').record).toMatchObject({ handshakes: 1, messages: 25 });
    expect(sandbox.mailboxes.messages('anna@two-mx.test')).toHaveLength(25);
    expect(
      sandbox.mailboxes.messages('anna@two-mx.test')[24]?.bytes.equals(CONTENT.bytes ?? Buffer.alloc(0)),
    ).toBe(true);
    // With pipelining the peer reads RCPT before it has answered MAIL: its transcript still shows them in turn.
    const commands = sandbox.peer('mx.two-mx.test').transcript.filter((line) => line.startsWith('CS: DATA'));
    expect(commands).toHaveLength(25);
  });

  it('end after so many messages, and when the peer has had enough', async () => {
    const few = newDeliver({ limits: { messagesPerSession: 5 } });
    for (let index = 0; index < 11; index += 1) await few.send(to('two-mx.test'));
    expect(sandbox.peer('mx.two-mx.test').record.handshakes).toBe(3);
    for (let index = 0; index < 6; index += 1) {
      expect(await few.send(to('few.test'))).toMatchObject({ kind: 'delivered' });
    }
    expect(sandbox.peer('mx.few.test').record).toMatchObject({ messages: 6, handshakes: 3 });
  });

  it('end when idle', async () => {
    const brief = newDeliver({ limits: { idleMs: 40 } });
    await brief.send(to('two-mx.test'));
    expect(brief.stats()).toMatchObject({ idle: 1 });
    await expect.poll(() => brief.stats().open).toBe(0);
  });

  it('are bounded per destination; who must wait is served, and the destination is busy', async () => {
    const narrow = newDeliver({ limits: { perDestination: 2 } });
    const sends = Array.from({ length: 12 }, () => narrow.send(to('two-mx.test')));
    await expect.poll(() => narrow.busyDestinations()).toEqual(['two-mx.test']);
    expect((await Promise.all(sends)).every((result) => result.kind === 'delivered')).toBe(true);
    expect(sandbox.peer('mx.two-mx.test').record).toMatchObject({ connections: 2, messages: 12 });
    expect(narrow.busyDestinations()).toEqual([]);
  });

  it('are bounded in all, and a crowded destination does not starve another', async () => {
    const narrow = newDeliver({ limits: { perDestination: 4, total: 4 } });
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
    const narrow = newDeliver({ limits: { perDestination: 1, waitMs: 30 } });
    const first = narrow.send(to('tarpit.test'));
    expect(await narrow.send(to('tarpit.test'))).toMatchObject({
      kind: 'deferred',
      code: 'destination-busy',
    });
    expect(await first).toMatchObject({ kind: 'delivered' });
  });

  it('do not outlive the world they were made in', async () => {
    let profile = sandbox.profile;
    const moving = newDeliver({ network: () => profile });
    await moving.send(to('two-mx.test'));
    profile = { ...sandbox.profile, mayRoute: () => false };
    expect(await moving.send(to('two-mx.test'))).toMatchObject({ code: 'domain-not-routed' });
    await expect.poll(() => moving.stats().open).toBe(0);
  });

  it('close ends them, waits for what runs, and takes nothing more', async () => {
    const running = deliver.send(to('tarpit.test'));
    await expect.poll(() => sandbox.peer('mx.tarpit.test').record.handshakes).toBe(1);
    await deliver.close();
    expect(await running).toMatchObject({ kind: 'delivered' });
    expect(await deliver.send(to('two-mx.test'))).toMatchObject({ kind: 'deferred', code: 'system-fault' });
  });
});

describe('smart host', () => {
  const relay = (change: object = {}) => ({
    host: 'relay.clinic.test',
    port: sandbox.peer('relay.clinic.test').port,
    credentials: { user: 'clinic', password: 'sandbox relay' },
    implicitTls: false,
    ...change,
  });

  it.each(['PLAIN', 'LOGIN'])('takes all mail after AUTH %s inside verified TLS', async (mechanisms) => {
    const peer = sandbox.peer('relay.clinic.test');
    peer.behave({ auth: { user: 'clinic', password: 'sandbox relay', mechanisms } });
    const relayed = newDeliver({ smartHost: () => relay() });
    expect(await relayed.send(to('no-tls.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'relay.clinic.test', authenticatedBy: 'pkix' },
    });
    expect(peer.clearBytes.toString()).toBe('EHLO mail.clinic.test\r\nSTARTTLS\r\n');
    expect(peer.transcript.some((line) => line.startsWith(`CS: AUTH ${mechanisms}`))).toBe(true);
  });

  it('that refuses the password is a failure to talk, not a bounce of the message by its recipient', async () => {
    const relayed = newDeliver({
      smartHost: () => relay({ credentials: { user: 'clinic', password: 'wrong' } }),
    });
    expect(await relayed.send(to('no-tls.test'))).toMatchObject({
      kind: 'deferred',
      code: 'system-fault',
      reply: { code: 535 },
    });
  });

  it('is never told a password without verified TLS, not even for a notice', async () => {
    const peer = sandbox.peer('mx.wrong-cert.test');
    const relayed = newDeliver({ smartHost: () => relay({ host: peer.host, port: peer.port }) });
    const result = await relayed.send(to('no-tls.test', { tls: 'opportunistic' }));
    expect(result).toMatchObject({
      kind: 'protection-unavailable',
      failure: { code: 'certificate-wrong-name' },
    });
    expect(peer.tlsBytes.length).toBe(0);
  });
});
