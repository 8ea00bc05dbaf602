import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AcceptedAnswer,
  ADMINISTRATOR,
  type ApiKey,
  type Caller,
  type MessageAnswer,
  makeKey,
  readMessage,
  setUp,
  untilFinal,
  withKey,
} from '../support/api.ts';
import { createBench, databaseProcesses, type Instance } from '../support/instance.ts';
import { expectCleanLog, faultsIn } from '../support/log-lines.ts';
import { SmtpTalk } from '../support/smtp-talk.ts';

const SUBJECT = 'Dialysis plan of Evander';
const TEXT = 'Evander comes on Tuesdays for haemodialysis.';
const LARGE = Buffer.alloc(150_000, 'haemodialysis ');
const PERSONAL = ['evander', 'haemodialysis', 'fairweather'];

const bench = createBench();
afterAll(() => bench.close());

describe('an installation with data', () => {
  const home = bench.home();
  const moved = bench.home();
  let instance: Instance;
  let organisation: string;
  let key: ApiKey;
  const sent: string[] = [];

  const api = (): Caller => withKey(instance.consoleUrl, key.secret);
  const body = (to: string, attachment?: Buffer) => ({
    from: 'ward@clinic.test',
    to: [to],
    subject: SUBJECT,
    text: TEXT,
    ...(attachment === undefined
      ? {}
      : { attachments: [{ name: 'plan.txt', type: 'text/plain', content: attachment.toString('base64') }] }),
  });
  const send = async (to: string, attachment?: Buffer): Promise<string> => {
    const { id } = await api().ask<AcceptedAnswer>('POST', '/v1/messages', body(to, attachment));
    sent.push(id);
    return id;
  };
  const expectReadable = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      const content = await api().ask<{ subject: string; text: string }>('GET', `/v1/messages/${id}/content`);
      expect(content).toMatchObject({ subject: SUBJECT });
      expect(content.text).toContain(TEXT);
    }
  };

  beforeAll(async () => {
    instance = await bench.start(home);
    const admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    organisation = admin.session.organisation.id;
    key = await makeKey(admin);
    for (const to of ['anna@good-tls.test', 'ben@no-tls.test', 'eve@good-tls.test']) await send(to, LARGE);
    for (const id of sent) await untilFinal(api(), id);
  });

  it('rotates all keys beside the running instance without a failed request', async () => {
    let going = true;
    const failures: string[] = [];
    let requests = 0;
    const load = async (): Promise<void> => {
      while (going) {
        const accepted = await api().call<AcceptedAnswer>('POST', '/v1/messages', body('anna@good-tls.test'));
        if (accepted.status === 202) sent.push(accepted.body.id);
        else failures.push(`send ${accepted.status}`);
        const id = sent[requests % sent.length] ?? '';
        const read = await api().call<{ text: string }>('GET', `/v1/messages/${id}/content`);
        if (read.status !== 200 || !read.body.text.includes(TEXT)) failures.push(`read ${read.status}`);
        requests += 2;
      }
    };
    const loads = [load(), load()];
    const ran = [];
    for (let round = 0; round < 2; round += 1) ran.push(await bench.run(home, ['keys', 'rotate']));
    going = false;
    await Promise.all(loads);
    for (const { code, stdout, stderr } of ran) {
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(`${organisation}  organisation key rotated`);
      expect(stdout).toContain('Root key rotated.');
    }
    console.log(
      `keys rotated twice in ${ran.map(({ durationMs }) => Math.round(durationMs)).join(' and ')} ms, ${requests} requests meanwhile`,
    );
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(10);
    await expectReadable(sent);
    for (const id of sent.slice(-5))
      expect((await untilFinal(api(), id)).deliveries[0]?.state).toBe('delivered');
    expect(faultsIn(instance.log())).toEqual([]);
  });

  it('verifies the audit log beside the running instance', async () => {
    const ran = await bench.run(home, ['audit', 'verify']);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const lines = ran.stdout.trim().split('\n');
    expect(lines).toHaveLength(2); // the installation's own log, and the organisation's
    for (const line of lines) expect(line).toMatch(/ sound {2}\d+ entries, signed to \d+, witnessed to \d+/);
    expect(lines.some((line) => line.startsWith(organisation))).toBe(true);
    const actions = await api().ask<{ items: { action: string; origin: { channel: string } }[] }>(
      'GET',
      '/v1/audit?action=keys.rotated',
    );
    expect(actions.items.filter(({ origin }) => origin.channel === 'cli')).toHaveLength(2);
  });

  it('shows support what is on record of a message, without content, and writes down who looked', async () => {
    const id = sent[1] ?? '';
    const ran = await bench.run(home, [
      ...['inspect', 'message', id, '--organisation', organisation, '--reason', 'ticket 4711'],
    ]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('portal-waiting');
    expect(ran.stdout).toContain('no-tls.test');
    expect(ran.stdout).not.toMatch(/evander|haemodialysis|ben@|ward|clinic\.test/i);
    const { items } = await api().ask<{ items: { origin: object; subjects: object[] }[] }>(
      'GET',
      '/v1/audit?action=message.inspected',
    );
    expect(items).toMatchObject([{ origin: { channel: 'cli' }, subjects: [{ kind: 'message', id }] }]);
    expect(JSON.stringify(items)).not.toContain('4711'); // the reason may name somebody: sealed
    expect((await bench.run(home, ['inspect', 'message', id, '--organisation', organisation])).code).toBe(1);
  });

  it('loses nothing when it is told to end in the middle of its work', async () => {
    const slow = await send('dan@slow.test'); // answers 451 twice
    const burst = await Promise.all(
      Array.from({ length: 120 }, (_, count) => send(`p${count}@good-tls.test`)),
    );
    const stopped = instance.stop('SIGTERM');
    const late = await api()
      .call<AcceptedAnswer>('POST', '/v1/messages', body('anna@good-tls.test'))
      .catch(() => null);
    const began = performance.now();
    expect(await stopped).toBe(0);
    console.log(`drained in ${Math.round(performance.now() - began)} ms`);
    expect(databaseProcesses(home)).toEqual([]);
    expect(faultsIn(instance.log())).toEqual([]);
    expectCleanLog(instance.log(), PERSONAL);
    instance = await bench.start(home);
    if (late?.status === 202) for (const list of [burst, sent]) list.push(late.body.id); // accepted while draining: that counts as well
    let tries = 0;
    for (const id of [...burst, slow]) {
      const message: MessageAnswer = await untilFinal(api(), id);
      expect(message.deliveries[0]?.state).toBe('delivered');
      tries += message.deliveries[0]?.attempts.filter(({ result }) => result === 'delivered').length ?? 0;
    }
    expect(tries).toBe(1 + burst.length); // and nothing twice
  });

  it('puts the root key back from a recovery kit', async () => {
    const kit = await bench.run(home, ['keys', 'kit']);
    expect(kit.code, kit.stderr).toBe(0);
    const code = /apart from the kit: (.+)$/m.exec(kit.stdout)?.[1] ?? '';
    const file = join(home, 'run', 'kit.txt');
    writeFileSync(file, kit.stdout.slice(0, kit.stdout.indexOf('Recovery code')), { mode: 0o600 });
    expect(await instance.stop()).toBe(0);
    const rootKey = join(home, 'keys', 'root.key');
    renameSync(rootKey, `${rootKey}.lost`);
    expect((await bench.run(home, ['start'])).code).toBe(1);
    const wrong = await bench.run(home, [
      'keys',
      'restore',
      file,
      '--code',
      code.replace(/.$/, (last) => (last === '2' ? '3' : '2')),
    ]);
    expect(wrong.code).toBe(1);
    const restored = await bench.run(home, ['keys', 'restore', file, '--code', code]);
    expect(restored.code, restored.stdout + restored.stderr).toBe(0);
    instance = await bench.start(home);
    await expectReadable(sent.slice(0, 5));
  });

  it('accepts nothing below the disk reserve, and still shows what is there', async () => {
    expect(await instance.stop()).toBe(0);
    instance = await bench.start(home, { SEALPOST_DISK_RESERVE_MB: '9000000' });
    const refused = await api().call<{ code: string }>('POST', '/v1/messages', body('anna@good-tls.test'));
    expect([refused.status, refused.body.code]).toEqual([503, 'storage-low']);
    const talk = await SmtpTalk.open(instance.submissions, 'tls');
    await talk.say('EHLO ward.clinic.test');
    await talk.signIn(key.prefix, key.secret);
    expect(await talk.say('MAIL FROM:<ward@clinic.test>')).toMatchObject({ code: 452 });
    talk.end();
    const ready = await fetch(new URL('/health/ready', instance.consoleUrl));
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ status: 'not-ready', checks: { database: true, storage: false } });
    expect((await fetch(new URL('/health/live', instance.consoleUrl))).status).toBe(200);
    await expectReadable(sent.slice(0, 2));
  });

  it('moves its database to another home, where everything can be read', async () => {
    const running = await bench.run(home, ['database', 'move', '--to', moved]);
    expect(running.code).toBe(1);
    expect(running.stderr).toContain('already running');
    expect(await instance.stop()).toBe(0);
    const ran = await bench.run(home, ['database', 'move', '--to', moved]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(new RegExp(`^message +${sent.length} rows`, 'm'));
    const again = await bench.run(home, ['database', 'move', '--to', moved]);
    expect([again.code, /holds a Sealpost database already/.test(again.stderr)]).toEqual([1, true]);
    // Without its keys the copy is closed.
    expect((await bench.run(moved, ['start'])).code).toBe(1);
    for (const part of ['keys', 'witness', join('data', 'blobs')])
      cpSync(join(home, part), join(moved, part), { recursive: true, preserveTimestamps: true });
    instance = await bench.start(moved);
    expect(instance.setupToken).toBeNull();
    await expectReadable(sent.slice(0, 8));
    expect(await api().octets(`/v1/messages/${sent[0]}/attachments/0`)).toEqual(LARGE);
    expect((await readMessage(api(), sent[1] ?? '')).deliveries[0]?.state).toBe('portal-waiting');
    const id = await send('anna@good-tls.test');
    expect((await untilFinal(api(), id)).deliveries[0]?.state).toBe('delivered');
    const verified = await bench.run(moved, ['audit', 'verify']);
    expect(verified.code, verified.stdout).toBe(0);
    expectCleanLog(instance.log(), PERSONAL);
    expect(await instance.stop()).toBe(0);
    const stored = readFileSync(join(moved, 'run', 'postgresql.log'), 'utf8').toLowerCase();
    for (const word of PERSONAL) expect(stored).not.toContain(word);
    expect(stored).not.toContain(ADMINISTRATOR.address);
  });
});
