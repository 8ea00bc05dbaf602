import type { RecipientFacts } from '#core/decision';
import { classRank, HIGHEST_UNSEALED, type SensitivityClass } from '#core/method';
import type { DomainOverride, Policy, PolicyOverride } from '#core/policy';
import type { PolicyLayer } from '#core/policy-explanation';

/** One layer's rule for a recipient. */
export interface LayerRule extends PolicyOverride {
  readonly layer: PolicyLayer;
  readonly rule: string | null;
}

/** The organisation's own rule says every value. */
export interface OwnRule extends LayerRule {
  readonly methods: Policy['methods'];
  readonly tls: Policy['tls'];
  readonly exclusive: boolean;
}

/** The rules that meet this recipient, narrowest first: recipient, domain, stream. The organisation's own stands apart. */
export interface Layers {
  readonly narrower: readonly LayerRule[];
  readonly own: OwnRule;
}

export function layersOf(
  facts: Pick<RecipientFacts, 'addressIndex' | 'domain' | 'stream'>,
  policy: Policy,
): Layers {
  const recipient = policy.recipients.find((one) => one.address === facts.addressIndex);
  const domain = matchingDomain(facts.domain, policy.domains);
  const stream = policy.streams.find((one) => one.stream === facts.stream);
  const narrower: LayerRule[] = [];
  if (recipient) narrower.push(ruleOf('recipient', null, recipient));
  if (domain) narrower.push(ruleOf('domain', domain.domain, domain));
  if (stream) narrower.push(ruleOf('stream', stream.stream, stream));
  const { methods, tls, exclusive } = policy;
  return { narrower, own: { layer: 'organisation', rule: null, methods, tls, exclusive } };
}

function ruleOf(layer: PolicyLayer, rule: string | null, given: PolicyOverride): LayerRule {
  const { methods, tls, exclusive } = given;
  return { layer, rule, methods, tls, exclusive };
}

/** What the narrowest rule that speaks says of one value, and whose word it is. */
export function wordOn<T>(
  { narrower, own }: Layers,
  pick: (rule: PolicyOverride) => T | null,
  otherwise: (rule: OwnRule) => T,
): { readonly value: T; readonly from: LayerRule } {
  for (const from of narrower) {
    const value = pick(from);
    if (value !== null) return { value, from };
  }
  return { value: otherwise(own), from: own };
}

/** An exact name beats a wildcard; among wildcards the longest wins. */
function matchingDomain(domain: string, overrides: readonly DomainOverride[]): DomainOverride | undefined {
  let widest: DomainOverride | undefined;
  for (const one of overrides) {
    if (one.domain === domain) return one;
    if (!one.domain.startsWith('*.') || !domain.endsWith(one.domain.slice(1))) continue;
    if (widest === undefined || one.domain.length > widest.domain.length) widest = one;
  }
  return widest;
}

/** No setting opens the high class to a method without a seal of its own. */
export function openClass(setting: SensitivityClass): SensitivityClass {
  return classRank(setting) > classRank(HIGHEST_UNSEALED) ? HIGHEST_UNSEALED : setting;
}
