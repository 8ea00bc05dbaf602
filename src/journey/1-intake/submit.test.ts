import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Permission } from '#core/actor';
import type { Address } from '#core/address';
import { REFUSALS, Refusal } from '#core/errors';
import { DEFAULT_POLICY } from '#core/policy';
import { readControls } from './message-controls.ts';
import { replyOf } from './smtp-reply.ts';
import { createIntake } from './submit.ts';
import { caller, fakePorts, opened, organisation } from './test-kit.ts';

const lee: Address = { local: 'lee', domain: 'clinic.test' };
const anna: Address = { local: 'anna', domain: 'good-tls.test' };
const ben: Address = { local: 'ben', domain: 'no-tls.test' };
const MESSAGE =
  'From: lee@clinic.test\r\nTo: anna@good-tls.test\r\nSubject: =?utf-8?Q?Bl=C3=BCte?=\r\n\r\nHello\r\n';

async function* chunks(text: string | Buffer, size = 1000): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const options = { source: 'api' } as const;
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return error instanceof Refusal ? error.code : 'fault';
  }
};

describe('submit', () => {
  it('records one sealed message for all its recipients', async () => {
    const { ports, seen } = fakePorts();
    const intake = createIntake(ports);
    const again = { local: 'Anna', domain: 'good-tls.test' };
    const accepted = await intake.submit(
      caller,
      { sender: lee, recipients: [anna, ben, again] },
      Buffer.from(MESSAGE),
      options,
    );
    const [message] = seen.messages;
    if (message === undefined || message.content.kind !== 'inline') throw new Error('not recorded inline');
    const stored = opened(message.content.sealed);
    expect(stored).toMatch(/^Received: by mail\.clinic\.test with HTTPS id\r\n [0-9a-f-]{36}; /);
    expect(stored).toContain('From: lee@clinic.test\r\n');
    expect(stored).toMatch(
      /\r\nDate: [^\r]+\r\nMessage-ID: <[0-9a-f]{32}@mail\.clinic\.test>\r\n\r\nHello\r\n$/,
    );
    expect(message).toMatchObject({
      id: accepted.id,
      organisation,
      source: 'api',
      class: 'light',
      stream: 'transactional',
      priority: 50,
      policyVersion: 3,
      size: Buffer.byteLength(stored, 'latin1'),
      audit: { action: 'message.accepted', details: { recipients: 2 } },
    });
    expect(message.contentHash).toEqual(createHash('sha256').update(Buffer.from(stored, 'latin1')).digest());
    expect(opened(message.sender)).toBe('lee@clinic.test');
    expect(Buffer.from(opened(message.subject), 'latin1').toString()).toBe('Blüte');
    expect(message.deliveries.map((one) => [opened(one.recipient), one.domain])).toEqual([
      ['anna@good-tls.test', 'good-tls.test'],
      ['ben@no-tls.test', 'no-tls.test'],
    ]);
    expect(message.giveUpAt.getTime() - message.dueAt.getTime()).toBe(5 * 86_400_000);
    expect(accepted.deliveries).toHaveLength(2);
    expect(accepted.messageId).toBe(opened(message.messageIdHeader));
    expect(JSON.stringify(message.audit)).not.toMatch(/anna|lee|@/);
  });

  it('strips blind recipients and controls, and heeds the controls', async () => {
    const { ports, seen } = fakePorts();
    const due = new Date(Date.now() + 3_600_000);
    const text = `Bcc: ben@no-tls.test\r\nX-Sealpost-Class: High\r\nX-Sealpost-Stream: business\r\nX-Sealpost-Priority: 7\r\nX-Sealpost-Due: ${due.toISOString()}\r\nMessage-ID: <own@clinic.test>\r\nDate: Sun, 22 Nov 2026 04:05:06 +0000\r\n${MESSAGE}`;
    await createIntake(ports).submit(caller, { sender: lee, recipients: [anna] }, chunks(text, 10), options);
    const [message] = seen.messages;
    expect(message).toMatchObject({ class: 'high', stream: 'business', priority: 7, dueAt: due });
    if (message?.content.kind !== 'inline') throw new Error('not inline');
    const stored = opened(message.content.sealed);
    expect(stored).not.toMatch(/^(?:Bcc|X-Sealpost[^:]*):/im);
    expect(stored.match(/^Message-ID:/gim)).toHaveLength(1);
    expect(stored.match(/^Date:/gim)).toHaveLength(1);
    expect(opened(message.messageIdHeader)).toBe('<own@clinic.test>');
  });

  it.each([
    ['[secure] Results', 'Results', 'Subject: Results\r\n'],
    ['=?utf-8?Q?=5BSecu?= =?utf-8?Q?re=5D_Bl=C3=BCte?=', 'Blüte', 'Subject: =?utf-8?B?QmzDvHRl?=\r\n'],
    ['[secure]', '', 'Subject:\r\n'],
  ])('takes trigger words out of what is stored, and raises the class: %s', async (subject, left, line) => {
    const { ports, seen } = fakePorts();
    const text = MESSAGE.replace('=?utf-8?Q?Bl=C3=BCte?=', subject);
    await createIntake(ports).submit(caller, { sender: lee, recipients: [anna] }, chunks(text, 10), options);
    const [message] = seen.messages;
    if (message?.content.kind !== 'inline') throw new Error('not inline');
    const stored = opened(message.content.sealed);
    expect(stored).toContain(`\r\n${line}`);
    expect(stored.match(/^Subject:/gim)).toHaveLength(1);
    expect(stored).not.toMatch(/secure|Secu/i);
    expect(Buffer.from(opened(message.subject), 'latin1').toString()).toBe(left);
    expect(message.class).toBe('high');
    expect(message.audit.details).toMatchObject({ class: 'high', triggers: 'raised', triggersStripped: 1 });
  });

  it.each([
    ['may', 'ordinary', 'lowered', true],
    ['may not', 'light', 'lowering-not-permitted', false],
  ] as const)(
    'heeds a lowering word of a caller who %s lower, and takes it out in any case',
    async (may, cls, effect, lowered) => {
      const { ports, seen } = fakePorts();
      const triggers = { raise: [], lower: ['[tls]'], lowering: true };
      const policy = { ...DEFAULT_POLICY, tlsHighestClass: 'ordinary', triggers } as const;
      const permissions = new Set<Permission>(
        may === 'may' ? ['messages:send', 'messages:lower'] : ['messages:send'],
      );
      await createIntake({ ...ports, policies: { current: async () => policy } }).submit(
        { ...caller, permissions },
        { sender: lee, recipients: [anna] },
        Buffer.from(MESSAGE.replace('=?utf-8?Q?Bl=C3=BCte?=', '[tls] Bill')),
        options,
      );
      const [message] = seen.messages;
      expect(message).toMatchObject({ class: cls, lowered });
      expect(message?.audit.details).toMatchObject({ triggers: effect, triggersStripped: 1 });
      expect(message && opened(message.subject)).toBe('Bill');
    },
  );

  it('lets a class in the message raise the one the caller gave, never lower it', () => {
    const read = (given: 'light' | 'high', own: string) =>
      readControls(
        [{ name: 'X-Sealpost-Class', key: 'x-sealpost-class', value: own, start: 0, end: 0 }],
        { class: given },
        new Date(),
        10,
      ).class;
    expect([read('light', 'high'), read('high', 'ordinary'), read('light', 'light')]).toEqual([
      'high',
      'high',
      'light',
    ]);
  });

  it('streams what is large into a blob, with the same hash and size', async () => {
    const { ports, seen } = fakePorts();
    const body = `${'x'.repeat(76)}\r\n`.repeat(20_000);
    const text = MESSAGE.replace('Hello\r\n', body).replace(/\r\n$/, '');
    for (const content of [chunks(text, 65_536), chunks(text, 777), Buffer.from(text)])
      await createIntake(ports).submit(caller, { sender: lee, recipients: [anna] }, content, options);
    expect(seen.messages).toHaveLength(3);
    for (const message of seen.messages) {
      if (message.content.kind !== 'blob') throw new Error('not a blob');
      const stored = seen.blobs.get(message.content.blob) ?? Buffer.alloc(0);
      expect(stored.length).toBe(message.size);
      expect(createHash('sha256').update(stored).digest()).toEqual(message.contentHash);
      expect(stored.toString('latin1').endsWith(`\r\n\r\n${body}`)).toBe(true);
    }
  });

  it('holds constant memory for a large message', async () => {
    const { ports } = fakePorts();
    const line = Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(800));
    // 312 MB pass by; what is counted includes garbage that nobody has collected yet.
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    const discard = {
      ...ports.blobs,
      write: async (source: AsyncIterable<Uint8Array>) => {
        let size = 0;
        for await (const chunk of source) {
          size += chunk.length;
          most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        }
        return { id: 'b' as never, size };
      },
    };
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.from(MESSAGE);
      for (let i = 0; i < 5000; i += 1) yield line;
    }
    await createIntake({ ...ports, blobs: discard }, { maxSize: 2 ** 30 }).submit(
      caller,
      { sender: lee, recipients: [anna] },
      source(),
      options,
    );
    expect(most).toBeLessThan(100 * 1024 * 1024);
    // It is about memory: 312 MB through every check may take their time on a machine that does other things as well.
  }, 60_000);

  it('refuses with the code that fits, and records nothing', async () => {
    const { ports, seen } = fakePorts();
    const intake = createIntake(ports, { maxRecipients: 2, maxSize: 200_000 });
    const send = (text: string, to: readonly Address[] = [anna], sender = lee) =>
      codeOf(intake.submit(caller, { sender, recipients: to }, chunks(text), options));
    expect(await send(MESSAGE, [])).toBe('invalid');
    expect(await send(MESSAGE, [anna, ben, lee])).toBe('too-many-recipients');
    expect(await send(MESSAGE, [{ local: 'a', domain: 'example.org' }])).toBe('sandbox-domain-only');
    expect(await send(MESSAGE, [anna], { local: 'x', domain: 'other.test' })).toBe('sender-not-allowed');
    expect(await send(MESSAGE.replace('lee@clinic.test', 'lee@other.test'))).toBe('sender-not-allowed');
    expect(await send(MESSAGE.replace('lee@clinic.test', 'lee@clinic.test, x@other.test'))).toBe(
      'sender-not-allowed',
    );
    expect(await send(`Sender: x@other.test\r\n${MESSAGE}`)).toBe('sender-not-allowed');
    expect(await send(MESSAGE.replace('Hello', 'He\nllo'))).toBe('bare-line-ending');
    expect(await send(`X-Sealpost-Class: secret\r\n${MESSAGE}`)).toBe('invalid-header');
    expect(await send(`X-Sealpost-Class: high\r\nX-Sealpost-Class: light\r\n${MESSAGE}`)).toBe(
      'invalid-header',
    );
    expect(await send(`X-Sealpost-Due: tomorrow\r\n${MESSAGE}`)).toBe('invalid-header');
    expect(await send(`X-Sealpost-Due: 2099-01-01T00:00:00Z\r\n${MESSAGE}`)).toBe('invalid');
    expect(await send(`X-Sealpost-Priority: 100\r\n${MESSAGE}`)).toBe('invalid-header');
    expect(await send(MESSAGE + `${'x'.repeat(76)}\r\n`.repeat(3000))).toBe('too-large');
    // Found only after 100 KB have been streamed towards the blob.
    expect(await send(`${MESSAGE}${`${'x'.repeat(76)}\r\n`.repeat(1500)}a\rb\r\n`)).toBe('bare-line-ending');
    seen.reserveOk = false;
    expect(await send(MESSAGE)).toBe('storage-low');
    seen.reserveOk = true;
    seen.recordFails = true;
    expect(await send(MESSAGE)).toBe('fault');
    expect(seen.messages).toHaveLength(0);
  });

  it('asks for the permission first and lets limits refuse', async () => {
    const { ports, seen } = fakePorts();
    const denied = createIntake({
      ...ports,
      accessScopes: () => [],
    });
    const limited = createIntake({
      ...ports,
      limits: { take: async () => Promise.reject(new Refusal('limit-reached')) },
    });
    const envelope = { sender: lee, recipients: [anna] };
    expect(await codeOf(denied.submit(caller, envelope, Buffer.from(MESSAGE), options))).toBe(
      'not-permitted',
    );
    expect(await codeOf(limited.submit(caller, envelope, Buffer.from(MESSAGE), options))).toBe(
      'limit-reached',
    );
    expect(seen.messages).toHaveLength(0);
  });

  it('runs the caller’s part within the transaction, knowing what is accepted', async () => {
    const { ports, seen } = fakePorts();
    const intake = createIntake(ports);
    const envelope = { sender: lee, recipients: [anna] };
    let within = '';
    await intake.submit(caller, envelope, Buffer.from(MESSAGE), {
      ...options,
      within: async (tx, accepted) => {
        within = `${tx} ${accepted.id} ${seen.messages.length}`;
      },
    });
    expect(within).toBe(`tx ${seen.messages[0]?.id} 0`);
    const failing = intake.submit(caller, envelope, Buffer.from(MESSAGE), {
      ...options,
      within: async () => Promise.reject(new Refusal('idempotency-key-reused')),
    });
    expect(await codeOf(failing)).toBe('idempotency-key-reused');
    expect(seen.messages).toHaveLength(1);
  });
});

describe('readControls', () => {
  const now = new Date('2026-11-22T00:00:00Z');

  it('prefers what the caller gave, and never schedules into the past', () => {
    const past = new Date('2020-01-01T00:00:00Z');
    expect(readControls([], { class: 'ordinary', priority: 0, dueAt: past }, now, 10)).toEqual({
      class: 'ordinary',
      stream: 'transactional',
      priority: 0,
      dueAt: now,
    });
    expect(() => readControls([], { priority: 1.5 }, now, 10)).toThrow(Refusal);
  });
});

describe('replyOf', () => {
  it('says for every refusal what REFUSALS says, and 451 for a fault without its text', () => {
    for (const [code, { smtp }] of Object.entries(REFUSALS)) {
      const reply = replyOf(new Refusal(code as keyof typeof REFUSALS));
      expect(`${reply.responseCode} ${reply.message}`.startsWith(`${smtp} `)).toBe(true);
      expect(reply.message).toMatch(/^[ -~]+$/);
    }
    const fault = replyOf(new Error('secret text'));
    expect(fault.responseCode).toBe(451);
    expect(fault.message).not.toContain('secret');
  });
});
