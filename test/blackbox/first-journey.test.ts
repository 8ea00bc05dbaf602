import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMINISTRATOR,
  type Administrator,
  type ApiKey,
  Browser,
  type DeliveryAnswer,
  type Mail,
  type MessageAnswer,
  mailbox,
  makeKey,
  readMessage,
  type SessionAnswer,
  setUp,
  totp,
  untilFinal,
  waitForMail,
} from '../support/api.ts';
import { httpDoor } from '../support/http-door.ts';
import { createBench, type Instance, until } from '../support/instance.ts';
import { expectCleanLog, faultsIn } from '../support/log-lines.ts';
import { PageBrowser } from '../support/page-browser.ts';

const SUBJECT = 'Transplant evaluation of Ottoline';
const TEXT = 'Dear Ottoline,\n\nyour creatinine is 1.9 and the crossmatch is negative.\n';
const SCAN = randomBytes(70_000);
const SCAN_NAME = 'ottoline-crossmatch.bin';
const REPLY = 'Thank you, I take cyclosporine twice a day.';
const REPLY_FILE = Buffer.from('cyclosporine diary of Ottoline');
const PERSONAL = ['ottoline', 'creatinine', 'cyclosporine', 'fairweather', 'crossmatch', 'herons'];

const bench = createBench();
afterAll(() => bench.close());

