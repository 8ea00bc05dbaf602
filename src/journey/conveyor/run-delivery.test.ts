import { describe, expect, it } from 'vitest';
import type { Decision, RecipientFacts } from '#core/decision';
import type { DeliveryId, MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Message } from '#core/message';
import type { Method } from '#core/method';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import { ProtectionUnavailable, type Protector } from '#core/protection';
import { type AttemptResult, NO_TRANSPORT } from '#core/transport';
import { silentLogger } from '#platform/runtime';
import { lesserRun, runDelivery } from './run-delivery.ts';
import type { ConveyorPorts, SendRequest } from './stages.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const ORGANISATION = '018f0000-0000-7000-8000-000000000001' as OrganisationId;
const FACTS = { ...NO_TRANSPORT, host: 'mx.example', tlsVersion: 'TLSv1.3' };

const message: Message = {
  id: '018f0000-0000-7000-8000-000000000002' as MessageId,
  organisation: ORGANISATION,
  source: 'api',
  stream: 'transactional',
  class: 'light',
  priority: 50,
  acceptedAt: NOW,
  dueAt: NOW,
  giveUpAt: new Date('2026-11-27T10:00:00Z'),
  portalExpiresAt: new Date('2026-12-22T10:00:00Z'),
  policyVersion: 1,
  sender: { local: 'staff', domain: 'clinic.example' },
  subject: 'Results',
  size: 5,
  messageId: '<a@clinic.example>',
  inReplyTo: null,
  state: 'accepted',
};

function workOf(over: Partial<Message> = {}) {
  const bytes = Buffer.from('hello');
  const id = '018f0000-0000-7000-8000-000000000003' as DeliveryId;
  const opened = {
    message: { ...message, ...over },
    key: { wrapped: Buffer.alloc(0) },
    content: {
      size: 5,
      bytes,
      async *open() {
        yield bytes;
      },
    },
    contentHash: Buffer.alloc(32),
  };
  return {
    claim: {
      kind: 'delivery' as const,
      item: id,
      message: message.id,
      organisation: ORGANISATION,
      domain: 'patient.example',
      priority: 50,
      fence: 1,
      late: false,
    },
    opened,
    delivery: {
      id,
      message: message.id,
      organisation: ORGANISATION,
      recipient: { local: 'anna', domain: 'patient.example' },
      state: 'queued' as const,
      attempts: 0,
    },
  };
}

interface World {
  readonly sent: SendRequest[];
  readonly seen: RecipientFacts[];
  readonly ports: ConveyorPorts;
}

/** Ports with a scripted delivery and a decide that takes the first method not failed. */
function world(script: {
  readonly results?: readonly AttemptResult[];
  readonly protectors?: readonly Protector[];
  readonly order?: readonly Method[];
  readonly now?: Date;
  readonly policy?: Policy;
  readonly waiver?: boolean;
}): World {
  const sent: SendRequest[] = [];
  const seen: RecipientFacts[] = [];
  const results = [...(script.results ?? [])];
  const never = () => {
    throw new Error('not part of this test');
  };
  const decide = (facts: RecipientFacts, policy: Policy): Decision => {
    seen.push(facts);
    const order = script.order ?? ['tls', 'portal'];
    const method = order.find((one) => !facts.failures.some((failure) => failure.method === one)) ?? 'none';
    return { method, order, tls: policy.tls, policyVersion: policy.version, reasons: [] };
  };
  const protectors = script.protectors ?? [tls, portal];
  const ports = {
    record: new Proxy({}, { get: never }),
    portal: { place: async () => ({ linkToken: 't', expiresAt: NOW, locale: 'en' }) },
    protectors: new Map(protectors.map((one) => [one.method, one])),
    deliver: {
      async send(request: SendRequest) {
        sent.push(request);
        const result = results.shift();
        if (!result) throw new Error('nothing scripted');
        return result;
      },
      sign: async (_organisation: unknown, _domain: unknown, content: unknown) => content,
      busyDestinations: () => [],
      nextTry: (attempts: number) => attempts * 60_000,
    },
    decide,
    currentPolicy: async () => script.policy ?? DEFAULT_POLICY,
    waiver: async () => script.waiver ?? false,
    noticeIdentity: never,
    buildNotice: never,
    loadMessage: never,
    clock: { now: () => script.now ?? NOW, monotonic: () => 0 },
    logger: silentLogger,
    reach: () => undefined,
  } as unknown as ConveyorPorts;
  return { sent, seen, ports };
}

