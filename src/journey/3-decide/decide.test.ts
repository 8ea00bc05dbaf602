import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureCode, MethodFailure, RecipientFacts } from '#core/decision';
import { CLASSES, METHODS, type Method, type SensitivityClass, STREAMS } from '#core/method';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import type { PolicyValue } from '#core/policy-explanation';
import { decide } from './decide.ts';
import { explainPolicy } from './explain-policy.ts';

function facts(over: Partial<RecipientFacts> = {}): RecipientFacts {
  return {
    domain: 'clinic.example',
    addressIndex: 'anna@clinic.example',
    class: 'light',
    stream: 'transactional',
    offered: ['tls', 'portal'],
    waiver: false,
    lowered: false,
    failures: [],
    ...over,
  };
}

const failed = (method: Method, code: FailureCode = 'tls-not-offered'): MethodFailure => ({
  method,
  code,
  parameters: { host: 'mx.clinic.example' },
});

describe('decide', () => {
  it('takes the first method of the order that is offered and has not failed', () => {
    expect(decide(facts(), DEFAULT_POLICY).method).toBe('tls');
    const second = decide(facts({ failures: [failed('tls')] }), DEFAULT_POLICY);
    expect(second.method).toBe('portal');
    expect(second.reasons.map((reason) => reason.code)).toEqual([
      'order-from-organisation',
      'method-failed',
      'method-chosen',
    ]);
    expect(second.reasons[1]?.parameters).toMatchObject({ method: 'tls', failure: 'tls-not-offered' });
  });

  it('keeps the high class off TLS alone', () => {
    const decision = decide(facts({ class: 'high' }), DEFAULT_POLICY);
    expect(decision.method).toBe('portal');
    expect(decision.reasons[1]).toEqual({
      code: 'class-forbids-tls',
      parameters: { class: 'high', highest: 'light' },
    });
  });

  it('falls to the portal though it is not listed, and says so', () => {
    const decision = decide(facts({ failures: [failed('tls')] }), { ...DEFAULT_POLICY, methods: ['tls'] });
    expect(decision.method).toBe('portal');
    expect(decision.reasons.map((reason) => reason.code)).toContain('portal-is-last');
  });

  it('does not deliver, explicitly, where the rule is exclusive and its methods fail', () => {
    const policy: Policy = { ...DEFAULT_POLICY, methods: ['tls'], exclusive: true };
    const decision = decide(facts({ failures: [failed('tls')] }), policy);
    expect(decision.method).toBe('none');
    expect(decision.reasons.at(-1)?.code).toBe('exclusive-tls');
  });

  it('prefers the domain rule to the stream rule to the organisation, value by value', () => {
    const policy: Policy = {
      ...DEFAULT_POLICY,
      streams: [
        {
          stream: 'marketing',
          methods: ['portal'],
          tls: { minimum: '1.3', authentication: 'verified' },
          exclusive: null,
        },
      ],
      domains: [{ domain: 'clinic.example', methods: ['tls'], tls: null, exclusive: null }],
    };
    expect(decide(facts({ domain: 'x.example' }), policy).reasons[0]?.code).toBe('order-from-organisation');
    const elsewhere = decide(facts({ domain: 'x.example', stream: 'marketing' }), policy);
    expect(elsewhere.reasons[0]).toEqual({ code: 'order-from-stream', parameters: { stream: 'marketing' } });
    expect(elsewhere.method).toBe('portal');
    const there = decide(facts({ stream: 'marketing' }), policy);
    expect([there.method, there.tls.minimum, there.reasons[0]?.code]).toEqual([
      'tls',
      '1.3',
      'order-from-domain',
    ]);
  });

  it('prefers the recipient rule to the domain rule to the organisation', () => {
    const none = { tls: null, exclusive: null };
    const policy: Policy = {
      ...DEFAULT_POLICY,
      domains: [
        { domain: '*.example', methods: ['portal'], ...none },
        {
          domain: 'clinic.example',
          methods: ['tls'],
          tls: { minimum: '1.3', authentication: 'verified' },
          exclusive: null,
        },
      ],
      recipients: [{ address: 'anna@clinic.example', methods: ['portal'], ...none }],
    };
    const anna = decide(facts(), policy);
    expect(anna.method).toBe('portal');
    expect(anna.tls.minimum).toBe('1.3');
    expect(anna.reasons[0]?.code).toBe('order-from-recipient');
    expect(decide(facts({ addressIndex: 'ben@clinic.example' }), policy).method).toBe('tls');
    expect(decide(facts({ addressIndex: 'c@x.example', domain: 'x.example' }), policy).method).toBe('portal');
    // A wildcard covers what lies below a name, not the name itself.
    expect(decide(facts({ addressIndex: 'c@example', domain: 'example' }), policy).method).toBe('tls');
  });
});

