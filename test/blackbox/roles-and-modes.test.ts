import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbedded } from '../../src/platform/database/embedded-launcher.ts';
import { selfSignedCertificate } from '../../src/platform/keyring/self-signed.ts';
import { startDns } from '../../src/sandbox/dns-server.ts';
import {
  type AcceptedAnswer,
  type Administrator,
  type ApiKey,
  makeKey,
  readMessage,
  type SessionAnswer,
  setUp,
  untilFinal,
  waitForMail,
  withKey,
} from '../support/api.ts';
import { createBench, type Instance, until } from '../support/instance.ts';
import { expectCleanLog, faultsIn } from '../support/log-lines.ts';
import { fetchToken, invite, watchElsewhere, watchToken } from '../support/revocation.ts';
import { SmtpTalk } from '../support/smtp-talk.ts';

const bench = createBench();
afterAll(() => bench.close());

const draft = (to: string, more: object = {}) => ({
  from: 'desk@clinic.test',
  to: [to],
  subject: 'Appointment of Philippa',
  text: 'Philippa is seen on Monday.',
  ...more,
});

describe('certificates by file', () => {
  const tlsTo = (port: number): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(socket));
      socket.once('error', reject);
    });
  const nameAt = async (port: number): Promise<string> => {
    const socket = await tlsTo(port);
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };

  it('serves them, and takes new ones on SIGHUP without dropping anybody', async () => {
    const home = bench.home();
    const files = { cert: join(home, 'server.crt'), key: join(home, 'server.key') };
    const place = async (name: string): Promise<void> => {
      const pair = await selfSignedCertificate(name, new Date());
      writeFileSync(`${files.key}.new`, pair.key, { mode: 0o600 });
      writeFileSync(`${files.cert}.new`, pair.cert);
      renameSync(`${files.key}.new`, files.key);
      renameSync(`${files.cert}.new`, files.cert);
    };
    await place('first.clinic.test');
    const instance = await bench.start(home, {
      SEALPOST_HTTP_CERT: files.cert,
      SEALPOST_HTTP_KEY: files.key,
      SEALPOST_SMTP_CERT: files.cert,
      SEALPOST_SMTP_KEY: files.key,
    });
    expect(instance.consoleUrl).toMatch(/^https:/);
    const ports = [
      Number(new URL(instance.consoleUrl).port),
      Number(new URL(instance.portalUrl).port),
      instance.submissions,
    ];
    for (const port of ports) expect(await nameAt(port)).toBe('first.clinic.test');
    const kept = await SmtpTalk.open(instance.submissions, 'tls');
    await place('second.clinic.test');
    instance.signal('SIGHUP');
    for (const port of ports)
      await until(async () => (await nameAt(port)) === 'second.clinic.test', 5_000, 'the new certificate');
    expect((await kept.say('EHLO still.here')).code).toBe(250);
    kept.end();
    writeFileSync(files.cert, 'not a certificate');
    instance.signal('SIGHUP');
    await until(() => /certificate-unusable/.test(instance.log()), 5_000, 'the warning');
    for (const port of ports) expect(await nameAt(port)).toBe('second.clinic.test');
    expectCleanLog(instance.log(), []);
    expect(await instance.stop()).toBe(0);
  });

  it('does not start with a key that does not fit', async () => {
    const home = bench.home();
    const [one, two] = await Promise.all(
      ['a.test', 'b.test'].map((name) => selfSignedCertificate(name, new Date())),
    );
    writeFileSync(join(home, 'a.crt'), one?.cert ?? '');
    writeFileSync(join(home, 'b.key'), two?.key ?? '', { mode: 0o600 });
    const settings = { SEALPOST_SMTP_CERT: join(home, 'a.crt'), SEALPOST_SMTP_KEY: join(home, 'b.key') };
    const ended = await bench.run(home, ['start'], settings);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /^sealpost: SEALPOST_SMTP_CERT: cannot be used together with SEALPOST_SMTP_KEY/m,
    );
    const absent = await bench.run(home, ['start'], {
      SEALPOST_HTTP_CERT: join(home, 'none.crt'),
      SEALPOST_HTTP_KEY: join(home, 'b.key'),
    });
    expect(absent.stderr).toMatch(/^sealpost: SEALPOST_HTTP_CERT: .*none\.crt cannot be read \(ENOENT\)/m);
  });
});

