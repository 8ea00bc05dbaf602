import type { Decision, Reason, RecipientFacts, TlsRequirement } from '#core/decision';
import { classRank, type Method, type SensitivityClass } from '#core/method';
import type { Policy } from '#core/policy';
import { type LayerRule, layersOf, openClass, wordOn } from './layers.ts';

interface EffectivePolicy {
  readonly methods: readonly Method[];
  readonly tls: TlsRequirement;
  readonly exclusive: boolean;
  readonly from: Reason;
}

/**
 * Chooses how one recipient's copy is protected (SL-2, SL-4). Pure: no clock, no I/O, so a stored decision can be
 * replayed and a new policy tried on old facts.
 *
 * Properties (tested over all combinations): never a method that the policy does not list, except the portal as last
 * resort where the policy is not exclusive, and a waiver before it; never a waiver without the recipient's record, the
 * organisation's consent and a class that allows it, and never for a message that a trigger word lowered; the high class only sealed or in the portal; always a method or
 * `none`. One call sees one recipient: nobody's waiver can reach another's copy (decision 15).
 */
export function decide(facts: RecipientFacts, policy: Policy): Decision {
  const effective = effectivePolicy(facts, policy);
  const order = effectiveOrder(effective, facts.waiver && policy.waivers.enabled);
  const reasons: Reason[] = [effective.from];
  if (facts.waiver && !policy.waivers.enabled) reasons.push({ code: 'waivers-off', parameters: {} });
  let method: Method | 'none' = 'none';
  for (const candidate of order) {
    const refusal = refusalOf(candidate, facts, policy);
    if (refusal === null) {
      method = candidate;
      break;
    }
    reasons.push(refusal);
  }
  reasons.push(...conclusion(method, effective));
  return { method, order, tls: effective.tls, policyVersion: policy.version, reasons };
}

function conclusion(method: Method | 'none', effective: EffectivePolicy): Reason[] {
  if (method === 'none') {
    return [
      effective.exclusive
        ? { code: 'exclusive-tls', parameters: {} }
        : { code: 'nothing-left', parameters: {} },
    ];
  }
  if (method === 'waiver') return [{ code: 'waiver-chosen', parameters: {} }];
  const chosen: Reason = { code: 'method-chosen', parameters: { method } };
  const listed = effective.methods.includes('portal');
  return method === 'portal' && !listed ? [{ code: 'portal-is-last', parameters: {} }, chosen] : [chosen];
}

/** Why this method is not for this recipient now, or null where it is. */
function refusalOf(method: Method, facts: RecipientFacts, policy: Policy): Reason | null {
  if (method === 'waiver' && facts.lowered) return { code: 'lowered-forbids-waiver', parameters: {} };
  const highest = highestFor(method, policy);
  if (highest !== null && classRank(facts.class) > classRank(highest)) {
    const code = method === 'waiver' ? 'class-forbids-waiver' : 'class-forbids-tls';
    return { code, parameters: { class: facts.class, highest } };
  }
  if (!facts.offered.includes(method)) return { code: 'method-not-offered', parameters: { method } };
  const failure = facts.failures.find((one) => one.method === method);
  if (failure) {
    return { code: 'method-failed', parameters: { ...failure.parameters, method, failure: failure.code } };
  }
  return null;
}

/** The highest class that a method without a seal of its own may carry; null: any. No setting opens the high class. */
function highestFor(method: Method, policy: Policy): SensitivityClass | null {
  if (method !== 'tls' && method !== 'waiver') return null;
  return openClass(method === 'tls' ? policy.tlsHighestClass : policy.waivers.highestClass);
}

/** The narrowest rule that speaks wins, value by value: recipient, then domain, then stream, then organisation. */
function effectivePolicy(facts: RecipientFacts, policy: Policy): EffectivePolicy {
  const layers = layersOf(facts, policy);
  const methods = wordOn(
    layers,
    (rule) => rule.methods,
    (own) => own.methods,
  );
  const tls = wordOn(
    layers,
    (rule) => rule.tls,
    (own) => own.tls,
  );
  const exclusive = wordOn(
    layers,
    (rule) => rule.exclusive,
    (own) => own.exclusive,
  );
  return {
    methods: methods.value,
    tls: tls.value,
    exclusive: exclusive.value,
    from: orderReason(methods.from),
  };
}

function orderReason({ layer, rule }: LayerRule): Reason {
  switch (layer) {
    case 'recipient':
      return { code: 'order-from-recipient', parameters: {} };
    case 'domain':
      return { code: 'order-from-domain', parameters: { domain: rule ?? '' } };
    case 'stream':
      return { code: 'order-from-stream', parameters: { stream: rule ?? '' } };
    case 'organisation':
    case 'always':
      return { code: 'order-from-organisation', parameters: {} };
  }
}

/**
 * Duplicates go, and a listed waiver goes: it is never chosen by order. Where the recipient has one and the organisation
 * heeds it, it stands after every listed method, and only the portal comes after it: protection that works is still
 * preferred. The portal comes last where it is not listed. An exclusive rule gets neither.
 */
function effectiveOrder(effective: EffectivePolicy, waiver: boolean): readonly Method[] {
  const listed = [...new Set(effective.methods)].filter((method) => method !== 'waiver');
  if (effective.exclusive) return listed;
  const open: readonly Method[] = waiver ? ['waiver'] : [];
  if (listed.at(-1) === 'portal') return [...listed.slice(0, -1), ...open, 'portal'];
  return listed.includes('portal') ? [...listed, ...open] : [...listed, ...open, 'portal'];
}