const method = fc.constantFrom(...METHODS);
const methods = fc.uniqueArray(method, { minLength: 1 });
const failures = fc.uniqueArray(method).map((list) => list.map((one) => failed(one)));
const override = fc.record({
  methods: fc.option(methods),
  tls: fc.constant(null),
  exclusive: fc.option(fc.boolean()),
});
const policies: fc.Arbitrary<Policy> = fc.record({
  version: fc.nat(),
  methods,
  tls: fc.constant(DEFAULT_POLICY.tls),
  tlsHighestClass: fc.constantFrom(...CLASSES),
  exclusive: fc.boolean(),
  triggers: fc.constant(DEFAULT_POLICY.triggers),
  waivers: fc.record({ enabled: fc.boolean(), highestClass: fc.constantFrom(...CLASSES) }),
  streams: fc.array(
    override.map((one) => ({ ...one, stream: 'business' as const })),
    { maxLength: 1 },
  ),
  domains: fc.array(
    override.map((one) => ({ ...one, domain: 'clinic.example' })),
    { maxLength: 1 },
  ),
  recipients: fc.array(
    override.map((one) => ({ ...one, address: 'anna@clinic.example' })),
    { maxLength: 1 },
  ),
  portalExpiryDays: fc.constant(30),
  giveUpDays: fc.constant(5),
});
const anyFacts: fc.Arbitrary<RecipientFacts> = fc.record({
  domain: fc.constant('clinic.example'),
  addressIndex: fc.constant('anna@clinic.example'),
  class: fc.constantFrom(...CLASSES),
  stream: fc.constantFrom(...STREAMS),
  offered: fc.uniqueArray(method),
  waiver: fc.boolean(),
  lowered: fc.boolean(),
  failures,
});

/** Facts and a policy where a waiver is often the answer, which random ones are only once in some hundred times. */
const nearWaiver = fc.tuple(anyFacts, policies).map(([given, policy]): [RecipientFacts, Policy] => [
  {
    ...given,
    waiver: true,
    lowered: false,
    failures: METHODS.filter((one) => one !== 'waiver').map((one) => failed(one)),
  },
  { ...policy, waivers: { ...policy.waivers, enabled: true } },
]);