describe('one installation in several processes', () => {
  const home = bench.home();
  let front: Instance;
  let worker: Instance;
  let admin: Administrator;
  let key: ApiKey;
  let settings: Record<string, string>;
  let stopDatabase: () => Promise<void>;

  beforeAll(async () => {
    const root = bench.home();
    const place = { root, data: join(root, 'data'), run: join(root, 'run') };
    for (const path of [place.data, place.run]) mkdirSync(path);
    const server = await startEmbedded({ home: place, volatile: true });
    stopDatabase = () => server.stop();
    settings = { DATABASE_URL: server.url, SEALPOST_PORTAL_URL: 'http://portal.clinic.test' };
    front = await bench.start(home, settings, { args: ['--roles', 'api,smtp'] });
    admin = await setUp(front.consoleUrl, front.setupToken ?? '');
    key = await makeKey(admin);
  });
  afterAll(async () => {
    for (const instance of [front, worker]) await instance?.stop();
    await stopDatabase();
  });

  it('accepts without a worker, and delivers when one is there', async () => {
    const large = {
      name: 'plan.bin',
      type: 'application/octet-stream',
      content: Buffer.alloc(200_000, 7).toString('base64'),
    };
    const byApi = await key.caller.ask<AcceptedAnswer>(
      'POST',
      '/v1/messages',
      draft('ben@no-tls.test', { attachments: [large] }),
    );
    const talk = await SmtpTalk.open(front.submissions, 'tls');
    await talk.say('EHLO desk');
    await talk.signIn(key.prefix, key.secret);
    for (const line of ['MAIL FROM:<desk@clinic.test>', 'RCPT TO:<anna@good-tls.test>', 'DATA'])
      await talk.say(line);
    await talk.write(
      'From: desk@clinic.test\r\nTo: anna@good-tls.test\r\nSubject: By SMTP\r\n\r\nHello\r\n.\r\n',
    );
    const bySmtp = /Accepted as (\S{36})/.exec((await talk.reply()).lines.join(' '))?.[1] ?? '';
    talk.end();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await readMessage(key.caller, byApi.id)).deliveries[0]?.state).toBe('queued');

    worker = await bench.start(home, settings, { args: ['--roles', 'worker'] });
    expect(worker.stdout()).not.toMatch(/Console and API|SMTP submission|setup#/);
    expect((await untilFinal(key.caller, byApi.id)).deliveries[0]?.state).toBe('portal-waiting');
    expect((await untilFinal(key.caller, bySmtp)).deliveries[0]?.state).toBe('delivered');
  });

  it('works on with two workers when one is killed', async () => {
    const second = await bench.start(home, settings, { args: ['--roles', 'worker'] });
    const send = async (count: number) =>
      (await key.caller.ask<AcceptedAnswer>('POST', '/v1/messages', draft(`p${count}@good-tls.test`))).id;
    const ids = await Promise.all(Array.from({ length: 30 }, (_, count) => send(count)));
    await worker.kill();
    ids.push(await send(30));
    // What the killed one held is free again when its lease has run out (30 s).
    for (const id of ids)
      expect((await untilFinal(key.caller, id, 60_000)).deliveries[0]?.state).toBe('delivered');
    expect(faultsIn(second.log())).toEqual([]);
    worker = second;
  });

  it('shuts out whoever is removed here, or by a directory, in the other processes too', async () => {
    // The rule for administrators asks for a passkey, which this test has no use for.
    const { rule } = await admin.browser.caller.ask<{ rule: object }>('GET', '/v1/sign-in-policy');
    await admin.browser.caller.ask('PUT', '/v1/sign-in-policy', { ...rule, administrators: 'any' });
    const byHand = await invite(admin, front.consoleUrl, 'by.hand');
    const byDirectory = await invite(admin, front.consoleUrl, 'by.directory');
    const directory = await makeKey(admin, ['provisioning:sync']);
    const wanted = encodeURIComponent(`userName eq "${byDirectory.address}"`);
    const { Resources: found } = await directory.caller.ask<{ Resources: { id: string }[] }>(
      'GET',
      `/scim/v2/Users?filter=${wanted}`,
    );
    const machine = await fetchToken(admin, front.consoleUrl);
    const { id } = await key.caller.ask<AcceptedAnswer>('POST', '/v1/messages', draft('ann@good-tls.test'));

    const other = await bench.start(home, settings, { args: ['--roles', 'api,smtp'] });
    try {
      const [hand, scim, token] = await Promise.all([
        watchElsewhere(other, byHand, id),
        watchElsewhere(other, byDirectory, id),
        watchToken(other.consoleUrl, machine.token),
      ]);
      const open = await SmtpTalk.open(other.submissions, 'tls');
      await open.say('EHLO desk');
      expect((await open.signIn(byHand.key.prefix, byHand.key.secret)).code).toBe(235);
      const doneAt = async (act: () => Promise<unknown>): Promise<number> => {
        await act();
        return performance.now();
      };
      const ask = admin.browser.caller.ask;
      const patch = { op: 'replace', path: 'active', value: false };
      const begun = {
        hand: await doneAt(() => ask('DELETE', `/v1/members/${byHand.id}`)),
        scim: await doneAt(() =>
          directory.caller.ask('PATCH', `/scim/v2/Users/${found[0]?.id ?? ''}`, {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            Operations: [patch],
          }),
        ),
        token: await doneAt(() => ask('DELETE', `/v1/service-accounts/${machine.account}`)),
      };
      const took: Record<string, number> = { 'access token': (await token.shutAt) - begun.token };
      for (const [who, since, watched] of [
        ['removed by hand', begun.hand, hand],
        ['by a directory', begun.scim, scim],
      ] as const)
        for (const [what, { shutAt }] of Object.entries(watched))
          took[`${what}, ${who}`] = (await shutAt) - since;
      // Beside what is kept in memory: the time between two questions, and of an answer on a busy machine.
      const slack = 1_000;
      for (const [what, ms] of Object.entries(took)) {
        const most = what.startsWith('session') ? 2_000 : what.startsWith('event') ? 20_000 : 5_000;
        expect(ms, what).toBeLessThan(most + slack);
      }
      expect((await open.say('MAIL FROM:<desk@clinic.test>')).code).toBe(421);
      open.end();
      const seconds = Object.entries(took).map(([what, ms]) => `${what} ${(ms / 1000).toFixed(1)} s`);
      console.log(`shut in another process after: ${seconds.join('; ')}`);
      expect(faultsIn(other.log())).toEqual([]);
    } finally {
      await other.stop();
    }
  }, 60_000);

  it('tells every process when the installation leaves the sandbox', async () => {
    await admin.browser.caller.ask('POST', '/v1/installation/mode', {
      mode: 'live',
      consoleUrl: front.consoleUrl,
      portalUrl: front.portalUrl,
    });
    await until(
      () => /"code":"installation.went-live"/.test(worker.log()),
      10_000,
      'the worker leaving the sandbox',
    );
    expectCleanLog(front.log() + worker.log(), ['philippa']);
  });
});

