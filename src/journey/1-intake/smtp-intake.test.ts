import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { Refusal } from '#core/errors';
import type { SmtpIntake } from './smtp-intake.ts';
import {
  begin,
  caller,
  dialPlain,
  dialTls,
  HEAD,
  opened,
  SIGN_IN,
  selfSigned,
  signedIn,
  startService,
} from './test-kit.ts';

const running: SmtpIntake[] = [];

async function start(...args: Parameters<typeof startService>) {
  const started = await startService(...args);
  running.push(started.service);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.close()));
});

describe('a session', () => {
  it('takes a message by implicit TLS and answers after the commit only', async () => {
    const { seen, submissions } = await start();
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    seen.beforeCommit = () => held;
    const client = await dialTls(submissions);
    expect(await client.reply()).toBe('220 mail.clinic.test ESMTP ready');
    const features = await client.say('EHLO client.test');
    for (const one of [
      'PIPELINING',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'AUTH PLAIN LOGIN',
      'SIZE 52428800',
      'REQUIRETLS',
    ])
      expect(features).toContain(one);
    expect(features).not.toMatch(/STARTTLS|XCLIENT|VRFY/);
    expect(await client.say(SIGN_IN)).toMatch(/^235 2\.7\.0/);
    await begin(client);
    client.write(`${HEAD}..dot\r\nGr\xfc\xdfe\r\n.\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.unread).toBe('');
    commit();
    expect(await client.reply()).toMatch(/^250 2\.6\.0 Accepted as [0-9a-f-]{36}$/);
    const [message] = seen.messages;
    if (message?.content.kind !== 'inline') throw new Error('not recorded');
    expect(message.source).toBe('smtp');
    expect(opened(message.content.sealed)).toMatch(/with ESMTPSA id[\s\S]*\r\n\r\n\.dot\r\nGr\xfc\xdfe\r\n$/);
    expect(await client.say('QUIT')).toMatch(/^221/);
    await client.closed;
  });

  it('keeps REQUIRETLS with the message, and a TLS-Required field has no say', async () => {
    const { seen, submissions, submission } = await start();
    const client = await signedIn(submissions);
    const send = async (parameter: string): Promise<void> => {
      expect(await client.say(`MAIL FROM:<lee@clinic.test>${parameter}`)).toMatch(/^250/);
      expect(await client.say('RCPT TO:<anna@good-tls.test>')).toMatch(/^250/);
      expect(await client.say('DATA')).toMatch(/^354/);
      client.write(`TLS-Required: No\r\n${HEAD}x\r\n.\r\n`);
      expect(await client.reply()).toMatch(/^250/);
    };
    await send(' REQUIRETLS');
    await send('');
    await send(' BODY=8BITMIME requiretls');
    expect(seen.messages.map(({ requireTls }) => requireTls)).toEqual([true, false, true]);
    expect(await client.say('MAIL FROM:<lee@clinic.test> REQUIRETLS=1')).toMatch(/^501/);
    const plain = await dialPlain(submission);
    await plain.reply();
    expect(await plain.say('EHLO client.test')).not.toContain('REQUIRETLS');
    expect(await plain.say('MAIL FROM:<lee@clinic.test> REQUIRETLS')).toMatch(/^5/);
  });

  it('greets at once', async () => {
    const { submission } = await start();
    const took: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const started = performance.now();
      const client = dialPlain(submission);
      await client.reply();
      took.push(performance.now() - started);
      client.end();
    }
    expect(Math.min(...took)).toBeLessThan(50);
  });

  it('offers AUTH only behind STARTTLS, and MAIL only after AUTH', async () => {
    const { submission } = await start();
    const client = dialPlain(submission);
    await client.reply();
    const plain = await client.say('EHLO client.test');
    expect(plain).toContain('STARTTLS');
    expect(plain).not.toContain('AUTH');
    expect(await client.say(SIGN_IN)).toMatch(/^5\d\d /);
    expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^530 5\.7\.0/);
    expect(await client.say('DATA')).toMatch(/^503/);
    expect(await client.say('STARTTLS')).toMatch(/^220/);
    await client.secure();
    // RFC 3207 §4.2: all that was said before is forgotten.
    expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^503/);
    const secured = await client.say('EHLO client.test');
    expect(secured).toContain('AUTH PLAIN LOGIN');
    expect(secured).not.toContain('STARTTLS');
    expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^530 5\.7\.0/);
    expect(await client.say('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    expect(await client.say(Buffer.from('user').toString('base64'))).toBe('334 UGFzc3dvcmQ6');
    expect(await client.say(Buffer.from('secret').toString('base64'))).toMatch(/^235/);
    await begin(client);
    client.write(`${HEAD}hello\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0/);
    client.end();
  });

  it('drops what was injected in clear behind STARTTLS', async () => {
    const { submission, seen } = await start();
    const client = dialPlain(submission);
    await client.reply();
    await client.say('EHLO client.test');
    client.write(
      'STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<lee@clinic.test>\r\nRCPT TO:<evil@good-tls.test>\r\n',
    );
    expect(await client.reply()).toMatch(/^220/);
    await client.secure();
    await client.say('EHLO client.test');
    expect(client.unread).toBe('');
    expect(await client.say(SIGN_IN)).toMatch(/^235/);
    expect(await client.say('RCPT TO:<x@good-tls.test>')).toMatch(/^503/);
    expect(seen.messages).toHaveLength(0);
    client.end();
  });

  it('takes pipelined commands in order', async () => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    const one =
      'MAIL FROM:<lee@clinic.test> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=x\r\nRCPT TO:<anna@good-tls.test> NOTIFY=FAILURE\r\nRCPT TO:<x@example.org>\r\nRCPT TO:<ben@no-tls.test>\r\nDATA\r\n';
    client.write(one);
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^550 5\.7\.1 .*sandbox/);
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.reply()).toMatch(/^354/);
    client.write(`${HEAD}one\r\n.\r\n${one.replace('RCPT TO:<x@example.org>\r\n', '')}`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0/);
    for (const code of [/^250/, /^250/, /^250/, /^354/]) expect(await client.reply()).toMatch(code);
    client.write(`${HEAD}two\r\n.\r\nQUIT\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0/);
    expect(await client.reply()).toMatch(/^221/);
    expect(seen.messages.map((message) => message.deliveries.length)).toEqual([2, 2]);
  });

  it('refuses wrong pairs, acting for others, and stops after three', async () => {
    const { submissions } = await start();
    const client = await dialTls(submissions);
    await client.reply();
    await client.say('EHLO client.test');
    const plain = (text: string): string => `AUTH PLAIN ${Buffer.from(text).toString('base64')}`;
    expect(await client.say(plain('\0user\0wrong'))).toMatch(/^535 5\.7\.8/);
    expect(await client.say(plain('admin\0user\0secret'))).toMatch(/^535 5\.7\.8/);
    expect(await client.say(plain('\0user\0'))).toMatch(/^421 4\.7\.0/);
    await client.closed;
  });

  it('says 454 while throttled or when the check itself fails', async () => {
    let throttled = true;
    const { submissions } = await start({
      authenticate: async () => {
        throw throttled ? new Refusal('too-many-requests') : new Error('database away');
      },
    });
    const client = await dialTls(submissions);
    await client.reply();
    await client.say('EHLO client.test');
    expect(await client.say(SIGN_IN)).toMatch(/^454 4\.7\.0 Too many tries/);
    throttled = false;
    expect(await client.say(SIGN_IN)).toMatch(/^454 4\.7\.0 Temporary/);
    client.end();
  });

  it('answers addresses that it does not take', async () => {
    const { submissions } = await start();
    const client = await signedIn(submissions);
    expect(await client.say('MAIL FROM:<>')).toMatch(/^550 5\.7\.1/);
    expect(await client.say('MAIL FROM:<x@other.test>')).toMatch(/^550 5\.7\.1/);
    expect(await client.say('MAIL FROM:<lee@[127.0.0.1]>')).toMatch(/^553 5\.1\.3/);
    expect(await client.say('MAIL FROM:<lee@clinic.test> SIZE=99999999999')).toMatch(/^552 5\.3\.4/);
    expect(await client.say('MAIL FROM:<lee@clinic.test> SMTPUTF8')).toMatch(/^250/);
    expect(await client.say('RCPT TO:<nobody>')).toMatch(/^5\d\d 5\./);
    expect(await client.say('RCPT TO:<x@127.0.0.1>')).toMatch(/^553 5\.1\.3/);
    client.write(Buffer.from('RCPT TO:<josé@xn--mnchen-3ya.test>\r\n'));
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.say('DATA')).toMatch(/^354/);
    client.write(`${HEAD}x\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0/);
    client.end();
  });
});