const tls: Protector = {
  method: 'tls',
  protect: async ({ content }) => ({ kind: 'needs-verified-tls', content }),
};
const portal: Protector = {
  method: 'portal',
  protect: async () => ({
    kind: 'in-portal',
    copy: { organisation: ORGANISATION, message: message.id, expiresAt: NOW, body: null },
  }),
};
const unavailable: AttemptResult = {
  kind: 'protection-unavailable',
  transport: FACTS,
  failure: { method: 'tls', code: 'tls-not-offered', parameters: { host: 'mx.example' } },
};
const delivered: AttemptResult = {
  kind: 'delivered',
  transport: FACTS,
  reply: { code: 250, enhanced: '2.0.0', text: 'ok' },
};

describe('runDelivery', () => {
  it('sends with the requirement of the decision', async () => {
    const { ports, sent } = world({ results: [delivered] });
    const run = await runDelivery(ports, workOf());
    expect(run.end.kind).toBe('sent');
    expect(sent[0]?.tls).toEqual({ minimum: '1.2', authentication: 'verified' });
    expect(run.attempts).toHaveLength(1);
  });

  it('decides again when the peer cannot be verified, and then needs no network', async () => {
    const { ports, sent, seen } = world({ results: [unavailable] });
    const run = await runDelivery(ports, workOf());
    expect(run.end).toEqual({ kind: 'in-portal' });
    expect(sent).toHaveLength(1);
    expect(seen[1]?.failures).toEqual([unavailable.failure]);
    expect(run.attempts.map((one) => one.result)).toEqual(['protection-unavailable', 'in-portal']);
    expect(run.portal).not.toBeNull();
  });

  it('sends what is protected in itself to any peer that encrypts, and only that', async () => {
    const sealed = Buffer.from('sealed');
    const smime: Protector = {
      method: 'smime',
      protect: async ({ content }) => ({
        kind: 'self-protected',
        content: { ...content, size: sealed.length, bytes: sealed },
        seal: { key: 'k', algorithm: 'S/MIME' },
      }),
    };
    const { ports, sent } = world({ order: ['smime'], protectors: [smime], results: [delivered] });
    const run = await runDelivery(ports, workOf());
    expect(run.end).toMatchObject({ kind: 'sent', method: 'smime' });
    const { minimum } = run.decision?.tls ?? {};
    expect(sent.map(({ tls, content }) => [tls, content.bytes])).toEqual([
      [{ minimum, authentication: 'encrypted-only' }, sealed],
    ]);
    expect(run.decision?.reasons.at(-1)).toEqual({
      code: 'protected-with',
      parameters: { key: 'k', algorithm: 'S/MIME' },
    });
  });

  it('takes the sentinel of a protector the same way', async () => {
    const pgp: Protector = {
      method: 'pgp',
      protect: async () => {
        throw new ProtectionUnavailable('pgp', 'no-key');
      },
    };
    const { ports } = world({
      order: ['pgp', 'tls', 'portal'],
      protectors: [pgp, tls, portal],
      results: [delivered],
    });
    const run = await runDelivery(ports, workOf());
    expect(run.end.kind).toBe('sent');
    expect(run.failures).toEqual([{ method: 'pgp', code: 'no-key', parameters: {} }]);
  });

  it('never falls to anything when nothing is left: an explicit non-delivery', async () => {
    const { ports } = world({ order: ['tls'], results: [unavailable] });
    const run = await runDelivery(ports, workOf());
    expect(run.end).toEqual({ kind: 'not-deliverable' });
  });

  it('tries again later for a temporary refusal, and gives up when the message is too old', async () => {
    const deferred: AttemptResult = {
      kind: 'deferred',
      transport: FACTS,
      reply: { code: 451, enhanced: '4.7.1', text: 'later' },
      code: 'peer-deferred',
    };
    const later = await runDelivery(world({ results: [deferred] }).ports, workOf());
    expect(later.end).toMatchObject({
      kind: 'later',
      status: '4.7.1',
      nextAt: new Date(NOW.getTime() + 60_000),
    });
    const late = world({ results: [deferred], now: new Date('2026-11-28T10:00:00Z') });
    expect((await runDelivery(late.ports, workOf())).end).toEqual({ kind: 'too-old', method: 'tls' });
  });

  it('keeps a message whose protector breaks: a fault of ours is tried again, never lost, never downgraded', async () => {
    const broken: Protector = {
      method: 'tls',
      protect: async () => {
        throw new TypeError('bug');
      },
    };
    const { ports, sent } = world({ protectors: [broken, portal] });
    const run = await runDelivery(ports, workOf());
    expect(run.end).toMatchObject({ kind: 'later', code: 'system-fault' });
    expect(sent).toHaveLength(0);
  });

  it('does not send a message that was withdrawn meanwhile', async () => {
    const { ports, sent } = world({ results: [delivered] });
    const run = await runDelivery(ports, workOf({ state: 'cancelled' }));
    expect(run.end).toEqual({ kind: 'withdrawn', state: 'cancelled' });
    expect(sent).toHaveLength(0);
  });

  it('tells the sender rather than placing a copy whose time is over', async () => {
    const { ports } = world({ results: [unavailable], now: message.portalExpiresAt });
    const run = await runDelivery(ports, workOf({ giveUpAt: new Date('2027-01-01T00:00:00Z') }));
    expect(run.end).toEqual({ kind: 'too-old', method: 'portal' });
    expect(run.portal).toBeNull();
  });

  it('gives the notice of a late copy a day, within the life of the copy', async () => {
    const giveUpAt = async (gives: Date, expires: Date) => {
      const { ports } = world({ results: [unavailable] });
      ports.portal.place = async () => ({
        ...(await ids()),
        linkToken: 't',
        expiresAt: expires,
        locale: 'en',
      });
      const run = await runDelivery(ports, workOf({ giveUpAt: gives }));
      return (await run.portal?.({}))?.giveUpAt;
    };
    const ids = async () => ({ item: '' as PortalItemId, person: '' as PortalPersonId });
    const soon = new Date(NOW.getTime() + 60_000);
    const day = new Date(NOW.getTime() + 86_400_000);
    expect(await giveUpAt(soon, message.portalExpiresAt)).toEqual(day);
    expect(await giveUpAt(soon, soon)).toEqual(soon);
    expect(await giveUpAt(message.giveUpAt, message.portalExpiresAt)).toEqual(message.giveUpAt);
  });

  it('does not send once another worker may have taken it over', async () => {
    const { ports, sent } = world({ results: [delivered] });
    const run = await runDelivery(ports, workOf(), () => false);
    expect(run.end).toMatchObject({ kind: 'later', code: 'system-fault' });
    expect(sent).toHaveLength(0);
  });

  it('in its lesser form keeps what the peer took as sent, and tries a place in the portal again', async () => {
    const one = world({ results: [delivered] });
    const sent = lesserRun(one.ports, await runDelivery(one.ports, workOf()));
    expect(sent.end.kind).toBe('sent');
    expect(sent.attempts).toEqual([]);
    const other = world({ results: [unavailable] });
    const placed = lesserRun(other.ports, await runDelivery(other.ports, workOf()));
    expect(placed.end).toMatchObject({ kind: 'later', code: 'system-fault' });
    expect(placed.portal).toBeNull();
  });

  it('sends under a waiver what nothing else could take: opportunistic, and told in the reasons', async () => {
    const waiver: Protector = {
      method: 'waiver',
      protect: async ({ content }) => ({ kind: 'under-waiver', content, waiver: 'the-record' }),
    };
    const policy: Policy = { ...DEFAULT_POLICY, waivers: { enabled: true, highestClass: 'light' } };
    const order: Method[] = ['tls', 'waiver', 'portal'];
    const results = [unavailable, delivered];
    const one = world({ results, protectors: [tls, waiver, portal], order, policy, waiver: true });
    const run = await runDelivery(one.ports, workOf());
    expect(run.end).toMatchObject({ kind: 'sent', method: 'waiver' });
    expect(one.seen.map((facts) => facts.waiver)).toEqual([true, true]);
    expect(one.sent.map(({ tls: asked }) => asked)).toEqual([policy.tls, 'opportunistic']);
    expect(run.attempts.map(({ method, result }) => [method, result])).toEqual([
      ['tls', 'protection-unavailable'],
      ['waiver', 'delivered'],
    ]);
    expect(run.decision?.reasons).toContainEqual({
      code: 'sent-under-waiver',
      parameters: { waiver: 'the-record' },
    });
  });

  it('does not ask for waivers where the organisation has them off', async () => {
    const one = world({ results: [delivered], waiver: true });
    await runDelivery(one.ports, workOf());
    expect(one.seen.map((facts) => facts.waiver)).toEqual([false]);
  });

  it('stops with a fault rather than going round when decide repeats a failed method', async () => {
    const stubborn = world({ results: [unavailable, unavailable] });
    const ports = {
      ...stubborn.ports,
      decide: () => stubborn.ports.decide({ ...emptyFacts }, DEFAULT_POLICY),
    };
    const run = await runDelivery(ports, workOf());
    expect(run.end).toMatchObject({ kind: 'later', code: 'system-fault' });
  });
});

const emptyFacts: RecipientFacts = {
  domain: 'patient.example',
  addressIndex: 'anna@patient.example',
  class: 'light',
  stream: 'transactional',
  offered: ['tls', 'portal'],
  waiver: false,
  lowered: false,
  failures: [],
};
