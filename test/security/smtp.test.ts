import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SmtpClient } from '../../prove/support/smtp-client.ts';
import {
  type Made,
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { countMessages, type Installation, rawExchange, startInstallation } from './installation.ts';

// Client certificates as a hospital's own authority issues them; the stranger's authority is not named to the system.
const CLIENT = { usage: ['digitalSignature'], purposes: ['1.3.6.1.5.5.7.3.2'] } as const;
const authority = makeAuthority('Clinic devices');
const stranger = makeAuthority('Clinic devices');
const scanner = makeCertificate({ name: 'scanner', issuer: authority, ...CLIENT });
const printer = makeCertificate({ name: 'printer', issuer: authority, ...CLIENT });
const feigned = makeCertificate({ name: 'scanner', issuer: stranger, ...CLIENT });

const directory = mkdtempSync(join(tmpdir(), 'sealpost-smtp-'));
let here: Installation;
let user = '';
beforeAll(async () => {
  writeFileSync(join(directory, 'clients.pem'), authority.pem);
  here = await startInstallation({ SEALPOST_CLIENT_CA: join(directory, 'clients.pem') });
  user = here.apiKey.split('_')[1] ?? '';
});
afterAll(async () => {
  await here?.close();
  rmSync(directory, { recursive: true, force: true });
});

const signedIn = () => SmtpClient.signedIn(here.submissions, user, here.apiKey);
const plainOf = (name: string, secret: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${name}\0${secret}`).toString('base64')}`;

describe('before TLS', () => {
  it('offers no AUTH, takes none, and takes no mail', async () => {
    const { client } = await SmtpClient.open(here.submission, false);
    const hello = await client.say('EHLO client.test');
    expect(hello).toMatch(/STARTTLS/);
    expect(hello).not.toMatch(/AUTH/);
    expect(await client.say(plainOf(user, here.apiKey))).toMatch(/^5\d\d/);
    expect(await client.say('MAIL FROM:<dr@clinic.test>')).toMatch(/^5\d\d/);
    client.close();
  });

  it('forgets what was said in clear after STARTTLS: nothing can be put in front of the secured session', async () => {
    const { client } = await SmtpClient.open(here.submission, false);
    await client.say('EHLO client.test');
    client.send('STARTTLS\r\nEHLO injected.test\r\nMAIL FROM:<dr@clinic.test>\r\n');
    expect(await client.reply()).toMatch(/^220/);
    // A reply that comes without a question would be the injected command's.
    const extra = await client.reply(500);
    expect(extra).toBe('');
    client.close();
  });

  it('speaks no TLS below 1.2', async () => {
    const refused = await new Promise<string>((resolve) => {
      const socket = connectTls(
        {
          host: '127.0.0.1',
          port: here.submissions,
          rejectUnauthorized: false,
          maxVersion: 'TLSv1.1',
          minVersion: 'TLSv1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        () => {
          resolve(`spoke ${socket.getProtocol()}`);
          socket.destroy();
        },
      );
      socket.on('error', () => resolve('refused'));
    });
    expect(refused).toBe('refused');
  });

  it('believes no PROXY line of a stranger', async () => {
    const said = await rawExchange(
      `http://127.0.0.1:${here.submission}`,
      'PROXY TCP4 198.51.100.7 127.0.0.1 1 25\r\nEHLO x\r\n',
      1_000,
    );
    expect(said).toMatch(/^220 [^\n]*\r\n5\d\d /);
  });
});

describe('without signing in', () => {
  it('relays nothing', async () => {
    const { client } = await SmtpClient.open(here.submissions, true);
    await client.say('EHLO client.test');
    expect(await client.say('MAIL FROM:<dr@clinic.test>')).toMatch(/^5(30|50) 5\.7\./);
    expect(await client.say('RCPT TO:<anna@good-tls.test>')).toMatch(/^5\d\d/);
    expect(await client.say('DATA')).toMatch(/^5\d\d/);
    expect(await client.say('VRFY anna')).toMatch(/^5\d\d/);
    expect(await client.say('EXPN staff')).toMatch(/^5\d\d/);
    client.close();
  });

  it('learns nothing of which users there are, and is cut off after some tries', async () => {
    const { client } = await SmtpClient.open(here.submissions, true);
    await client.say('EHLO client.test');
    const wrongSecret = await client.say(plainOf(user, `sp_${user}_${'x'.repeat(43)}`));
    const wrongUser = await client.say(plainOf('nobody', `sp_${'b'.repeat(12)}_${'x'.repeat(43)}`));
    expect(wrongSecret).toMatch(/^535 5\.7\.8/);
    expect(wrongUser).toBe(wrongSecret);
    let last = '';
    for (let count = 0; count < 20 && !client.ended; count += 1)
      last = (await client.say(plainOf(user, 'x'))) || last;
    expect(last).toMatch(/^4(21|54)/);
    client.close();
  });

  it('acts for nobody else: an authorisation identity is refused', async () => {
    const { client } = await SmtpClient.open(here.submissions, true);
    await client.say('EHLO client.test');
    const other = Buffer.from(`admin\0${user}\0${here.apiKey}`).toString('base64');
    expect(await client.say(`AUTH PLAIN ${other}`)).toMatch(/^(535|4)/);
    client.close();
  });
});

describe('a credential that is bound to a client certificate', () => {
  const shownOf = ({ pem, keyPem }: Made) => ({ cert: pem, key: keyPem });
  const spkiOf = ({ certificate }: Made): string => {
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('base64url');
  };
  const keyFor = async (certificate: object): Promise<string> => {
    const made = await here.console.ask('POST', '/v1/api-keys', {
      headers: { 'x-sealpost-csrf': here.csrf },
      body: { label: 'Scanner', permissions: ['messages:send'], certificate },
    });
    expect(made.status).toBe(201);
    return made.json<{ secret: string }>().secret;
  };
  const nameOf = (secret: string): string => secret.split('_')[1] ?? '';

  /** What AUTH is answered on either port, with what the client shows of itself. */
  async function answers(secret: string, shown: Made | null): Promise<string[]> {
    const said: string[] = [];
    for (const [port, secure] of [
      [here.submissions, true],
      [here.submission, false],
    ] as const) {
      const { client } = await SmtpClient.open(port, secure, shown && shownOf(shown));
      await client.say('EHLO scanner.test');
      if (!secure) {
        await client.startTls();
        await client.say('EHLO scanner.test');
      }
      const auth = await client.say(plainOf(nameOf(secret), secret));
      const mail = await client.say('MAIL FROM:<dr@clinic.test>');
      said.push(`${auth.slice(0, 3)} ${mail.slice(0, 3)}`);
      client.close();
    }
    return said;
  }
  const [TAKEN, REFUSED] = [
    ['235 250', '235 250'],
    ['535 530', '535 530'],
  ];

  it('by its public key: is taken with it, and refused without, and with another one', async () => {
    const secret = await keyFor({ spki: spkiOf(scanner) });
    expect(await answers(secret, scanner)).toEqual(TAKEN);
    expect(await answers(secret, null)).toEqual(REFUSED);
    expect(await answers(secret, printer)).toEqual(REFUSED);
    expect(await answers(secret, feigned)).toEqual(REFUSED);
  });

  it('by its names: only where an authority that was named vouches for them', async () => {
    const { issuer, subject } = scanner.certificate.x509;
    const secret = await keyFor({ issuer, subject });
    expect(await answers(secret, scanner)).toEqual(TAKEN);
    expect(await answers(secret, null)).toEqual(REFUSED);
    expect(await answers(secret, printer)).toEqual(REFUSED);
    expect(feigned.certificate.x509).toMatchObject({ issuer, subject });
    expect(await answers(secret, feigned)).toEqual(REFUSED);
  });

  it('is not opened by the certificate alone: SASL EXTERNAL is neither offered nor taken', async () => {
    const secret = await keyFor({ spki: spkiOf(scanner) });
    const { client } = await SmtpClient.open(here.submissions, true, shownOf(scanner));
    expect(await client.say('EHLO scanner.test')).not.toMatch(/EXTERNAL/);
    const identity = Buffer.from(nameOf(secret)).toString('base64');
    expect(await client.say(`AUTH EXTERNAL ${identity}`)).toMatch(/^504/);
    expect(await client.say(plainOf(nameOf(secret), 'wrong'))).toMatch(/^535/);
    expect(await client.say('MAIL FROM:<dr@clinic.test>')).toMatch(/^530/);
    client.close();
  });
});

describe('signed in', () => {
  it('sends from its own domains and, in the sandbox, to sandbox addresses only', async () => {
    const client = await signedIn();
    expect(await client.say('MAIL FROM:<dr@elsewhere.test>')).toMatch(/^550 5\.7\.1/);
    expect(await client.say('MAIL FROM:<>')).toMatch(/^550 5\.7\.1/);
    expect(await client.say('MAIL FROM:<dr@clinic.test>')).toMatch(/^250/);
    expect(await client.say('RCPT TO:<someone@example.com>')).toMatch(/^550 5\.7\.1/);
    expect(await client.say('RCPT TO:<@good-tls.test:someone@example.com>')).toMatch(/^5/);
    expect(await client.say('RCPT TO:<someone%example.com@good-tls.test>')).toMatch(/^[25]/);
    client.close();
  });

  const ends = [
    ['\n.\n', 'a dot between bare line feeds'],
    ['\r\n.\n', 'a dot with a bare line feed after it'],
    ['\n.\r\n', 'a dot with a bare line feed before it'],
    ['\r.\r', 'a dot between bare carriage returns'],
    ['\r\n.\r', 'a dot with a bare carriage return after it'],
    ['\r.\r\n', 'a dot with a bare carriage return before it'],
    ['\r\n\0.\r\n', 'a dot after a NUL'],
  ] as const;
  it.each(ends)('takes %j for no end of a message (%s)', async (end) => {
    const before = await countMessages(here);
    const client = await signedIn();
    await client.say('MAIL FROM:<dr@clinic.test>');
    await client.say('RCPT TO:<anna@good-tls.test>');
    expect(await client.say('DATA')).toMatch(/^354/);
    client.send(
      `From: dr@clinic.test\r\nSubject: outer\r\n\r\nouter${end}MAIL FROM:<ceo@clinic.test>\r\nRCPT TO:<anna@good-tls.test>\r\nDATA\r\nFrom: ceo@clinic.test\r\nSubject: smuggled\r\n\r\ninner\r\n.\r\n`,
    );
    // One message, one reply; what looks like commands was content, and content with such line ends is refused.
    expect(await client.reply()).toMatch(/^5\d\d/);
    expect(await client.say('NOOP')).toMatch(/^250/);
    expect(await client.reply(300)).toBe('');
    expect(await countMessages(here)).toBe(before);
    client.close();
  });

  it('takes the same octets with proper line ends as one message', async () => {
    const before = await countMessages(here);
    const client = await signedIn();
    const content =
      'From: dr@clinic.test\r\nSubject: outer\r\n\r\nouter\r\n..\r\nMAIL FROM:<ceo@clinic.test>\r\n';
    expect(await client.message('dr@clinic.test', ['anna@good-tls.test'], content)).toMatch(/^250/);
    expect(await countMessages(here)).toBe(before + 1);
    client.close();
  });

  it('cannot put header fields or commands into an address', async () => {
    const client = await signedIn();
    await client.say('MAIL FROM:<dr@clinic.test>');
    for (const address of [
      'anna@good-tls.test\0',
      '"anna\\\r"@good-tls.test',
      'anna@good-tls.test,spy@good-tls.test',
      `${'x'.repeat(2_000)}@good-tls.test`,
    ]) {
      client.send(`RCPT TO:<${address}>\r\n`);
      expect(await client.reply(), address.slice(0, 40)).toMatch(/^[45]\d\d/);
      while ((await client.reply(150)) !== '');
    }
    // None of them has become a recipient.
    expect(await client.say('DATA')).toMatch(/^5\d\d/);
    client.close();
  });

  it('is refused malformed and too deep content, and too many errors end the connection', async () => {
    const client = await signedIn();
    const send = (content: string) => client.message('dr@clinic.test', ['anna@good-tls.test'], content);
    expect(await send('From: dr@clinic.test\r\nSubject: x\r\nnot a field\r\n\r\nx')).toMatch(/^5/);
    expect(await send(`From: dr@clinic.test\r\nSubject: ${'x'.repeat(300_000)}\r\n\r\nx`)).toMatch(/^5/);
    let said = '';
    for (let count = 0; count < 60 && !client.ended; count += 1)
      said = (await client.say('NONSENSE')) || said;
    expect(said).toMatch(/^(421|500|502)/);
    client.close();
    expect(await (await signedIn()).say('NOOP')).toMatch(/^250/);
  });

  it('keeps serving when a client goes in the middle', async () => {
    const before = await countMessages(here);
    const client = await signedIn();
    await client.say('MAIL FROM:<dr@clinic.test>');
    await client.say('RCPT TO:<anna@good-tls.test>');
    await client.say('DATA');
    client.send('Subject: cut\r\n\r\nhalf of it');
    client.close();
    const again = await signedIn();
    expect(
      await again.message(
        'dr@clinic.test',
        ['anna@good-tls.test'],
        'From: dr@clinic.test\r\nSubject: whole\r\n\r\nx',
      ),
    ).toMatch(/^250/);
    expect(await countMessages(here)).toBe(before + 1);
    again.close();
  });
});
