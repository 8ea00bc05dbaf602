import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AcceptedAnswer,
  type Administrator,
  type ApiKey,
  makeKey,
  setUp,
  untilFinal,
  waitForMail,
} from '../support/api.ts';
import { createBench, type Instance } from '../support/instance.ts';
import { expectCleanLog } from '../support/log-lines.ts';

const SUBJECT = 'Biopsy of Leopold';
const TO = 'leopold.finch@good-tls.test';
const CLEAR = 'leopold.finch@no-tls.test';
const UNVERIFIED = 'leopold.finch@wrong-cert.test';
const STRANGER = 'nobody.known@good-tls.test';

const bench = createBench();
afterAll(() => bench.close());

describe('the protected PDF on the road', () => {
  const home = bench.home();
  let instance: Instance;
  let admin: Administrator;
  let key: ApiKey;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    instance = await bench.start(home);
    admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    key = await makeKey(admin);
  });

  it('is offered, and on only where the policy lists it', async () => {
    const { offered, methods, version, createdAt, createdBy, ...policy } = await key.caller.ask<
      Record<string, unknown> & { offered: string[]; methods: string[]; version: number }
    >('GET', '/v1/policy');
    expect([createdAt, createdBy].every((one) => one !== undefined)).toBe(true);
    expect(offered).toContain('pdf');
    expect(methods).not.toContain('pdf');
    const next = { ...policy, methods: ['pdf', 'portal'] };
    await key.caller.ask('PUT', '/v1/policy', next, { 'if-match': `"${version}"` });
  });

  it('takes passwords that can stand being tried, and never shows them again', async () => {
    for (const [password, reason] of [
      ['short', 'too-short'],
      ['leopold.finch-leopold', 'context'],
      ['contraseña muy larga y buena', 'other-characters'],
    ] as const) {
      const refused = await key.caller.call<{ parameters: object }>('POST', '/v1/pdf-passwords', {
        address: TO,
        password,
      });
      expect([refused.status, refused.body.parameters]).toEqual([422, { path: 'password', reason }]);
    }
    const given = await key.caller.ask<{ password: string | null }>('POST', '/v1/pdf-passwords', {
      address: 'Leopold.Finch@GOOD-TLS.test',
      password: 'an older password of his',
    });
    expect(given.password).toBeNull();
    for (const address of [TO, CLEAR, UNVERIFIED]) {
      const made = await key.caller.ask<{ password: string }>('POST', '/v1/pdf-passwords', { address });
      passwords.set(address, made.password);
    }
    const listed = await key.caller.ask<{ items: { address: string }[] }>('GET', '/v1/pdf-passwords');
    expect(listed.items.map(({ address }) => address)).toEqual([UNVERIFIED, CLEAR, TO]);
    for (const password of passwords.values()) expect(JSON.stringify(listed)).not.toContain(password);
    const limited = await makeKey(admin, ['messages:send']);
    expect((await limited.caller.call('GET', '/v1/pdf-passwords')).status).toBe(403);
  });

  it('reaches those with a password, not in clear, and the others by the next method', async () => {
    const sent = await key.caller.ask<AcceptedAnswer>('POST', '/v1/messages', {
      to: [TO, CLEAR, UNVERIFIED, STRANGER],
      subject: SUBJECT,
      text: 'It is benign, señor Finch.',
      attachments: [
        { name: 'leopold-scan.txt', type: 'text/plain', content: Buffer.from('clean').toString('base64') },
      ],
    });
    const { deliveries } = await untilFinal(key.caller, sent.id);
    const ends = new Map(deliveries.map((one) => [one.to, `${one.method} ${one.state}`]));
    expect(Object.fromEntries(ends)).toEqual({
      [TO]: 'pdf delivered',
      [UNVERIFIED]: 'pdf delivered',
      [CLEAR]: 'portal portal-waiting',
      [STRANGER]: 'portal portal-waiting',
    });
    const stranger = deliveries.find((one) => one.to === STRANGER);
    expect(stranger?.decision?.reasons).toContainEqual({
      code: 'method-failed',
      parameters: { method: 'pdf', failure: 'no-password-channel' },
    });
  });

  it('tells nothing outside of the sealed file', async () => {
    const mail = await waitForMail(key.caller, TO, () => true);
    expect(mail.subject).toBe('A protected message / Un mensaje protegido');
    expect(JSON.stringify({ ...mail, to: null, headers: [] }).toLowerCase()).not.toMatch(
      /biopsy|benign|leopold|scan/,
    );
    expect(mail.attachments).toMatchObject([{ name: 'protected-message.pdf', type: 'application/pdf' }]);
    expect(mail.headers.filter(({ name }) => name.toLowerCase() === 'dkim-signature')).toHaveLength(2);
    expect(mail.attachments[0]?.size).toBeGreaterThan(5_000);
  });

  it('forgets a password', async () => {
    const { items } = await key.caller.ask<{ items: { id: string; address: string }[] }>(
      'GET',
      '/v1/pdf-passwords',
    );
    const id = items.find(({ address }) => address === TO)?.id ?? '';
    expect((await key.caller.call('DELETE', `/v1/pdf-passwords/${id}`)).status).toBe(204);
    expect((await key.caller.call('DELETE', `/v1/pdf-passwords/${id}`)).status).toBe(404);
    const sent = await key.caller.ask<AcceptedAnswer>('POST', '/v1/messages', {
      to: [TO],
      subject: SUBJECT,
      text: 'again',
    });
    const [only] = (await untilFinal(key.caller, sent.id)).deliveries;
    expect(only).toMatchObject({ method: 'portal', state: 'portal-waiting' });
    expectCleanLog(instance.log(), ['leopold', 'biopsy', 'benign', ...passwords.values()]);
  });
});
