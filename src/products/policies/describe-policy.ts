import type { PolicyOverride } from '#core/policy';
import type { PolicyDocument } from './policy-document.ts';

/** One thing that a policy says, as a code with parameters; worded when it is read. */
export interface PolicySentence {
  /** What it speaks of: the same in every version, so that two versions can be compared. */
  readonly key: string;
  readonly code: SentenceCode;
  /** Methods with blanks between them, words of a list with line ends. A recipient's address is PHI. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

export type SentenceCode =
  | 'order'
  | 'exclusive'
  | 'portal-is-last'
  | 'tls'
  | 'tls-highest'
  | 'raising'
  | 'no-raising'
  | 'lowering'
  | 'no-lowering'
  | 'waivers'
  | 'waivers-off'
  | 'stream-rule'
  | 'domain-rule'
  | 'recipient-rule'
  | 'portal-expiry'
  | 'give-up';

/** The whole policy as sentences, in the order of the form. Pure. */
export function describePolicy(policy: PolicyDocument): readonly PolicySentence[] {
  const { methods, tls, triggers, waivers } = policy;
  return [
    { key: 'methods', code: 'order', parameters: { methods: methods.join(' ') } },
    { key: 'exclusive', code: policy.exclusive ? 'exclusive' : 'portal-is-last', parameters: {} },
    { key: 'tls', code: 'tls', parameters: { ...tls } },
    { key: 'tlsHighestClass', code: 'tls-highest', parameters: { class: policy.tlsHighestClass } },
    triggers.raise.length > 0
      ? { key: 'triggers.raise', code: 'raising', parameters: { words: triggers.raise.join('\n') } }
      : { key: 'triggers.raise', code: 'no-raising', parameters: {} },
    triggers.lowering && triggers.lower.length > 0
      ? { key: 'triggers.lower', code: 'lowering', parameters: { words: triggers.lower.join('\n') } }
      : { key: 'triggers.lower', code: 'no-lowering', parameters: {} },
    waivers.enabled
      ? { key: 'waivers', code: 'waivers', parameters: { class: waivers.highestClass } }
      : { key: 'waivers', code: 'waivers-off', parameters: {} },
    ...policy.streams.map((one) => rule(`streams.${one.stream}`, 'stream-rule', { stream: one.stream }, one)),
    ...policy.domains.map((one) => rule(`domains.${one.domain}`, 'domain-rule', { domain: one.domain }, one)),
    ...policy.recipients.map((one) =>
      rule(`recipients.${one.address}`, 'recipient-rule', { address: one.address }, one),
    ),
    { key: 'portalExpiryDays', code: 'portal-expiry', parameters: { days: policy.portalExpiryDays } },
    { key: 'giveUpDays', code: 'give-up', parameters: { days: policy.giveUpDays } },
  ];
}

/** What a rule is silent about has no parameter. */
function rule(
  key: string,
  code: SentenceCode,
  whom: Readonly<Record<string, string>>,
  { methods, tls, exclusive }: PolicyOverride,
): PolicySentence {
  return {
    key,
    code,
    parameters: {
      ...whom,
      ...(methods === null ? {} : { methods: methods.join(' ') }),
      ...(tls === null ? {} : { minimum: tls.minimum, authentication: tls.authentication }),
      ...(exclusive === null ? {} : { exclusive: String(exclusive) }),
    },
  };
}

/** One difference: what was said before and what is said now; null where nothing was. */
export interface PolicyDifference {
  readonly key: string;
  readonly before: PolicySentence | null;
  readonly after: PolicySentence | null;
}

/** What two policies say differently, in the order of the form. Equal documents have no differences. Pure. */
export function comparePolicies(before: PolicyDocument, after: PolicyDocument): readonly PolicyDifference[] {
  const was = new Map(describePolicy(before).map((one) => [one.key, one]));
  const is = new Map(describePolicy(after).map((one) => [one.key, one]));
  const differences: PolicyDifference[] = [];
  for (const key of new Set([...is.keys(), ...was.keys()])) {
    const [old, now] = [was.get(key) ?? null, is.get(key) ?? null];
    if (saying(old) !== saying(now)) differences.push({ key, before: old, after: now });
  }
  return differences;
}

function saying(sentence: PolicySentence | null): string {
  if (sentence === null) return '';
  return JSON.stringify([sentence.code, Object.entries(sentence.parameters).sort()]);
}