describe('limits and faults', () => {
  it('answers 552 to what is too large, after its end', async () => {
    const { seen, submissions } = await start({ bounds: { maxSize: 100_000 } });
    const client = await signedIn(submissions);
    await begin(client);
    client.write(`${HEAD}${`${'x'.repeat(76)}\r\n`.repeat(3000)}.\r\n`);
    expect(await client.reply()).toMatch(/^552 5\.3\.4/);
    expect(await client.say('NOOP')).toMatch(/^250/);
    expect(seen.messages).toHaveLength(0);
    client.end();
  });

  it('answers 452 below the disk reserve, at MAIL and at DATA', async () => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    seen.reserveOk = false;
    expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^452 4\.3\.1/);
    seen.reserveOk = true;
    expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^250/);
    expect(await client.say('RCPT TO:<anna@good-tls.test>')).toMatch(/^250/);
    seen.reserveOk = false;
    expect(await client.say('DATA')).toMatch(/^354/);
    client.write(`${HEAD}x\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^452 4\.3\.1/);
    expect(seen.messages).toHaveLength(0);
    client.end();
  });

  it('answers 451 when the commit fails, and nothing is acknowledged', async () => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    seen.recordFails = true;
    await begin(client);
    client.write(`${HEAD}x\r\n.\r\n`);
    const reply = await client.reply();
    expect(reply).toMatch(/^451 4\.3\.0/);
    expect(reply).not.toContain('secret');
    expect(seen.messages).toHaveLength(0);
    client.end();
  });

  it('records nothing when the client leaves in the middle', async () => {
    const { seen, submissions } = await start();
    for (const size of [10, 5000]) {
      const client = await signedIn(submissions);
      await begin(client);
      client.write(`${HEAD}${`${'x'.repeat(76)}\r\n`.repeat(size)}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      client.end();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.messages).toHaveLength(0);
  });

  it('bounds recipients, messages and connections', async () => {
    const { submissions } = await start({
      bounds: { maxRecipients: 2 },
      limits: { maxPerAddress: 2, maxMessagesPerConnection: 1 },
    });
    const client = await signedIn(submissions);
    await client.say('MAIL FROM:<lee@clinic.test>');
    await client.say('RCPT TO:<a@x.test>');
    await client.say('RCPT TO:<b@x.test>');
    expect(await client.say('RCPT TO:<c@x.test>')).toMatch(/^452 4\.5\.3/);
    const second = await signedIn(submissions);
    const third = await dialTls(submissions);
    expect(await third.reply()).toMatch(/^421 4\.7\.0/);
    await third.closed;
    await client.say('DATA');
    client.write(`${HEAD}x\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250/);
    expect(await client.say('MAIL FROM:<lee@clinic.test>')).toMatch(/^421 4\.7\.0/);
    await client.closed;
    second.end();
  });

  it.each(['MAIL', 'DATA'] as const)(
    'lets a client whose credentials ended send nothing more on an open connection (at %s)',
    async (at) => {
      let ended = false;
      const { submissions, seen } = await start({ authenticate: async () => (ended ? null : caller) });
      const client = await signedIn(submissions);
      if (at === 'DATA') {
        await client.say('MAIL FROM:<lee@clinic.test>');
        await client.say('RCPT TO:<anna@good-tls.test>');
      }
      ended = true;
      if (at === 'DATA') {
        expect(await client.say('DATA')).toMatch(/^354/);
        client.write(`${HEAD}x\r\n.\r\n`);
      } else client.write('MAIL FROM:<lee@clinic.test>\r\n');
      expect(await client.reply()).toMatch(/^421 4\.7\.0 Your credentials have ended/);
      await client.closed;
      expect(seen.messages).toHaveLength(0);
    },
  );

  it('hangs up on who does not sign in, and on who sends too slowly', async () => {
    const { submissions, seen } = await start({ limits: { signInMs: 150, dataMs: 150 } });
    const idle = await dialTls(submissions);
    await idle.reply();
    expect(await idle.reply()).toMatch(/^421 4\.4\.2/);
    await idle.closed;
    const slow = await signedIn(submissions);
    await begin(slow);
    slow.write(HEAD);
    expect(await slow.reply()).toMatch(/^421 4\.4\.2/);
    await slow.closed;
    expect(seen.messages).toHaveLength(0);
  });

  it('drains: finishes what is on its way in, refuses the rest', async () => {
    const { service, seen, submissions } = await startService();
    const idle = await signedIn(submissions);
    const busy = await signedIn(submissions);
    await begin(busy);
    busy.write(HEAD);
    const closing = service.close();
    expect(await idle.reply()).toMatch(/^421 4\.3\.2/);
    await expect(dialTls(submissions)).rejects.toThrow();
    busy.write('late\r\n.\r\n');
    expect(await busy.reply()).toMatch(/^250 2\.6\.0/);
    expect(await busy.reply()).toMatch(/^421/);
    const started = performance.now();
    await closing;
    expect(performance.now() - started).toBeLessThan(6000);
    expect(seen.messages).toHaveLength(1);
  });
});

describe('certificates and proxies', () => {
  it('reloads files, and keeps the old certificate when the new one is unusable', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sealpost-smtp-'));
    const certificate = { certificate: join(directory, 'c.pem'), key: join(directory, 'k.pem') };
    const put = async (name: string): Promise<void> => {
      const pair = await selfSigned(name);
      writeFileSync(certificate.certificate, pair.cert);
      writeFileSync(certificate.key, pair.key);
    };
    const subject = async (port: number): Promise<unknown> => {
      const client = await dialTls(port);
      const socket = client.socket as TLSSocket;
      const name = socket.getPeerCertificate().subject.CN;
      client.end();
      return name;
    };
    try {
      await put('one.test');
      const { service, submissions } = await start({ certificate });
      expect(await subject(submissions)).toBe('one.test');
      await put('two.test');
      expect(service.reloadCertificates()).toBe(true);
      expect(await subject(submissions)).toBe('two.test');
      writeFileSync(certificate.key, (await selfSigned('three.test')).key);
      expect(service.reloadCertificates()).toBe(false);
      expect(await subject(submissions)).toBe('two.test');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('offers nothing below TLS 1.2', async () => {
    const { submissions } = await start();
    const { connect } = await import('node:tls');
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(
        {
          port: submissions,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        () => resolve(false),
      );
      socket.on('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });

  it('believes a PROXY line of listed peers only', async () => {
    const addresses: string[] = [];
    const authenticate = async (_user: string, _secret: string, address: string) => {
      addresses.push(address);
      return null;
    };
    const run = async (trustedProxies: readonly string[]): Promise<string> => {
      const { submission } = await start({ authenticate, trustedProxies });
      const client = dialPlain(submission, 'PROXY TCP4 203.0.113.9 127.0.0.1 5555 25\r\n');
      const first = await client.reply();
      if (!first.startsWith('220')) return first;
      await client.say('EHLO client.test');
      if (!(await client.say('STARTTLS')).startsWith('220')) return 'no TLS';
      await client.secure();
      await client.say('EHLO client.test');
      const reply = await client.say(SIGN_IN);
      client.end();
      return reply;
    };
    expect(await run(['127.0.0.0/8'])).toMatch(/^535/);
    expect(addresses).toEqual(['203.0.113.9']);
    // Not listed: the line is no SMTP command.
    expect(await run(['10.0.0.0/8'])).not.toMatch(/^535/);
    expect(addresses).toHaveLength(1);
  });
});
