import { domainToASCII } from 'node:url';
import { classRank, HIGHEST_UNSEALED, METHODS, type Method } from '#core/method';
import type { Policy, PolicyOverride } from '#core/policy';

/** One thing wrong with a policy document: where, and which rule. */
export interface PolicyProblem {
  readonly path: string;
  readonly code:
    | 'empty-order'
    | 'waiver-in-order'
    | 'repeated-method'
    | 'repeated-stream'
    | 'repeated-domain'
    | 'repeated-recipient'
    | 'domain-invalid'
    | 'address-invalid'
    | 'trigger-invalid'
    | 'repeated-trigger'
    | 'out-of-range'
    /** The high class never leaves without protection of its own (SL-9). */
    | 'class-too-high';
}

/** Rules that types cannot say. An empty list means that the document may be stored. */
export function validatePolicy(policy: Policy): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [...orderProblems('methods', policy.methods)];
  if (!inRange(policy.portalExpiryDays, 1, 365))
    problems.push({ path: 'portalExpiryDays', code: 'out-of-range' });
  if (!inRange(policy.giveUpDays, 1, 5)) problems.push({ path: 'giveUpDays', code: 'out-of-range' });
  for (const [path, highest] of [
    ['tlsHighestClass', policy.tlsHighestClass],
    ['waivers.highestClass', policy.waivers.highestClass],
  ] as const) {
    if (classRank(highest) > classRank(HIGHEST_UNSEALED)) problems.push({ path, code: 'class-too-high' });
  }
  problems.push(...triggerProblems(policy));
  const streams = new Set<string>();
  policy.streams.forEach((override, index) => {
    const path = `streams.${index}`;
    problems.push(...overrideProblems(path, override));
    if (streams.has(override.stream)) problems.push({ path: `${path}.stream`, code: 'repeated-stream' });
    streams.add(override.stream);
  });
  const domains = new Set<string>();
  policy.domains.forEach((override, index) => {
    const path = `domains.${index}`;
    problems.push(...overrideProblems(path, override));
    const bare = override.domain.startsWith('*.') ? override.domain.slice(2) : override.domain;
    if (bare === '' || domainToASCII(bare) !== bare)
      problems.push({ path: `${path}.domain`, code: 'domain-invalid' });
    if (domains.has(override.domain)) problems.push({ path: `${path}.domain`, code: 'repeated-domain' });
    domains.add(override.domain);
  });
  const recipients = new Set<string>();
  policy.recipients.forEach((override, index) => {
    const path = `recipients.${index}`;
    problems.push(...overrideProblems(path, override));
    if (!/^[^\s@]{1,64}@[^\s@]{1,255}$/u.test(override.address)) {
      problems.push({ path: `${path}.address`, code: 'address-invalid' });
    }
    if (recipients.has(override.address))
      problems.push({ path: `${path}.address`, code: 'repeated-recipient' });
    recipients.add(override.address);
  });
  return problems;
}

/** Printable ASCII without a blank at its ends: a word that people can type, and that no subject holds by chance. */
const TRIGGER = /^[!-~](?:[ -~]{1,38})[!-~]$/;

function triggerProblems({ triggers }: Policy): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const seen = new Set<string>();
  for (const list of ['raise', 'lower'] as const) {
    triggers[list].forEach((word, index) => {
      const path = `triggers.${list}.${index}`;
      if (!TRIGGER.test(word) || word.includes('=?')) problems.push({ path, code: 'trigger-invalid' });
      if (seen.has(word.toLowerCase())) problems.push({ path, code: 'repeated-trigger' });
      seen.add(word.toLowerCase());
    });
  }
  return problems;
}

function overrideProblems(path: string, override: PolicyOverride): readonly PolicyProblem[] {
  return override.methods === null ? [] : orderProblems(`${path}.methods`, override.methods);
}

function orderProblems(path: string, methods: readonly Method[]): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  if (methods.length === 0) problems.push({ path, code: 'empty-order' });
  if (methods.includes('waiver')) problems.push({ path, code: 'waiver-in-order' });
  if (new Set(methods).size !== methods.length || methods.length > METHODS.length) {
    problems.push({ path, code: 'repeated-method' });
  }
  return problems;
}

function inRange(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
