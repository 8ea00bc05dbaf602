import type { PolicyOverride } from '#core/policy';
import type { PolicyWord } from '#core/policy-explanation';
import type { PolicyDifference, PolicySentence } from './describe-policy.ts';
import type { PolicyDocument } from './policy-document.ts';

/** A document as the API shows it. */
export function documentView(policy: PolicyDocument) {
  const { triggers } = policy;
  return {
    methods: [...policy.methods],
    tls: policy.tls,
    tlsHighestClass: policy.tlsHighestClass,
    exclusive: policy.exclusive,
    waivers: policy.waivers,
    triggers: { raise: [...triggers.raise], lower: [...triggers.lower], lowering: triggers.lowering },
    streams: policy.streams.map(ruleView),
    domains: policy.domains.map(ruleView),
    recipients: policy.recipients.map(ruleView),
    portalExpiryDays: policy.portalExpiryDays,
    giveUpDays: policy.giveUpDays,
  };
}

function ruleView<Rule extends PolicyOverride>(rule: Rule) {
  return { ...rule, methods: rule.methods ? [...rule.methods] : null };
}

export function sentenceView({ key, code, parameters }: PolicySentence) {
  return { key, code, parameters: { ...parameters } };
}

export function differenceView({ key, before, after }: PolicyDifference) {
  return { key, before: before && sentenceView(before), after: after && sentenceView(after) };
}

export function wordView({ layer, rule, value }: PolicyWord) {
  return { layer, rule, value };
}
