import type { RecipientFacts } from '#core/decision';
import type { Policy, PolicyOverride } from '#core/policy';
import type { ExplainedValue, PolicyValue, PolicyWord } from '#core/policy-explanation';
import { type Layers, layersOf, type OwnRule, openClass } from './layers.ts';

/**
 * Each value that `decide` takes for this recipient, with the rule it comes from and the rules that it was put over.
 * Pure; read from the same layers as the decision, so the two cannot differ (tested over all combinations).
 */
export function explainPolicy(
  facts: Pick<RecipientFacts, 'addressIndex' | 'domain' | 'stream'>,
  policy: Policy,
): readonly ExplainedValue[] {
  const layers = layersOf(facts, policy);
  return [
    explained(layers, 'methods', (rule) => rule.methods?.join(' ') ?? null),
    explained(layers, 'tls-minimum', (rule) => rule.tls?.minimum ?? null),
    explained(layers, 'tls-authentication', (rule) => rule.tls?.authentication ?? null),
    explained(layers, 'exclusive', (rule) => (rule.exclusive === null ? null : String(rule.exclusive))),
    capped('tls-highest-class', policy.tlsHighestClass),
    policy.waivers.enabled
      ? capped('waiver', policy.waivers.highestClass)
      : { name: 'waiver', layer: 'organisation', rule: null, value: 'off', over: [] },
  ];
}

function explained(
  { narrower, own }: Layers,
  name: PolicyValue,
  say: (rule: PolicyOverride | OwnRule) => string | null,
): ExplainedValue {
  const words: PolicyWord[] = [];
  for (const rule of [...narrower, own]) {
    const value = say(rule);
    if (value !== null) words.push({ layer: rule.layer, rule: rule.rule, value });
  }
  const [first, ...over] = words;
  if (!first) throw new Error(`the organisation says nothing of ${name}`);
  return { name, ...first, over };
}

/** A class that the organisation sets, held below the high one whatever stands in the document. */
function capped(name: PolicyValue, setting: Policy['tlsHighestClass']): ExplainedValue {
  const own: PolicyWord = { layer: 'organisation', rule: null, value: setting };
  const value = openClass(setting);
  if (value === setting) return { name, ...own, over: [] };
  return { name, layer: 'always', rule: null, value, over: [own] };
}
