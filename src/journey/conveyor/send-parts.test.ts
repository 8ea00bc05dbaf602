import { describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { Content, Message } from '#core/message';
import { DEFAULT_POLICY } from '#core/policy';
import {
  type AcceptedPart,
  type Further,
  ProtectionUnavailable,
  type Protector,
  type SealedMail,
} from '#core/protection';
import { type AttemptResult, NO_TRANSPORT } from '#core/transport';
import { silentLogger } from '#platform/runtime';
import { lesserRun, runDelivery } from './run-delivery.ts';
import { partReasons } from './send-parts.ts';
import type { ConveyorPorts, SendRequest } from './stages.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const LATER = new Date('2026-11-27T10:00:00Z');
const ORGANISATION = '018f0000-0000-7000-8000-000000000001' as OrganisationId;
const DELIVERY = '018f0000-0000-7000-8000-000000000003' as DeliveryId;
const FACTS = { ...NO_TRANSPORT, host: 'mx.example', tlsVersion: 'TLSv1.3' };
const contentOf = (text: string): Content => ({
  size: text.length,
  bytes: Buffer.from(text),
  async *open() {
    yield Buffer.from(text);
  },
});
const message: Message = {
  id: '018f0000-0000-7000-8000-000000000002' as MessageId,
  ...{ organisation: ORGANISATION, source: 'api', stream: 'transactional', class: 'light', priority: 50 },
  ...{ acceptedAt: NOW, dueAt: NOW, giveUpAt: LATER, portalExpiresAt: LATER, policyVersion: 1 },
  ...{ sender: { local: 'staff', domain: 'clinic.example' }, subject: 'Results', size: 5 },
  ...{ messageId: '<a@clinic.example>', inReplyTo: null, state: 'accepted' },
};
const place = { message: message.id, organisation: ORGANISATION };
const work = {
  claim: {
    ...place,
    kind: 'delivery',
    item: DELIVERY,
    domain: 'p.example',
    priority: 5,
    fence: 1,
    late: false,
  },
  opened: {
    message,
    key: { wrapped: Buffer.alloc(0) },
    content: contentOf('hello'),
    contentHash: Buffer.alloc(32),
  },
  delivery: {
    ...place,
    id: DELIVERY,
    recipient: { local: 'a', domain: 'p.example' },
    state: 'queued',
    attempts: 0,
  },
} as const;

const delivered: AttemptResult = {
  kind: 'delivered',
  transport: FACTS,
  reply: { code: 250, enhanced: '2.0.0', text: 'ok' },
};
const deferred: AttemptResult = {
  kind: 'deferred',
  transport: FACTS,
  reply: { code: 451, enhanced: '4.7.1', text: 'later' },
  code: 'peer-deferred',
};
const refused: AttemptResult = { kind: 'bounced', transport: FACTS, reply: null, code: 'peer-refused' };
const tooLarge: AttemptResult = {
  kind: 'bounced',
  transport: FACTS,
  reply: null,
  code: 'message-too-large',
  mostOctets: 1000,
};
const noTls: AttemptResult = {
  kind: 'protection-unavailable',
  transport: FACTS,
  failure: { method: 'tls', code: 'tls-not-offered', parameters: { host: 'mx.example' } },
};

/** A method that seals into three mails and keeps what was accepted, and a peer that answers by script. */
function world(results: readonly AttemptResult[], within?: Further['within'], first?: SealedMail) {
  const sent: string[] = [];
  const done: AcceptedPart[] = [];
  const script = [...results];
  const further: Further = {
    reasons: [{ code: 'password-by', parameters: { channel: 'text' } }],
    settle: async () => [],
    otherwise: async () => [],
    within: within ?? (async () => Promise.reject(new ProtectionUnavailable('pdf', 'message-too-large'))),
  };
  const seal = { key: 'k', algorithm: 'PDF' };
  const inParts = (): SealedMail => ({
    kind: 'in-parts',
    parts: {
      of: 3,
      done: [...done],
      mail: async (part) => contentOf(`part ${part}`),
      accepted: async (part) => {
        done.push(part);
      },
    },
    seal,
    further,
  });
  const pdf: Protector = {
    method: 'pdf',
    protect: async () => (first?.kind === 'self-protected' ? { ...first, seal, further } : inParts()),
  };
  const portal: Protector = {
    method: 'portal',
    protect: async () => ({
      kind: 'in-portal',
      copy: { organisation: ORGANISATION, message: message.id, expiresAt: LATER },
    }),
  };
  const ports = {
    protectors: new Map([pdf, portal].map((one) => [one.method, one])),
    deliver: {
      async send({ content }: SendRequest) {
        sent.push(content.bytes?.toString() ?? '');
        const result = script.shift();
        if (!result) throw new Error('nothing scripted');
        return result;
      },
      sign: async (_organisation: unknown, _domain: unknown, content: unknown) => content,
      nextTry: () => 60_000,
    },
    decide: (facts: { failures: readonly { method: string }[] }) => ({
      method: facts.failures.some(({ method }) => method === 'pdf') ? 'portal' : 'pdf',
      ...{ order: ['pdf', 'portal'], tls: DEFAULT_POLICY.tls, policyVersion: 1, reasons: [] },
    }),
    currentPolicy: async () => DEFAULT_POLICY,
    waiver: async () => false,
    clock: { now: () => NOW, monotonic: () => 0 },
    logger: silentLogger,
    reach: () => undefined,
  } as unknown as ConveyorPorts;
  return { ports, sent, done, inParts, further, run: () => runDelivery(ports, work) };
}

const part = (number: number) => ({
  code: 'part-accepted',
  parameters: { part: number, of: 3, at: NOW.toISOString(), host: 'mx.example', tls: 'TLSv1.3' },
});

describe('a copy in several mails', () => {
  it('has arrived when the last is accepted; all but that are on record by themselves', async () => {
    const one = world([delivered, delivered, delivered]);
    const run = await one.run();
    expect(run.end).toMatchObject({ kind: 'sent', method: 'pdf' });
    expect(one.sent).toEqual(['part 1', 'part 2', 'part 3']);
    expect(one.done.map((each) => each.part)).toEqual([1, 2]);
    expect(run.attempts.map(({ result }) => result)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(run.decision?.reasons).toEqual([
      { code: 'protected-with', parameters: { key: 'k', algorithm: 'PDF' } },
      { code: 'password-by', parameters: { channel: 'text' } },
      part(1),
      part(2),
      part(3),
    ]);
    expect(run.settle).toBe(one.further.settle);
  });

  it.each([
    ['put off', deferred, 'later'],
    ['refused', refused, 'refused'],
  ] as const)(
    'stops at a mail that is %s, says how far it came, and settles nothing',
    async (_, result, end) => {
      const one = world([delivered, result]);
      const run = await one.run();
      expect(run.end.kind).toBe(end);
      expect(run.settle).toBeNull();
      expect(run.decision?.reasons.slice(-2)).toEqual([
        part(1),
        { code: 'parts-incomplete', parameters: { of: 3, accepted: 1 } },
      ]);
    },
  );

  it('goes on after a crash or a deferral with what was not accepted, and repeats none of the others', async () => {
    const one = world([delivered, deferred, delivered, delivered]);
    await one.run();
    const again = await one.run();
    expect(one.sent).toEqual(['part 1', 'part 2', 'part 2', 'part 3']);
    expect(again.end.kind).toBe('sent');
    expect(again.decision?.reasons.slice(-3)).toEqual([part(1), part(2), part(3)]);
    // A crash between the last mail and the outcome: the last one alone is repeated.
    const crashed = world([delivered, delivered, delivered, delivered]);
    await crashed.run();
    expect((await crashed.run()).end.kind).toBe('sent');
    expect(crashed.sent).toEqual(['part 1', 'part 2', 'part 3', 'part 3']);
  });

  it('is tried again as a whole fault of ours where a part cannot be put on record', async () => {
    const one = world([delivered]);
    const broken: Protector = {
      method: 'pdf',
      protect: async () => {
        const sealed = one.inParts();
        if (sealed.kind !== 'in-parts') throw new Error('in parts');
        return {
          ...sealed,
          parts: { ...sealed.parts, accepted: () => Promise.reject(new Error('database')) },
        };
      },
    };
    const ports = { ...one.ports, protectors: new Map([['pdf' as const, broken]]) };
    expect((await runDelivery(ports, work)).end).toMatchObject({ kind: 'later', code: 'system-fault' });
    expect(one.sent).toEqual(['part 1']);
  });

  it('goes whole by the next method where encryption is gone, and what had gone stays on record', async () => {
    const run = await world([delivered, noTls]).run();
    expect(run.end).toEqual({ kind: 'in-portal' });
    expect(run.settle).toBeNull();
    expect(run.decision?.reasons).toEqual([
      part(1),
      { code: 'parts-incomplete', parameters: { of: 3, accepted: 1 } },
    ]);
  });
});

describe('a mail that is too large for the peer', () => {
  const whole: SealedMail = {
    kind: 'self-protected',
    content: contentOf('whole'),
    seal: { key: 'k', algorithm: 'PDF' },
  };

  it('is divided by what the peer takes', async () => {
    const asked: number[] = [];
    const one = world(
      [tooLarge, delivered, delivered, delivered],
      async (most) => {
        asked.push(most);
        return one.inParts();
      },
      whole,
    );
    const run = await one.run();
    expect(asked).toEqual([1000]);
    expect(one.sent).toEqual(['whole', 'part 1', 'part 2', 'part 3']);
    expect(run.end.kind).toBe('sent');
  });

  it('goes by the next method where it cannot be divided so', async () => {
    const run = await world([tooLarge], undefined, whole).run();
    expect(run.end).toEqual({ kind: 'in-portal' });
    expect(run.failures).toEqual([{ method: 'pdf', code: 'message-too-large', parameters: {} }]);
  });

  it('is divided once in a run: a second no is the peer’s last word', async () => {
    const one = world([tooLarge, tooLarge], async () => one.inParts(), whole);
    expect((await one.run()).end).toMatchObject({ kind: 'refused' });
  });
});

it('a sent copy whose password cannot go by its way takes the other, and is not sent again', async () => {
  const one = world([delivered, delivered, delivered]);
  const lesser = lesserRun(one.ports, await one.run());
  expect([lesser.end.kind, lesser.decision]).toEqual(['sent', null]);
  expect(lesser.settle).toBe(one.further.otherwise);
});

it('says nothing of parts where none was accepted', () => {
  expect(partReasons(3, [])).toEqual([]);
});
