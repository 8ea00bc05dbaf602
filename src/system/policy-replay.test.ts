import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureCode, MethodFailure, RecipientFacts, TlsRequirement } from '#core/decision';
import type { DeliveryId, MessageId } from '#core/ids';
import { CLASSES, METHODS, type Method, STREAMS } from '#core/method';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import { decide } from '#journey/3-decide';
import { type PastDecision, type Recipient, replayDecision } from '../products/policies/replay-decision.ts';
import { addToSummary, emptySummary } from '../products/policies/replay-summary.ts';

const NOBODY: Recipient = { addressIndex: 'anna@clinic.test', waiver: false, holds: () => false };
const doors = { decide, offered: () => METHODS };
const failed = (method: Method, code: FailureCode = 'tls-not-offered'): MethodFailure => ({
  ...{ method, code },
  parameters: { host: 'mx.clinic.test' },
});

/** A decision as the road would have taken it and put it on record. */
function past(
  policy: Policy,
  over: Partial<RecipientFacts> = {},
  tls: { version: string; authenticatedBy: 'pkix' | 'none' } | null = null,
): PastDecision {
  const facts: RecipientFacts = {
    ...{ domain: 'clinic.test', addressIndex: 'anna@clinic.test', class: 'light', stream: 'business' },
    ...{ offered: METHODS, waiver: false, lowered: false, failures: [], ...over },
  };
  const { class: cls, stream, domain, failures, offered, waiver, lowered } = facts;
  return {
    ...{ message: 'm' as MessageId, delivery: 'd' as DeliveryId, class: cls, stream, domain, failures },
    lowered,
    decision: decide(facts, policy),
    facts: { run: 1, at: '2026-11-27T00:00:00.000Z', offered, waiver, tls },
  };
}

const replay = (one: PastDecision, draft: Policy, base = DEFAULT_POLICY, recipient = NOBODY) =>
  replayDecision(doors, one, recipient, base, draft);
const requiring = (tls: Partial<TlsRequirement>): Policy => ({
  ...DEFAULT_POLICY,
  tls: { ...DEFAULT_POLICY.tls, ...tls },
});
const outcome = (one: PastDecision, draft: Policy, base = DEFAULT_POLICY) => {
  const { to, effect, assumed } = replay(one, draft, base);
  return [to, effect, assumed];
};

describe('a past decision made again', () => {
  const orders = fc.uniqueArray(fc.constantFrom(...METHODS), { minLength: 1 });
  const rule = fc.record({
    methods: fc.option(orders),
    tls: fc.constant(null),
    exclusive: fc.option(fc.boolean()),
  });
  const policies: fc.Arbitrary<Policy> = fc
    .record({
      methods: orders,
      exclusive: fc.boolean(),
      tlsHighestClass: fc.constantFrom(...CLASSES),
      waivers: fc.record({ enabled: fc.boolean(), highestClass: fc.constantFrom(...CLASSES) }),
      streams: fc.array(
        rule.map((one) => ({ ...one, stream: 'business' as const })),
        { maxLength: 1 },
      ),
      recipients: fc.array(
        rule.map((one) => ({ ...one, address: 'anna@clinic.test' })),
        { maxLength: 1 },
      ),
    })
    .map((parts) => ({ ...DEFAULT_POLICY, ...parts }));
  const facts = fc.record({
    class: fc.constantFrom(...CLASSES),
    stream: fc.constantFrom(...STREAMS),
    offered: fc.uniqueArray(fc.constantFrom(...METHODS)),
    waiver: fc.boolean(),
    failures: fc.uniqueArray(fc.constantFrom(...METHODS)).map((list) => list.map((one) => failed(one))),
  });

  it('under its own policy comes to the same, whether its facts were kept or are rebuilt', () => {
    fc.assert(
      fc.property(policies, facts, fc.boolean(), (policy, given, kept) => {
        // What was asked of the waivers is only known where the policy heeds them.
        const asked = { ...given, waiver: given.waiver && policy.waivers.enabled };
        const one = past(policy, asked);
        const again = replay(kept ? one : { ...one, facts: null }, policy, policy);
        expect(again.reproduced).toBe(true);
        if (kept) expect([again.to, again.effect]).toEqual([one.decision.method, 'same']);
      }),
      { numRuns: 1000 },
    );
  });

  it('is not reproduced where another policy had made it, or none is left', () => {
    const one = past(DEFAULT_POLICY);
    expect(replay(one, DEFAULT_POLICY, { ...DEFAULT_POLICY, methods: ['portal'] }).reproduced).toBe(false);
    expect(replayDecision(doors, one, NOBODY, undefined, DEFAULT_POLICY).reproduced).toBe(false);
  });

  it('holds the connection of that time against a higher requirement', () => {
    const old = past(DEFAULT_POLICY, {}, { version: 'TLSv1.2', authenticatedBy: 'pkix' });
    const newer = past(DEFAULT_POLICY, {}, { version: 'TLSv1.3', authenticatedBy: 'pkix' });
    expect(outcome(old, requiring({ minimum: '1.3' }))).toEqual(['portal', 'higher', false]);
    expect(outcome(newer, requiring({ minimum: '1.3' }))).toEqual(['tls', 'same', false]);
    expect(outcome({ ...old, facts: null }, requiring({ minimum: '1.3' }))).toEqual(['tls', 'same', true]);
    const weak = requiring({ authentication: 'encrypted-only' });
    const unproven = past(weak, {}, { version: 'TLSv1.3', authenticatedBy: 'none' });
    expect(outcome(unproven, DEFAULT_POLICY, weak)).toEqual(['portal', 'higher', false]);
  });

  it('drops a failure that a lower requirement would not meet, as an assumption, and no other', () => {
    const weak = requiring({ authentication: 'encrypted-only' });
    const untrusted = past(DEFAULT_POLICY, { failures: [failed('tls', 'certificate-untrusted')] });
    expect(outcome(untrusted, weak)).toEqual(['tls', 'lower', true]);
    expect(outcome(past(DEFAULT_POLICY, { failures: [failed('tls')] }), weak)).toEqual([
      'portal',
      'same',
      false,
    ]);
  });

  it('takes keys as they are held now, and says that it did', () => {
    const one = past(DEFAULT_POLICY, { failures: [failed('tls')] });
    const draft: Policy = { ...DEFAULT_POLICY, methods: ['pgp', 'portal'] };
    expect(outcome(one, draft)).toEqual(['portal', 'same', true]);
    const holder = { ...NOBODY, holds: (method: Method) => method === 'pgp' };
    expect(replay(one, draft, DEFAULT_POLICY, holder)).toMatchObject({ to: 'pgp', effect: 'other' });
  });

  it('weighs what is gained and lost, and keeps what was not reproduced out of the counts', () => {
    const strict: Policy = { ...DEFAULT_POLICY, methods: ['tls'], exclusive: true };
    const one = past(DEFAULT_POLICY, { failures: [failed('tls')] });
    expect(outcome(one, strict)).toEqual(['none', 'lost', false]);
    expect(outcome(past(strict, { failures: [failed('tls')] }), DEFAULT_POLICY, strict)).toEqual([
      'portal',
      'gained',
      false,
    ]);
    const summary = emptySummary();
    addToSummary(summary, replay(one, strict));
    addToSummary(summary, replayDecision(doors, one, NOBODY, undefined, strict));
    expect(summary).toMatchObject({ decisions: 2, reproduced: 1, lost: 1, changed: 1 });
    expect([summary.samples.length, summary.differing.length]).toEqual([1, 1]);
  });
});