describe('leaving the sandbox', () => {
  const home = bench.home();

  it('removes its routes, mailboxes and exemptions, for good', async () => {
    // The world's DNS: nothing of the sandbox is in it, and one name points at this machine.
    const zones = new Map([
      ['trap.example', { mx: [{ preference: 10, exchange: 'mx.trap.example' }] }],
      ['mx.trap.example', { a: ['127.0.0.1'] }],
    ]);
    const dns = await startDns(() => zones);
    const settings = { SEALPOST_DNS: `127.0.0.1:${dns.port}` };
    try {
      let instance = await bench.start(home, settings);
      const admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
      const key = await makeKey(admin);
      const { id } = await key.caller.ask<AcceptedAnswer>(
        'POST',
        '/v1/messages',
        draft('anna@good-tls.test'),
      );
      await untilFinal(key.caller, id);
      await waitForMail(key.caller, 'anna@good-tls.test', () => true);
      const early = await key.caller.call<{ code: string }>(
        'POST',
        '/v1/messages',
        draft('someone@trap.example'),
      );
      expect(early.body.code).toBe('sandbox-domain-only');

      const operate = (body: object) =>
        admin.browser.caller.call<{ mode: string }>('POST', '/v1/installation/mode', body);
      expect(
        (await key.caller.call('POST', '/v1/installation/mode', { mode: 'sandbox' })).status,
      ).toBeGreaterThanOrEqual(400);
      expect((await operate({ mode: 'live' })).status).toBe(422); // the public addresses come first
      const urls = { consoleUrl: instance.consoleUrl, portalUrl: instance.portalUrl };
      expect((await operate({ mode: 'live', ...urls })).body.mode).toBe('live');
      expect((await operate({ mode: 'live', ...urls })).status).toBe(409);

      const afterwards = async (caller: typeof key.caller): Promise<void> => {
        for (const path of ['peers', 'mailboxes', 'mailboxes/anna%40good-tls.test/messages'])
          expect((await caller.call('GET', `/v1/sandbox/${path}`)).status).toBe(404);
        const sent = await caller.ask<AcceptedAnswer>('POST', '/v1/messages', draft('anna@good-tls.test'));
        const message = await untilFinal(caller, sent.id);
        expect(message.deliveries).toMatchObject([{ state: 'bounced' }]);
        expect(message.deliveries[0]?.attempts.every(({ tlsVersion }) => tlsVersion === null)).toBe(true);
        const trapped = await caller.ask<AcceptedAnswer>(
          'POST',
          '/v1/messages',
          draft('someone@trap.example'),
        );
        await until(
          async () => {
            const [delivery] = (await readMessage(caller, trapped.id)).deliveries;
            return delivery !== undefined && delivery.attempts.length > 0;
          },
          20_000,
          'an attempt',
        );
        const [delivery] = (await readMessage(caller, trapped.id)).deliveries;
        expect(delivery?.state).not.toBe('delivered');
        expect(delivery?.attempts[0]?.tlsVersion).toBeNull();
        console.log(`a name that points at this machine: ${delivery?.state} ${delivery?.lastCode}`);
        const metrics = await (await fetch(new URL('/metrics', instance.consoleUrl))).text();
        expect(metrics).toMatch(/^sealpost_sandbox 0$/m);
      };
      await afterwards(key.caller);
      expect((await admin.browser.caller.ask<SessionAnswer>('GET', '/v1/session')).mode).toBe('live');
      expectCleanLog(instance.log(), ['philippa']);
      expect(await instance.stop()).toBe(0);

      instance = await bench.start(home, settings);
      expect(instance.stdout()).not.toContain('Sandbox mode');
      await afterwards(withKey(instance.consoleUrl, key.secret));
      expect(await instance.stop()).toBe(0);
    } finally {
      await dns.stop();
    }
  });
});
