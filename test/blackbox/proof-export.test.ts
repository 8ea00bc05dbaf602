import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyProof } from '#platform/proof';
import {
  type AcceptedAnswer,
  type Administrator,
  type ApiKey,
  type DeliveryAnswer,
  makeKey,
  setUp,
  untilFinal,
} from '../support/api.ts';
import { createBench, type Instance, until } from '../support/instance.ts';

const SUBJECT = 'Biopsy of Leopold';
const TO = 'leopold.finch@good-tls.test';

const bench = createBench();
afterAll(() => bench.close());

describe('a proof that leaves the house', () => {
  const home = bench.home();
  let instance: Instance;
  let admin: Administrator;
  let key: ApiKey;
  let delivery: DeliveryAnswer;
  const file = (name: string) => join(home, name);
  const verify = (...words: string[]) => bench.run(bench.home(), ['proof', 'verify', ...words]);

  beforeAll(async () => {
    instance = await bench.start(home);
    admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    key = await makeKey(admin);
    const sent = await key.caller.ask<AcceptedAnswer>('POST', '/v1/messages', {
      to: [TO],
      subject: SUBJECT,
      text: 'benign',
    });
    const [only] = (await untilFinal(key.caller, sent.id)).deliveries;
    if (only === undefined) throw new Error('one recipient, one copy');
    delivery = only;
    const path = `/v1/deliveries/${delivery.id}/proof-file`;
    await until(async () => (await key.caller.call('GET', path)).status === 200, 10_000, 'a checkpoint');
    writeFileSync(file('proof.json'), await key.caller.octets(path));
    writeFileSync(file('named.json'), await key.caller.octets(`${path}?recipient=named`));
    writeFileSync(file('keys.txt'), await key.caller.octets('/v1/proof-keys'));
  });

  it('is verified offline with the organisation’s keys and its witness’s checkpoints', async () => {
    const notes = join(home, 'witness', `${admin.session.organisation.id}.notes`);
    const done = await verify(file('proof.json'), '--key', file('keys.txt'), '--checkpoint', notes);
    expect(done.code, done.stdout + done.stderr).toBe(0);
    expect(done.stdout).toContain('The proof holds.');
    expect(done.stdout).toContain('The witness has seen the same state');
    const alone = await verify(file('proof.json'));
    expect([alone.code, alone.stdout.includes('NOBODY VOUCHES')]).toEqual([3, true]);
  });

  it('names the recipient only when asked to, and that is on record', async () => {
    const { body } = await key.caller.call<{ items: { action: string; details: object }[] }>(
      'GET',
      '/v1/audit?limit=100',
    );
    const exports = body.items.filter((one) => one.action === 'proof.exported');
    expect(exports.map((one) => one.details)).toContainEqual({ as: 'file', named: true });
    expect(readFileSync(file('named.json'), 'utf8')).toContain(TO);
    expect(readFileSync(file('proof.json'), 'utf8').toLowerCase()).not.toMatch(/leopold|biopsy/);
  });

  it('comes as one page to print that holds the file and no content', async (context) => {
    const path = `/v1/deliveries/${delivery.id}/proof-report`;
    for (const [query, shown] of [
      ['', false],
      ['?recipient=named', true],
    ] as const) {
      const pdf = await key.caller.octets(path + query);
      expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
      writeFileSync(file('proof.pdf'), pdf);
      const text = spawnSync('pdftotext', ['-layout', file('proof.pdf'), '-'], { encoding: 'utf8' });
      if (text.error !== undefined) return context.skip('pdftotext (poppler-utils) is not installed');
      expect(text.stdout.match(/\f/g)).toHaveLength(1);
      expect(text.stdout).toContain('TLS 1.3');
      expect(text.stdout).toContain('sealpost proof verify');
      expect(text.stdout.includes(SUBJECT)).toBe(shown);
      expect(text.stdout.includes('leopold')).toBe(shown);
      expect(text.stdout).not.toContain('benign');
      const saved = ['-save', '1', '-o', file('attached.json'), file('proof.pdf')];
      expect(spawnSync('pdfdetach', saved).status).toBe(0);
      // The log has grown by the exports themselves: another checkpoint, the same proof.
      const attached = readFileSync(file('attached.json'));
      const keys = readFileSync(file('keys.txt'), 'utf8').trim().split('\n');
      expect(verifyProof(attached, { keys, checkpoints: null, claim: null }).verdict).toBe('holds');
      expect(attached.includes(TO)).toBe(shown);
    }
  });

  it('is not another organisation’s nor anybody’s to take', async () => {
    const limited = await makeKey(admin, ['messages:send']);
    for (const path of [`/v1/deliveries/${delivery.id}/proof-file`, '/v1/proof-keys']) {
      expect((await limited.caller.call('GET', path)).status).toBe(403);
    }
    const unknown = '/v1/deliveries/0190a0b0-0000-7000-8000-000000000001/proof-file';
    expect((await key.caller.call('GET', unknown)).status).toBe(404);
  });
});