describe('from the first start to a reply', () => {
  let instance: Instance;
  let admin: Administrator;
  let key: ApiKey;
  let message: MessageAnswer;
  let notice: Mail;

  const copyFor = (to: string): DeliveryAnswer => {
    const found = message.deliveries.find((one) => one.to === to);
    if (found === undefined) throw new Error(`no copy for ${to}`);
    return found;
  };

  beforeAll(async () => {
    instance = await bench.start(bench.home());
  });

  it('sets up the administrator with the printed link', async () => {
    const browser = new Browser(instance.consoleUrl);
    expect(await browser.caller.ask('GET', '/v1/setup')).toMatchObject({ state: 'open' });
    const wrong = await browser.caller.call('POST', '/v1/setup/start', {
      token: 'x'.repeat(43),
      ...ADMINISTRATOR,
    });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    const weak = await browser.caller.call('POST', '/v1/setup/start', {
      token: instance.setupToken,
      ...ADMINISTRATOR,
      passphrase: 'password1234567',
    });
    expect(weak.status).toBe(422);
    admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    expect(admin.session).toMatchObject({
      mode: 'sandbox',
      identity: { address: ADMINISTRATOR.address, displayName: ADMINISTRATOR.displayName },
      organisation: { name: ADMINISTRATOR.organisationName },
    });
    expect(admin.recoveryCodes).toHaveLength(10);
    const session = await admin.browser.caller.ask<SessionAnswer>('GET', '/v1/session');
    expect(session.identity.id).toBe(admin.session.identity.id);
  });

  it('takes the link once only', async () => {
    const again = await new Browser(instance.consoleUrl).caller.call('POST', '/v1/setup/start', {
      token: instance.setupToken,
      ...ADMINISTRATOR,
    });
    expect(again.status).toBe(409);
    expect(await admin.browser.caller.ask('GET', '/v1/setup')).toMatchObject({ state: 'done' });
  });

  it('hands out a recovery kit and an API key', async () => {
    const kit = await admin.browser.caller.ask<{ content: string; code: string }>(
      'POST',
      '/v1/setup/recovery-kit',
      {},
    );
    expect(kit.code).toMatch(/\S{4}/);
    expect(kit.content).not.toContain(kit.code);
    key = await makeKey(admin);
    expect(key.secret).toContain(key.prefix);
    expect((await key.caller.call('GET', '/v1/session')).status).toBe(403); // a program is nobody's session
  });

  it('refuses unsafe requests of the session without the CSRF value', async () => {
    const body = { label: 'forged', permissions: ['messages:read'] };
    const forged = await admin.browser.caller.call('POST', '/v1/api-keys', body, { 'x-sealpost-csrf': 'x' });
    expect(forged.status).toBe(403);
    const elsewhere = await admin.browser.caller.call('POST', '/v1/api-keys', body, {
      origin: 'https://evil.example',
    });
    expect(elsewhere.status).toBe(403);
  });

  it('protects each of the five recipients in the way that fits', async () => {
    const accepted = await key.caller.ask<{ id: string }>('POST', '/v1/messages', {
      from: `Front Office <front.office@clinic.test>`,
      to: [
        'anna@good-tls.test',
        'ben@no-tls.test',
        'carla@wrong-cert.test',
        'dan@slow.test',
        'nobody@good-tls.test',
      ],
      subject: SUBJECT,
      text: TEXT,
      attachments: [{ name: SCAN_NAME, type: 'application/octet-stream', content: SCAN.toString('base64') }],
    });
    message = await untilFinal(key.caller, accepted.id);
    expect(message.deliveries.map(({ to, state, method }) => [to, state, method])).toEqual([
      ['anna@good-tls.test', 'delivered', 'tls'],
      ['ben@no-tls.test', 'portal-waiting', 'portal'],
      ['carla@wrong-cert.test', 'portal-waiting', 'portal'],
      ['dan@slow.test', 'delivered', 'tls'],
      ['nobody@good-tls.test', 'bounced', 'tls'],
    ]);
  });

  it('shows attempts, TLS and certificate of each', async () => {
    const [attempt] = copyFor('anna@good-tls.test').attempts;
    expect(attempt).toMatchObject({ result: 'delivered', tlsVersion: 'TLSv1.3', authenticatedBy: 'pkix' });
    expect(attempt?.certificate?.fingerprint).toMatch(/[0-9a-f]{2}/i);
    expect(copyFor('ben@no-tls.test').attempts.map(({ result }) => result)).toEqual([
      'protection-unavailable',
      'in-portal',
    ]);
    expect(copyFor('carla@wrong-cert.test').attempts[0]).toMatchObject({ result: 'protection-unavailable' });
    const slow = copyFor('dan@slow.test').attempts;
    expect(slow.map(({ result }) => result)).toEqual(['deferred', 'deferred', 'delivered']);
    expect(slow[0]?.reply?.code).toBe(451);
    expect(copyFor('nobody@good-tls.test').attempts.at(-1)?.reply).toMatchObject({
      code: 550,
      enhanced: '5.1.1',
    });
    const one = await key.caller.ask<DeliveryAnswer>('GET', `/v1/deliveries/${copyFor('dan@slow.test').id}`);
    expect(one.attempts).toHaveLength(3);
  });

  it('proves each protection with a signature that holds offline', async () => {
    for (const delivery of message.deliveries.filter((one) => one.hasProof)) {
      const proof = await key.caller.ask<{
        signed: string;
        signature: string;
        publicKey: string;
        record: { delivery: string; method: string; recipientDomain: string };
      }>('GET', `/v1/deliveries/${delivery.id}/proof`);
      const publicKey = createPublicKey({
        key: Buffer.from(proof.publicKey, 'base64'),
        format: 'der',
        type: 'spki',
      });
      const signature = Buffer.from(proof.signature, 'base64');
      expect(verify(null, Buffer.from(proof.signed), publicKey, signature)).toBe(true);
      const forged = proof.signed.replace('"tls"', '"none"').replace('"portal"', '"none"');
      expect(verify(null, Buffer.from(forged), publicKey, signature)).toBe(false);
      expect(JSON.parse(proof.signed)).toEqual(proof.record);
      expect(proof.record).toMatchObject({ delivery: delivery.id, method: delivery.method });
    }
    expect(message.deliveries.filter((one) => one.hasProof).map(({ to }) => to)).toEqual(
      expect.arrayContaining([
        'anna@good-tls.test',
        'ben@no-tls.test',
        'carla@wrong-cert.test',
        'dan@slow.test',
      ]),
    );
  });

  it('delivers whole messages by verified TLS and content-free notices otherwise', async () => {
    const whole = await waitForMail(key.caller, 'anna@good-tls.test', ({ subject }) => subject === SUBJECT);
    expect(whole.text).toContain('creatinine is 1.9');
    expect(whole.attachments).toMatchObject([{ name: SCAN_NAME, size: SCAN.length }]);
    expect(whole.headers.filter(({ name }) => name.toLowerCase() === 'dkim-signature')).toHaveLength(2);
    for (const to of ['ben@no-tls.test', 'carla@wrong-cert.test']) {
      const mail = await waitForMail(key.caller, to, () => true);
      const everything = JSON.stringify(mail).toLowerCase();
      for (const word of ['ottoline', 'creatinine', 'crossmatch', 'hillside', 'front.office'])
        expect(everything).not.toContain(word);
      expect(mail.attachments).toEqual([]);
      if (to === 'ben@no-tls.test') notice = mail;
    }
    const dsn = await waitForMail(key.caller, 'front.office@clinic.test', ({ from }) => from === '');
    expect(JSON.stringify(dsn).toLowerCase()).not.toMatch(/creatinine|ottoline/);
    expect(dsn.text).toContain('nobody@good-tls.test');
  });

  it('lets the recipient in with a mailed code, to read, download and answer, without script', async () => {
    const link = new URL(/https?:\/\/\S+\/m\/[\w-]+/.exec(notice.text)?.[0] ?? '');
    expect(link.origin).toBe(new URL(instance.portalUrl).origin);
    const door = httpDoor(instance.portalUrl);
    const browser = new PageBrowser(door);
    for (let scan = 0; scan < 3; scan += 1)
      await new PageBrowser(door, { keepsCookies: false }).get(link.pathname);
    await browser.get(link.pathname);
    expect(browser.page).not.toMatch(/ottoline|creatinine/i);
    await browser.press(link.pathname, {}, 'code');
    expect(browser.path).toBe('/code');
    const code = await waitForMail(key.caller, 'ben@no-tls.test', (mail) => mail.id !== notice.id);
    const digits = /\b(\d{3} ?\d{3})\b/.exec(code.text)?.[1]?.replace(' ', '') ?? '';
    expect(digits).toMatch(/^\d{6}$/);
    const before = await readMessage(key.caller, message.id);
    expect(before.deliveries.find(({ to }) => to === 'ben@no-tls.test')?.state).toBe('portal-waiting');
    await browser.press('/code', { code: digits === '000000' ? '111111' : '000000' });
    expect(browser.path).toBe('/code'); // a wrong code does not open
    await browser.press('/code', { code: digits });
    expect(browser.path).toMatch(/^\/messages\//);
    expect(browser.page).toContain(SUBJECT);
    expect(browser.page).toContain('creatinine is 1.9');
    const item = browser.path;
    const file = new RegExp(`"(${item}/attachments/\\d+)" download`).exec(browser.page)?.[1] ?? '';
    const octets = await door.octets(file, browser.cookies);
    expect(createHash('sha256').update(octets).digest('hex')).toBe(
      createHash('sha256').update(SCAN).digest('hex'),
    );

    await browser.get(`${item}/reply`);
    const token = /name="token" value="([^"]+)"/.exec(browser.page)?.[1] ?? '';
    const file2 = { name: 'diary.txt', type: 'text/plain', bytes: REPLY_FILE };
    await browser.pressMultipart(`${item}/reply`, { token, text: REPLY }, [file2]);
    expect(browser.path).toBe(`${item}/reply-sent`);
    // The one-time code is used up.
    const other = new PageBrowser(door);
    await other.get(link.pathname);
    await other.press(link.pathname, {}, 'code');
    await other.press('/code', { code: digits });
    expect(other.path).toBe('/code');
  });

  it('shows the sender that it was read, with receipt and reply', async () => {
    await until(
      async () => {
        message = await readMessage(key.caller, message.id);
        return message.replies.length === 1;
      },
      15_000,
      'the reply',
    );
    expect(copyFor('ben@no-tls.test').state).toBe('portal-read');
    expect(copyFor('ben@no-tls.test').portal?.firstReadAt).not.toBeNull();
    expect(copyFor('ben@no-tls.test').portal?.acts.map(({ act }) => act)).toEqual(
      expect.arrayContaining(['opened', 'downloaded', 'replied']),
    );
    const [reply] = message.replies;
    expect(reply?.from).toBe('ben@no-tls.test');
    const content = await key.caller.ask<{
      from: string;
      text: string;
      attachments: { name: string; index: number }[];
    }>('GET', `/v1/messages/${reply?.id}/content`);
    expect(content.text).toContain(REPLY);
    expect(content.from).toBe('ben@no-tls.test');
    const answer = await key.caller.ask<{ inReplyTo: string | null }>('GET', `/v1/messages/${reply?.id}`);
    expect(answer.inReplyTo).toBe(message.id);
    const [file] = content.attachments;
    expect(file?.name).toBe('diary.txt');
    const octets = await key.caller.octets(`/v1/messages/${reply?.id}/attachments/${file?.index}`);
    expect(octets).toEqual(REPLY_FILE);
    // In the sender's mailbox: the report about nobody@, the receipt, and the reply itself by verified TLS.
    const arrived = await waitForMail(key.caller, 'front.office@clinic.test', ({ from }) =>
      from.startsWith('portal-'),
    );
    expect(arrived.text).toContain(REPLY);
    expect(arrived.tlsVersion).toBe('TLSv1.3');
    expect(arrived.headers.find(({ name }) => name.toLowerCase() === 'from')?.value).toContain(
      'ben@no-tls.test',
    );
    const reports = (await mailbox(key.caller, 'front.office@clinic.test')).filter(
      ({ id }) => id !== arrived.id,
    );
    const subjects = reports.map(({ subject }) => subject);
    expect(subjects.sort()).toEqual(['Your message was not delivered', 'Your secure message was opened']);
  });

  it('signs in again with the second factor, once a code, and out', async () => {
    const browser = new Browser(instance.consoleUrl);
    const { address, passphrase } = ADMINISTRATOR;
    const begin = () =>
      browser.caller.ask<{ ceremony: string }>('POST', '/v1/sign-in', { address, passphrase });
    const wrong = await browser.caller.call('POST', '/v1/sign-in', {
      address,
      passphrase: 'not the right passphrase',
    });
    const unknown = await browser.caller.call('POST', '/v1/sign-in', {
      address: 'nobody.here@clinic.test',
      passphrase,
    });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const replayed = await browser.caller.call('POST', '/v1/sign-in/totp', {
      ...(await begin()),
      factors: undefined,
      expiresAt: undefined,
      code: admin.code,
    });
    expect(replayed.status).toBe(401);
    const { ceremony } = await begin();
    // Of the next time step, so that nobody has to wait for it: a code is good once.
    const code = totp(admin.totpSecret, 1);
    const session = await browser.caller.ask<SessionAnswer>('POST', '/v1/sign-in/totp', { ceremony, code });
    browser.csrf = session.csrf;
    const second = await begin();
    expect(
      (await browser.caller.call('POST', '/v1/sign-in/totp', { ceremony: second.ceremony, code })).status,
    ).toBe(401);
    expect((await browser.caller.call('GET', '/v1/session')).status).toBe(200);
    const cookies = new Map(browser.cookies);
    expect((await browser.caller.call('DELETE', '/v1/session')).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect((await browser.caller.call('GET', '/v1/session')).status).toBe(401); // also with the old cookie
  });

  it('has everything in the audit log, which is sound, and nothing personal in the log file', async () => {
    for (const action of [
      'organisation.created',
      'api-key.created',
      'message.accepted',
      'portal.signed-in',
      'session.refused',
    ]) {
      // By action: how many looks at messages stand in between depends on how often the steps before had to look.
      const path = `/v1/audit?action=${action}&limit=1`;
      const audit = await key.caller.ask<{ items: { action: string }[] }>('GET', path);
      expect(audit.items.map((one) => one.action)).toEqual([action]);
    }
    expect(await key.caller.ask('POST', '/v1/audit/verify', {})).toMatchObject({ ok: true, problems: [] });
    expectCleanLog(instance.log(), [...PERSONAL, key.secret]);
    expect(faultsIn(instance.log())).toEqual([]);
    expect(await instance.stop()).toBe(0);
    expectCleanLog(instance.log(), PERSONAL);
  });
});
