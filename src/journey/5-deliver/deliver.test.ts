import { describe, expect, it } from 'vitest';
import { contentOf } from '#platform/net';
import { CANARY, expectUntold, MESSAGE, TIMEOUTS, to, useSandbox } from './deliver-fixture.ts';

const fixture = useSandbox();

async function allOf(stream: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('a peer that meets the requirement', () => {
  it('gets the message octet for octet, and the attempt says how it was protected', async () => {
    const result = await fixture.deliver().send(to('good-tls.test'));
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
    const [mail] = await fixture.sandbox().mailboxes.waitFor('anna@good-tls.test', 1);
    expect(mail?.bytes.equals(MESSAGE)).toBe(true);
    expect(mail?.envelopeFrom).toBe('doc@clinic.test');
    expect(fixture.sandbox().peer('mx.good-tls.test').clearBytes.toString()).toBe(
      'EHLO mail.clinic.test\r\nSTARTTLS\r\n',
    );
  });

  it('may speak TLS 1.2, unless 1.3 is asked for', async () => {
    expect(await fixture.deliver().send(to('tls12.test'))).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion: 'TLSv1.2', authenticatedBy: 'pkix' },
    });
    fixture.sandbox().peer('mx.tls12.test').record.forget();
    const tls = { minimum: '1.3', authentication: 'verified' } as const;
    expect(await fixture.deliver().send(to('tls12.test', { tls }))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { method: 'tls', code: 'tls-version-too-low' },
    });
    expectUntold(fixture.sandbox().peer('mx.tls12.test'));
  });

  it('hears nothing of what is withdrawn before the envelope, and the connection serves the next one', async () => {
    const deliver = fixture.deliver();
    const withdrawn = to('good-tls.test', { stillWanted: async () => false });
    expect(await deliver.send(withdrawn)).toMatchObject({ kind: 'deferred', code: 'system-fault' });
    expectUntold(fixture.sandbox().peer('mx.good-tls.test'));
    const unknown = to('good-tls.test', { stillWanted: () => Promise.reject(new Error('nobody knows')) });
    await expect(deliver.send(unknown)).rejects.toThrow('nobody knows');
    expectUntold(fixture.sandbox().peer('mx.good-tls.test'));
    const wanted = to('good-tls.test', { stillWanted: async () => true });
    expect(await deliver.send(wanted)).toMatchObject({ kind: 'delivered' });
    expect(deliver.stats()).toMatchObject({ open: 1, connected: 1 });
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
    expect(await fixture.deliver().send(to('few.test', { content }))).toMatchObject({ kind: 'delivered' });
    const [mail] = fixture.sandbox().mailboxes.messages('anna@few.test');
    expect(mail?.bytes.equals(Buffer.concat(await allOf(content.open())))).toBe(true);
  });

  it('is found without MX, over IPv6, behind a dead MX and behind an alias', async () => {
    expect(await fixture.deliver().send(to('no-mx.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'no-mx.test' },
    });
    expect(await fixture.deliver().send(to('two-mx.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.two-mx.test' },
    });
    expect(await fixture.deliver().send(to('alias.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.good-tls.test' },
    });
    if (!fixture.sandbox().hasIpv6) {
      console.log('skipped: IPv6 peer, because this machine has no ::1');
      return;
    }
    expect(await fixture.deliver().send(to('six.test'))).toMatchObject({
      kind: 'delivered',
      transport: { address: '::1' },
    });
  });

  it('is not disturbed by missing extensions', async () => {
    expect(await fixture.deliver().send(to('plain.test', { eightBit: true }))).toMatchObject({
      kind: 'delivered',
    });
    const sent = fixture.sandbox().peer('mx.plain.test').transcript;
    expect(sent).toContain('CS: MAIL FROM:<doc@clinic.test>');
    const recipient = { local: 'änne', domain: 'plain.test' };
    expect(await fixture.deliver().send(to('plain.test', { recipient }))).toMatchObject({
      kind: 'bounced',
      code: 'smtputf8-not-supported',
    });
  });

  it('is told SIZE, 8BITMIME and SMTPUTF8 where it offers them', async () => {
    const recipient = { local: 'änne', domain: 'tls12.test' };
    expect(await fixture.deliver().send(to('tls12.test', { recipient, eightBit: true }))).toMatchObject({
      kind: 'delivered',
    });
    expect(fixture.sandbox().peer('mx.tls12.test').transcript).toContain(
      `CS: MAIL FROM:<doc@clinic.test> SIZE=${MESSAGE.length} BODY=8BITMIME SMTPUTF8`,
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
    const result = await fixture.deliver().send(to(domain));
    expect(result).toMatchObject({
      kind: 'protection-unavailable',
      failure: { method: 'tls', code, parameters: { host } },
      transport: { host, authenticatedBy: 'none' },
    });
    const peer = fixture.sandbox().peer(host);
    expect(peer.record.connections).toBe(1);
    expectUntold(peer);
  });

  it('also where the root is not trusted', async () => {
    const profile = { ...fixture.sandbox().profile, extraRoots: [] };
    const result = await fixture.newDeliver({ network: () => profile }).send(to('tls12.test'));
    expect(result).toMatchObject({ failure: { code: 'certificate-untrusted' } });
    expectUntold(fixture.sandbox().peer('mx.tls12.test'));
  });

  it('also when it behaved well a moment ago', async () => {
    const peer = fixture.sandbox().peer('mx.flapping.test');
    expect(await fixture.deliver().send(to('flapping.test'))).toMatchObject({ kind: 'delivered' });
    const told = (): number => peer.tlsBytes.toString().split(CANARY).length - 1;
    expect(told()).toBe(2); // in its subject and in its body, once
    expect(await fixture.deliver().send(to('flapping.test'))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { code: 'tls-not-offered' },
    });
    expect(peer.clearBytes.toString()).not.toMatch(/MAIL|canary/);
    expect(told()).toBe(2);
  });

  it('encrypted-only takes an unverified certificate, and says so', async () => {
    const tls = { minimum: '1.2', authentication: 'encrypted-only' } as const;
    expect(await fixture.deliver().send(to('wrong-cert.test', { tls }))).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion: 'TLSv1.3', authenticatedBy: 'none' },
    });
    expect(await fixture.deliver().send(to('no-tls.test', { tls }))).toMatchObject({
      kind: 'protection-unavailable',
    });
    expectUntold(fixture.sandbox().peer('mx.no-tls.test'));
    // What was opened for less must not carry what asks for more.
    expect(await fixture.deliver().send(to('wrong-cert.test'))).toMatchObject({
      kind: 'protection-unavailable',
    });
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
    expect(await fixture.deliver().send(notice(domain))).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion, authenticatedBy },
    });
    const [mail] = await fixture.sandbox().mailboxes.waitFor(`anna@${domain}`, 1);
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
    expect(await fixture.deliver().send(to(domain))).toMatchObject({ kind, code, mayHaveArrived: false });
  });

  it('a name that does not exist bounces', async () => {
    const profile = { ...fixture.sandbox().profile, mayRoute: () => true };
    const result = await fixture.newDeliver({ network: () => profile }).send(to('absent.test'));
    expect(result).toMatchObject({ kind: 'bounced', code: 'no-such-domain' });
  });

  it('an address that must not be connected to is not', async () => {
    const profile = { ...fixture.sandbox().profile, mayConnect: () => false };
    const result = await fixture.newDeliver({ network: () => profile }).send(to('good-tls.test'));
    expect(result).toMatchObject({ kind: 'deferred', code: 'connect-failed' });
    expect(fixture.sandbox().peer('mx.good-tls.test').record.connections).toBe(0);
  });

  it('one MX dead and the other without TLS: the message must get on', async () => {
    expect(await fixture.deliver().send(to('dead-or-clear.test'))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { code: 'tls-not-offered' },
    });
  });

  it('the next MX is tried where one has no TLS', async () => {
    expect(await fixture.deliver().send(to('clear-or-good.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.good-tls.test' },
    });
    expectUntold(fixture.sandbox().peer('mx.no-tls.test'));
  });

  it('the most telling failure is reported', async () => {
    expect(await fixture.deliver().send(to('clear-or-wrong.test'))).toMatchObject({
      failure: { code: 'certificate-wrong-name' },
    });
  });

  it('an unknown user bounces with the peer’s status, and the connection goes on', async () => {
    const recipient = { local: 'nobody', domain: 'tls12.test' };
    expect(await fixture.deliver().send(to('tls12.test', { recipient }))).toMatchObject({
      kind: 'bounced',
      code: 'peer-refused',
      reply: { code: 550, enhanced: '5.1.1' },
    });
    expect(await fixture.deliver().send(to('tls12.test'))).toMatchObject({ kind: 'delivered' });
    expect(fixture.sandbox().peer('mx.tls12.test').record.handshakes).toBe(1);
  });

  it('greylisting is deferred twice, then taken', async () => {
    for (const kind of ['deferred', 'deferred', 'delivered']) {
      const recipient = { local: 'dan', domain: 'slow.test' };
      expect(await fixture.deliver().send(to('slow.test', { recipient }))).toMatchObject({ kind });
    }
  });

  it('a message larger than offered is not begun', async () => {
    const content = contentOf(Buffer.from(`Subject: x\r\n\r\n${'y'.repeat(5_000)}\r\n`));
    expect(await fixture.deliver().send(to('small.test', { content }))).toMatchObject({
      kind: 'bounced',
      code: 'message-too-large',
    });
    expect(fixture.sandbox().peer('mx.small.test').tlsBytes.toString()).not.toContain('MAIL');
  });

  it('a slow peer is waited for', async () => {
    expect(await fixture.deliver().send(to('tarpit.test'))).toMatchObject({ kind: 'delivered' });
  });

  it('a silent one is not waited for longer than the time allowed', async () => {
    const impatient = fixture.newDeliver({ timeouts: { ...TIMEOUTS, greeting: 50 } });
    expect(await impatient.send(to('tarpit.test'))).toMatchObject({ kind: 'deferred', code: 'timeout' });
  });
});