describe('properties of decide', () => {
  it('never chooses a failed method, or one that the effective order does not hold', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const decision = decide(given, policy);
        if (decision.method === 'none') return;
        expect(decision.order).toContain(decision.method);
        expect(given.offered).toContain(decision.method);
        expect(given.failures.map((one) => one.method)).not.toContain(decision.method);
      }),
    );
  });

  it('never chooses a method that no rule lists, but the portal and a waiver where the rule is open', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const stream = given.stream === 'business' ? policy.streams[0] : undefined;
        const rules = [policy.recipients[0], policy.domains[0], stream, policy];
        const rule = rules.find((one) => one?.methods)?.methods;
        const exclusive = rules.find((one) => (one?.exclusive ?? null) !== null)?.exclusive;
        const { method: chosen } = decide(given, policy);
        if (chosen === 'none') return;
        if (exclusive || (chosen !== 'portal' && chosen !== 'waiver')) expect(rule).toContain(chosen);
        if (exclusive) expect(chosen).not.toBe('waiver');
      }),
    );
  });

  it('sends in clear only with a waiver on record, heeded by the organisation, for a class it opens', () => {
    let seen = 0;
    fc.assert(
      fc.property(fc.oneof(fc.tuple(anyFacts, policies), nearWaiver), ([given, policy]) => {
        if (decide(given, policy).method !== 'waiver') return;
        seen += 1;
        expect([given.waiver, given.lowered]).toEqual([true, false]);
        expect(policy.waivers.enabled).toBe(true);
        expect(given.class).not.toBe('high');
        expect(CLASSES.indexOf(given.class)).toBeLessThanOrEqual(
          CLASSES.indexOf(policy.waivers.highestClass),
        );
        // Every other method of the order is refused, but a portal that stands last: it comes after the waiver.
        const without = decide({ ...given, waiver: false }, policy);
        expect(['portal', 'none']).toContain(without.method);
        expect(without.method === 'portal' ? without.order.at(-1) : 'portal').toBe('portal');
      }),
      { numRuns: 2000 },
    );
    expect(seen).toBeGreaterThan(0);
  });

  it('keeps each class above its floor', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const decision = decide(given, policy);
        if (decision.method !== 'tls') return;
        expect(given.class).not.toBe('high');
        expect(CLASSES.indexOf(given.class)).toBeLessThanOrEqual(CLASSES.indexOf(policy.tlsHighestClass));
      }),
    );
  });

  it('never moves the choice later in the order when a capability comes', () => {
    fc.assert(
      fc.property(anyFacts, policies, method, (given, policy, added) => {
        const place = (choice: Method | 'none', order: readonly Method[]): number =>
          choice === 'none' ? order.length : order.indexOf(choice);
        const able = {
          ...given,
          offered: [...new Set([...given.offered, added])],
          failures: given.failures.filter((one) => one.method !== added),
        };
        const before = decide(given, policy);
        const after = decide(able, policy);
        expect(after.order).toEqual(before.order);
        expect(place(after.method, after.order)).toBeLessThanOrEqual(place(before.method, before.order));
      }),
    );
  });

  it('sees in a lowered message nothing but the end of waivers, and says so', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const lowered = decide({ ...given, lowered: true }, policy);
        expect(lowered.method).toBe(decide({ ...given, waiver: false, lowered: false }, policy).method);
        const plain = decide({ ...given, lowered: false }, policy);
        if (plain.method !== 'waiver') return;
        expect(lowered.reasons).toContainEqual({ code: 'lowered-forbids-waiver', parameters: {} });
      }),
    );
  });

  it('leaves the choice alone when a waiver comes, but where nothing else than the portal was left', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const before = decide({ ...given, waiver: false }, policy).method;
        const after = decide({ ...given, waiver: true }, policy).method;
        if (after !== before) expect([after, ['portal', 'none'].includes(before)]).toEqual(['waiver', true]);
      }),
    );
  });

  it('finds a method whenever the portal is offered, has not failed, and the rule is not exclusive', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const open: Policy = { ...policy, exclusive: false, streams: [], domains: [], recipients: [] };
        const able = {
          ...given,
          offered: [...new Set<Method>([...given.offered, 'portal'])],
          failures: given.failures.filter((one) => one.method !== 'portal'),
        };
        expect(decide(able, open).method).not.toBe('none');
      }),
    );
  });

  it('never moves the choice later when a failure goes away', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const place = (choice: Method | 'none', order: readonly Method[]): number =>
          choice === 'none' ? order.length : order.indexOf(choice);
        const before = decide(given, policy);
        const after = decide({ ...given, failures: given.failures.slice(1) }, policy);
        expect(place(after.method, after.order)).toBeLessThanOrEqual(place(before.method, before.order));
      }),
    );
  });

  it('is explained by the values it was taken on, each from the narrowest rule that speaks', () => {
    const layers = ['recipient', 'domain', 'stream', 'organisation', 'always'];
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        const decision = decide(given, policy);
        const said = new Map(explainPolicy(given, policy).map((one) => [one.name, one]));
        const value = (name: PolicyValue) => said.get(name)?.value;
        expect(value('tls-minimum')).toBe(decision.tls.minimum);
        expect(value('tls-authentication')).toBe(decision.tls.authentication);
        expect(decision.reasons[0]?.code).toBe(`order-from-${said.get('methods')?.layer}`);
        // Taken alone, what is explained decides the same.
        const flat: Policy = {
          ...policy,
          methods: (value('methods') ?? '').split(' ') as Method[],
          exclusive: value('exclusive') === 'true',
          tlsHighestClass: value('tls-highest-class') as SensitivityClass,
          waivers:
            value('waiver') === 'off'
              ? { enabled: false, highestClass: 'ordinary' }
              : { enabled: true, highestClass: value('waiver') as SensitivityClass },
          ...{ streams: [], domains: [], recipients: [] },
        };
        const again = decide(given, flat);
        expect([again.method, again.order]).toEqual([decision.method, decision.order]);
        for (const one of said.values()) {
          const ranks = [one, ...one.over].map(({ layer }) => layers.indexOf(layer));
          if (one.layer !== 'always') expect(ranks).toEqual([...new Set(ranks)].sort());
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is deterministic', () => {
    fc.assert(
      fc.property(anyFacts, policies, (given, policy) => {
        expect(decide(given, policy)).toEqual(decide(given, policy));
      }),
    );
  });
});
