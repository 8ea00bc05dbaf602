import { afterEach, describe, expect, it } from 'vitest';
import type { SmtpIntake } from './smtp-intake.ts';
import { begin, HEAD, opened, signedIn, startService } from './test-kit.ts';

const running: SmtpIntake[] = [];

async function start(...args: Parameters<typeof startService>) {
  const started = await startService(...args);
  running.push(started.service);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.close()));
});

describe('smuggling', () => {
  // Sequences that one server or another has taken for the end of data.
  const ENDS: readonly (readonly [string, string])[] = [
    ['LF . LF', '\n.\n'],
    ['LF . CRLF', '\n.\r\n'],
    ['CRLF . LF', '\r\n.\n'],
    ['CR . CR', '\r.\r'],
    ['CR . LF', '\r.\n'],
    ['CR . CRLF', '\r.\r\n'],
    ['LF . CR', '\n.\r'],
    ['CRLF . CR', '\r\n.\r'],
    ['CR CRLF . CRLF', '\r\r\n.\r\n'],
    ['CRLF . CR CRLF', '\r\n.\r\r\n'],
    ['LF LF . LF', '\n\n.\n'],
    ['CRLF NUL . CRLF', '\r\n\0.\r\n'],
    ['CRLF . NUL CRLF', '\r\n.\0\r\n'],
  ];

  it.each(ENDS)('%s ends nothing, and the message is refused', async (_, sequence) => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    await begin(client);
    client.write(
      `${HEAD}first${sequence}MAIL FROM:<lee@clinic.test>\r\nRCPT TO:<anna@good-tls.test>\r\nDATA\r\n${HEAD}second\r\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    const early = client.unread;
    client.write('\r\n.\r\n');
    // "CR CRLF . CRLF" holds a true end of data: the refusal comes there, and what follows are commands.
    if (sequence === '\r\r\n.\r\n') expect(early).toMatch(/^550 5\.6\.11/);
    else expect(early).toBe('');
    expect(await client.reply()).toMatch(sequence.includes('\0') ? /^550 5\.6\.0/ : /^550 5\.6\.11/);
    expect(
      seen.messages.filter(
        (message) => message.content.kind !== 'inline' || !opened(message.content.sealed).includes('second'),
      ),
    ).toHaveLength(0);
    expect(seen.messages.length).toBeLessThanOrEqual(sequence === '\r\r\n.\r\n' ? 1 : 0);
    client.end();
  });

  it.each(ENDS)('%s at the very start of data ends nothing', async (_, sequence) => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    await begin(client);
    const start0 = sequence.replace(/^[\r\n]+/, '');
    if (start0 === '.\r\n') return client.end(); // the true end of an empty message
    for (const octet of start0) {
      client.write(octet);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    client.write(`${HEAD}x\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(client.unread).toBe('');
    client.write('.\r\n');
    expect(await client.reply()).toMatch(/^550 5\.6\./);
    expect(seen.messages).toHaveLength(0);
    client.end();
  });

  it('finds the end of data however the octets are cut, and no other', async () => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    await begin(client);
    for (const octet of `${HEAD}a\r\n..\r\n...\r\n.\r\n`) {
      client.write(octet);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await client.reply()).toMatch(/^250 2\.6\.0/);
    const [message] = seen.messages;
    if (message?.content.kind !== 'inline') throw new Error('not recorded');
    expect(opened(message.content.sealed)).toMatch(/\r\n\r\na\r\n\.\r\n\.\.\r\n$/);
    client.end();
  });

  it('refuses a bare LF deep in a large message and keeps the connection in step', async () => {
    const { seen, submissions } = await start();
    const client = await signedIn(submissions);
    await begin(client);
    client.write(
      `${HEAD}${`${'x'.repeat(76)}\r\n`.repeat(5000)}a\nb\r\n${`${'x'.repeat(76)}\r\n`.repeat(5000)}.\r\n`,
    );
    expect(await client.reply()).toMatch(/^550 5\.6\.11/);
    await begin(client);
    client.write(`${HEAD}fine\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0/);
    expect(seen.messages).toHaveLength(1);
    client.end();
  });
});
