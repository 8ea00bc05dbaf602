import type { Decision, Reason, RecipientFacts, TlsRequirement } from '#core/decision';
import { CLASSES, type Method, type SensitivityClass } from '#core/method';
import type { DomainOverride, Policy, PolicyOverride } from '#core/policy';

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
 * Properties (tested over all combinations): never `waiver` here, so never clear; never a method that the policy
 * does not list, except the portal as last resort where the policy is not exclusive; always a method or `none`.
 */
export function decide(facts: RecipientFacts, policy: Policy): Decision {
  const effective = effectivePolicy(facts, policy);
  const order = effectiveOrder(effective);
  const reasons: Reason[] = [effective.from];
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
  const chosen: Reason = { code: 'method-chosen', parameters: { method } };
  const listed = effective.methods.includes('portal');
  return method === 'portal' && !listed ? [{ code: 'portal-is-last', parameters: {} }, chosen] : [chosen];
}

/** Why this method is not for this recipient now, or null where it is. */
function refusalOf(method: Method, facts: RecipientFacts, policy: Policy): Reason | null {
  if (method === 'tls' && classRank(facts.class) > classRank(policy.tlsHighestClass)) {
    return { code: 'class-forbids-tls', parameters: { class: facts.class, highest: policy.tlsHighestClass } };
  }
  if (!facts.offered.includes(method)) return { code: 'method-not-offered', parameters: { method } };
  const failure = facts.failures.find((one) => one.method === method);
  if (failure) {
    return { code: 'method-failed', parameters: { ...failure.parameters, method, failure: failure.code } };
  }
  return null;
}

/** The narrowest rule that speaks wins, value by value: recipient, then domain, then organisation. */
function effectivePolicy(facts: RecipientFacts, policy: Policy): EffectivePolicy {
  const recipient = policy.recipients.find((one) => one.address === facts.addressIndex);
  const domain = matchingDomain(facts.domain, policy.domains);
  const layers: readonly (PolicyOverride | undefined)[] = [recipient, domain];
  const from: Reason = recipient?.methods
    ? { code: 'order-from-recipient', parameters: {} }
    : domain?.methods
      ? { code: 'order-from-domain', parameters: { domain: domain.domain } }
      : { code: 'order-from-organisation', parameters: {} };
  return {
    methods: first(layers, (layer) => layer.methods) ?? policy.methods,
    tls: first(layers, (layer) => layer.tls) ?? policy.tls,
    exclusive: first(layers, (layer) => layer.exclusive) ?? policy.exclusive,
    from,
  };
}

function first<T>(
  layers: readonly (PolicyOverride | undefined)[],
  pick: (layer: PolicyOverride) => T | null,
): T | null {
  for (const layer of layers) {
    const value = layer ? pick(layer) : null;
    if (value !== null) return value;
  }
  return null;
}

/** An exact name beats a wildcard; among wildcards the longest wins. */
function matchingDomain(domain: string, overrides: readonly DomainOverride[]): DomainOverride | undefined {
  const exact = overrides.find((one) => one.domain === domain);
  if (exact) return exact;
  return overrides
    .filter((one) => one.domain.startsWith('*.') && domain.endsWith(one.domain.slice(1)))
    .sort((a, b) => b.domain.length - a.domain.length)[0];
}

/** Duplicates go, waiver goes (it is never chosen by order), the portal comes last unless the rule is exclusive. */
function effectiveOrder(effective: EffectivePolicy): readonly Method[] {
  const listed = [...new Set(effective.methods)].filter((method) => method !== 'waiver');
  if (effective.exclusive || listed.includes('portal')) return listed;
  return [...listed, 'portal'];
}

function classRank(value: SensitivityClass): number {
  return CLASSES.indexOf(value);
}
