import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiKey, makeKey, readMessage, setUp, untilFinal, waitForMail } from '../support/api.ts';
import { createBench, type Instance } from '../support/instance.ts';
import { expectCleanLog, faultsIn } from '../support/log-lines.ts';
import { SmtpTalk } from '../support/smtp-talk.ts';

const FROM = 'lab@clinic.test';
const bench = createBench();
afterAll(() => bench.close());

const mail = (subject: string, body: string, more: readonly string[] = []): string =>
  [
    `From: Laboratory <${FROM}>`,
    'To: anna@good-tls.test',
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    ...(more.length === 0
      ? ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit']
      : more),
    '',
    body,
  ].join('\r\n');

describe('submission by SMTP', () => {
  let instance: Instance;
  let key: ApiKey;
  let readOnly: ApiKey;

  beforeAll(async () => {
    instance = await bench.start(bench.home());
    const admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    key = await makeKey(admin);
    readOnly = await makeKey(admin, ['messages:read']);
  });

  /** Signed in, by STARTTLS. */
  const client = async (): Promise<SmtpTalk> => {
    const talk = await SmtpTalk.open(instance.submission, 'plain');
    await talk.say('EHLO lab.clinic.test');
    await talk.secure();
    await talk.say('EHLO lab.clinic.test');
    expect((await talk.signIn(key.prefix, key.secret)).code).toBe(235);
    return talk;
  };
  const idOf = (lines: readonly string[]): string =>
    /Accepted as ([0-9a-f-]{36})/.exec(lines.join(' '))?.[1] ?? '';
  const deliver = async (talk: SmtpTalk, to: string, text: string, parameters = ''): Promise<string> => {
    expect((await talk.say(`MAIL FROM:<${FROM}>${parameters}`)).code).toBe(250);
    expect((await talk.say(`RCPT TO:<${to}>`)).code).toBe(250);
    expect((await talk.say('DATA')).code).toBe(354);
    await talk.write(`${text}\r\n.\r\n`);
    const end = await talk.reply();
    expect(end, end.lines.join(' ')).toMatchObject({ code: 250 });
    return idOf(end.lines);
  };

  it('offers TLS first, and AUTH only under it', async () => {
    const talk = await SmtpTalk.open(instance.submission, 'plain');
    const clear = await talk.say('EHLO lab.clinic.test');
    expect(clear.lines).toContain('STARTTLS');
    expect(clear.lines.join(' ')).not.toContain('AUTH');
    expect((await talk.signIn(key.prefix, key.secret)).code).toBeGreaterThanOrEqual(500);
    expect((await talk.say(`MAIL FROM:<${FROM}>`)).code).toBe(530);
    await talk.secure();
    const secure = (await talk.say('EHLO lab.clinic.test')).lines;
    for (const extension of ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'])
      expect(secure).toContain(extension);
    expect(secure.some((line) => /^AUTH .*PLAIN/.test(line))).toBe(true);
    expect(secure.some((line) => /^SIZE \d{7,}$/.test(line))).toBe(true);
    expect(secure).not.toContain('STARTTLS');
    const unknown = await talk.say(`MAIL FROM:<${FROM}>`);
    expect(unknown).toMatchObject({ code: 530 });
    expect(unknown.lines[0]).toMatch(/^5\.7\.0 /);
    talk.end();
  });

  it('refuses wrong passwords, and keys that may not send', async () => {
    const talk = await SmtpTalk.open(instance.submissions, 'tls');
    await talk.say('EHLO lab.clinic.test');
    expect((await talk.signIn(key.prefix, `${key.secret.slice(0, -1)}x`)).code).toBe(535);
    expect((await talk.signIn(readOnly.prefix, readOnly.secret)).code).toBe(535);
    talk.end();
  });

  it('accepts by implicit TLS with AUTH LOGIN, and delivers', async () => {
    const talk = await SmtpTalk.open(instance.submissions, 'tls');
    await talk.say('EHLO lab.clinic.test');
    expect((await talk.say('AUTH LOGIN')).code).toBe(334);
    expect((await talk.say(Buffer.from(key.prefix).toString('base64'))).code).toBe(334);
    expect((await talk.say(Buffer.from(key.secret).toString('base64'))).code).toBe(235);
    const id = await deliver(talk, 'anna@good-tls.test', mail('Implicit', 'Größe 8 µm.'), ' BODY=8BITMIME');
    talk.end();
    expect((await untilFinal(key.caller, id)).deliveries).toMatchObject([
      { state: 'delivered', method: 'tls' },
    ]);
    const arrived = await waitForMail(
      key.caller,
      'anna@good-tls.test',
      ({ subject }) => subject === 'Implicit',
    );
    expect(arrived.text).toContain('Größe 8 µm.');
  });

  it('takes a pipelined transaction in one write', async () => {
    const talk = await client();
    await talk.write(
      `MAIL FROM:<${FROM}> SIZE=400\r\nRCPT TO:<anna@good-tls.test>\r\nRCPT TO:<eve@good-tls.test>\r\nDATA\r\n`,
    );
    const codes = [];
    for (let count = 0; count < 4; count += 1) codes.push((await talk.reply()).code);
    expect(codes).toEqual([250, 250, 250, 354]);
    await talk.write(`${mail('Pipelined', 'One.\r\n..dot')}\r\n.\r\nRSET\r\nNOOP\r\n`);
    const end = await talk.reply();
    expect(end.code).toBe(250);
    expect([(await talk.reply()).code, (await talk.reply()).code]).toEqual([250, 250]);
    talk.end();
    const message = await untilFinal(key.caller, idOf(end.lines));
    expect(message.deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });

  it('carries international addresses and headers (SMTPUTF8)', async () => {
    const talk = await client();
    const id = await deliver(
      talk,
      'пациент@good-tls.test',
      mail('Ergebnis für Ünal 結果', 'Alles gut.'),
      ' SMTPUTF8',
    );
    talk.end();
    const message = await untilFinal(key.caller, id);
    expect(message.subject).toBe('Ergebnis für Ünal 結果');
    const [delivery] = message.deliveries;
    expect(delivery?.to).toBe('пациент@good-tls.test');
    expect(delivery).toMatchObject({ state: 'delivered', method: 'tls' });
  });

  it('refuses strangers as senders, foreign domains in the sandbox, too much, and smuggled line ends', async () => {
    const talk = await client();
    expect(await talk.say('MAIL FROM:<boss@elsewhere.test>')).toMatchObject({ code: 550 });
    expect(await talk.say(`MAIL FROM:<${FROM}> SIZE=999999999999`)).toMatchObject({ code: 552 });
    expect((await talk.say(`MAIL FROM:<${FROM}>`)).code).toBe(250);
    expect((await talk.say('RCPT TO:<someone@example.com>')).code).toBe(550);
    expect((await talk.say('RCPT TO:<anna@good-tls.test>')).code).toBe(250);
    expect((await talk.say('DATA')).code).toBe(354);
    await talk.write(`${mail('Smuggled', 'a\n.\nMAIL FROM:<x@clinic.test>')}\r\n.\r\n`);
    const end = await talk.reply();
    expect(end).toMatchObject({ code: 550 });
    expect(end.lines[0]).toMatch(/^5\.6\.11 /);
    expect((await talk.say('QUIT')).code).toBe(221);
  });

  it('streams a 20 MB attachment without growing by it', async () => {
    const head = mail('Scan', '', ['Content-Type: multipart/mixed; boundary="part"']);
    const opening = [
      `${head}--part`,
      'Content-Type: application/dicom',
      'Content-Disposition: attachment; filename="scan.dcm"',
      'Content-Transfer-Encoding: base64',
      '\r\n',
    ].join('\r\n');
    const memory = () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${instance.pid}/status`, 'utf8'))?.[1]) / 1024;
    const talk = await client();
    const send = async (file: Buffer): Promise<string> => {
      const rows = file.toString('base64').match(/.{1,76}/g) ?? [];
      expect((await talk.say(`MAIL FROM:<${FROM}>`)).code).toBe(250);
      expect((await talk.say('RCPT TO:<ben@no-tls.test>')).code).toBe(250);
      expect((await talk.say('DATA')).code).toBe(354);
      await talk.write(opening);
      for (let row = 0; row < rows.length; row += 5000)
        await talk.write(`${rows.slice(row, row + 5000).join('\r\n')}\r\n`);
      await talk.write('--part--\r\n.\r\n');
      const end = await talk.reply();
      expect(end.code, end.lines.join(' ')).toBe(250);
      const id = idOf(end.lines);
      expect((await untilFinal(key.caller, id)).deliveries).toMatchObject([{ state: 'portal-waiting' }]);
      return id;
    };
    await send(randomBytes(6 << 20)); // buffers and code of the first large message stay
    const before = memory();
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, memory());
    }, 20);
    const file = randomBytes(20 << 20);
    const id = await send(file).finally(() => clearInterval(watch));
    talk.end();
    console.log(`20 MB attachment: ${Math.round(before)} MB before, ${Math.round(peak)} MB at most`);
    expect(peak - before).toBeLessThan(100);
    const octets = await key.caller.octets(`/v1/messages/${id}/attachments/0`);
    const hash = (of: Buffer) => createHash('sha256').update(of).digest('hex');
    expect(hash(octets)).toBe(hash(file));
  });

  it('works with a foreign client', async (context) => {
    if (spawnSync('swaks', ['--version']).error !== undefined) {
      return context.skip('swaks is not installed (apt-get install swaks)');
    }
    if (!spawnSync('swaks', ['--support'], { encoding: 'utf8' }).stdout.includes('TLS supported')) {
      return context.skip('swaks cannot speak TLS here (apt-get install libnet-ssleay-perl)');
    }
    for (const [port, security] of [
      [instance.submission, '--tls'],
      [instance.submissions, '--tls-on-connect'],
    ] as const) {
      const ran = spawnSync(
        'swaks',
        [
          ...['--server', `127.0.0.1:${port}`, security, '--pipeline'],
          ...['--auth', 'PLAIN', '--auth-user', key.prefix, '--auth-password', key.secret],
          ...[
            '--from',
            FROM,
            '--to',
            'anna@good-tls.test',
            '--header',
            `Subject: Swaks ${security}`,
            '--body',
            'Hello',
          ],
        ],
        { encoding: 'utf8', timeout: 30_000 },
      );
      expect(ran.status, `${ran.stdout}${ran.stderr}`).toBe(0);
      await waitForMail(key.caller, 'anna@good-tls.test', ({ subject }) => subject === `Swaks ${security}`);
    }
  });

  it('leaves no trace of anybody in the log', async () => {
    const list = await key.caller.ask<{ items: { id: string }[] }>('GET', '/v1/messages?limit=1');
    expect((await readMessage(key.caller, list.items[0]?.id ?? '')).from).toBe(FROM);
    expectCleanLog(instance.log(), ['anna', 'пациент', 'implicit', 'ergebnis', key.secret]);
    expect(faultsIn(instance.log())).toEqual([]);
    expect(await instance.stop()).toBe(0);
  });
});
