import type { PolicyOverride } from '#core/policy';
import type { PolicyDocument } from './policy-document.ts';

/** Something that may be stored and is worth a second look. */
export interface PolicyWarning {
  /** Where in the document, as problems have it. */
  readonly path: string;
  readonly code: WarningCode;
  readonly parameters: Readonly<Record<string, string | number>>;
}

export type WarningCode =
  | 'tls-not-verified'
  | 'waivers-on'
  | 'lowering-on'
  | 'long-expiry'
  /** Exclusive without the portal: what the listed methods cannot protect is not delivered. */
  | 'may-not-deliver'
  /** Exclusive TLS alone: the high class is never delivered. */
  | 'high-never-delivered'
  | 'rule-says-nothing'
  | 'rule-changes-nothing'
  /** A narrower rule is silent, and the wider one is not asked in its place. */
  | 'wider-rule-not-asked';

const LONG_EXPIRY_DAYS = 90;

/** Risky or idle parts of a policy. Pure; rules that forbid something are in the decide stage's `validatePolicy`. */
export function policyWarnings(policy: PolicyDocument): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = ruleWarnings('', policy);
  const warn = (path: string, code: WarningCode, parameters: PolicyWarning['parameters'] = {}) =>
    warnings.push({ path, code, parameters });
  if (policy.waivers.enabled) warn('waivers', 'waivers-on', { class: policy.waivers.highestClass });
  if (policy.triggers.lowering && policy.triggers.lower.length > 0) warn('triggers.lower', 'lowering-on');
  if (policy.portalExpiryDays > LONG_EXPIRY_DAYS)
    warn('portalExpiryDays', 'long-expiry', { days: policy.portalExpiryDays });
  policy.streams.forEach((one, index) => {
    const path = `streams.${index}`;
    warnings.push(...ruleWarnings(`${path}.`, one));
    warnings.push(...idle(path, one, [policy]));
  });
  policy.domains.forEach((one, index) => {
    const path = `domains.${index}`;
    warnings.push(...ruleWarnings(`${path}.`, one));
    warnings.push(...idle(path, one, [policy, ...policy.streams]));
    const wider = policy.domains.find((other) => isWider(other.domain, one.domain) && saysMore(other, one));
    if (wider) warn(path, 'wider-rule-not-asked', { wider: wider.domain });
  });
  policy.recipients.forEach((one, index) => {
    const path = `recipients.${index}`;
    warnings.push(...ruleWarnings(`${path}.`, one));
    warnings.push(...idle(path, one, null));
  });
  return warnings;
}

function ruleWarnings(at: string, { methods, tls, exclusive }: PolicyOverride): PolicyWarning[] {
  const warnings: PolicyWarning[] = [];
  const warn = (path: string, code: WarningCode) => warnings.push({ path: at + path, code, parameters: {} });
  if (tls?.authentication === 'encrypted-only') warn('tls', 'tls-not-verified');
  if (exclusive === true && methods !== null && !methods.includes('portal')) {
    const tlsAlone = methods.every((method) => method === 'tls');
    warn('exclusive', tlsAlone ? 'high-never-delivered' : 'may-not-deliver');
  }
  return warnings;
}

/** A rule that says nothing, or only what every wider rule says too. */
function idle(
  path: string,
  rule: PolicyOverride,
  wider: readonly PolicyOverride[] | null,
): readonly PolicyWarning[] {
  const said = (['methods', 'tls', 'exclusive'] as const).filter((name) => rule[name] !== null);
  if (said.length === 0) return [{ path, code: 'rule-says-nothing', parameters: {} }];
  const same = wider?.every((other) =>
    said.every((name) => other[name] === null || alike(other[name], rule[name])),
  );
  return same === true ? [{ path, code: 'rule-changes-nothing', parameters: {} }] : [];
}

function alike(a: PolicyOverride[keyof PolicyOverride], b: PolicyOverride[keyof PolicyOverride]): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.join() === b.join();
  if (isTls(a) && isTls(b)) return a.minimum === b.minimum && a.authentication === b.authentication;
  return a === b;
}

function isTls(value: PolicyOverride[keyof PolicyOverride]): value is NonNullable<PolicyOverride['tls']> {
  return typeof value === 'object' && value !== null && 'minimum' in value;
}

/** Whether the pattern `wider` would also meet what `narrower` meets. */
function isWider(wider: string, narrower: string): boolean {
  if (wider === narrower || !wider.startsWith('*.')) return false;
  return narrower.replace(/^\*/, '').endsWith(wider.slice(1));
}

function saysMore(wider: PolicyOverride, narrower: PolicyOverride): boolean {
  return (['methods', 'tls', 'exclusive'] as const).some(
    (name) => wider[name] !== null && narrower[name] === null,
  );
}
