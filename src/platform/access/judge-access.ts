import { addressAllowed } from './network-key.ts';

// Conditional access: what is known of a request, against the rules of an organisation. Pure: no clock, no storage.

export const ACCESS_EFFECTS = ['allow', 'alert', 'step-up', 'deny'] as const;
export type AccessEffect = (typeof ACCESS_EFFECTS)[number];
export const RULE_MODES = ['enforce', 'dry-run', 'off'] as const;

/** All that are given must hold. Of a list any one is enough; with `except`, none of it may hold. */
export interface AccessConditions {
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  /** What the request asks for; a sign-in asks for nothing yet, so that rules with this never hold there. */
  readonly permissions?: readonly string[];
  readonly networks?: { readonly except: boolean; readonly list: readonly string[] };
  /** ISO 3166-1 alpha-2, upper case. An address that is not known is in no country. */
  readonly countries?: { readonly except: boolean; readonly list: readonly string[] };
  readonly device?: 'new' | 'not-trusted' | 'trusted';
  readonly posture?: 'compliant' | 'not-compliant';
  /** In the organisation's time zone; days from 1 (Monday) to 7; minutes of the day, the end not included. */
  readonly hours?: {
    readonly except: boolean;
    readonly days: readonly number[];
    readonly from: number;
    readonly to: number;
  };
  readonly riskAtLeast?: number;
  readonly factors?: { readonly except: boolean; readonly list: readonly string[] };
}

export interface AccessRule {
  readonly id: string;
  readonly name: string;
  readonly mode: (typeof RULE_MODES)[number];
  readonly effect: AccessEffect;
  readonly when: AccessConditions;
}

export interface AccessFacts {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly permission: string | null;
  readonly address: string | null;
  /** Null where it is not known, or the operator has brought no file of places. */
  readonly country: string | null;
  readonly device: 'new' | 'known' | 'trusted';
  /** What the organisation's own proxy reports; null where it reports nothing, which is not compliant. */
  readonly posture: string | null;
  readonly day: number;
  readonly minute: number;
  /** 0 to 100; see sign-in-risk. */
  readonly risk: number;
  readonly factors: readonly string[];
}

export interface AccessJudgement {
  /** `step-up`: a factor must have been proven a short time ago. */
  readonly decision: 'allow' | 'step-up' | 'deny';
  /** The rules that held, in their order, and the conditions of each. */
  readonly reasons: readonly AccessReason[];
  /** What it would be if the rules on trial were in force. */
  readonly wouldBe: 'allow' | 'step-up' | 'deny';
}

export interface AccessReason {
  readonly rule: string;
  readonly name: string;
  readonly effect: AccessEffect;
  readonly mode: 'enforce' | 'dry-run';
  readonly because: readonly string[];
}

/**
 * The decision of the rules that hold: a denial beats everything; a rule that allows lifts what others ask, never what they
 * deny; an alert changes nothing for the person. Without any rule everything is allowed: permissions stand apart.
 */
export function judgeAccess(facts: AccessFacts, rules: readonly AccessRule[]): AccessJudgement {
  const reasons: AccessReason[] = [];
  for (const { id, name, mode, effect, when } of rules) {
    if (mode === 'off') continue;
    const because = conditionsThatHold(facts, when);
    if (because !== null) reasons.push({ rule: id, name, effect, mode, because });
  }
  const effects = (of: readonly AccessReason[]) => new Set(of.map(({ effect }) => effect));
  return {
    decision: decide(effects(reasons.filter(({ mode }) => mode === 'enforce'))),
    reasons,
    wouldBe: decide(effects(reasons)),
  };
}

function decide(effects: ReadonlySet<AccessEffect>): 'allow' | 'step-up' | 'deny' {
  if (effects.has('deny')) return 'deny';
  return effects.has('step-up') && !effects.has('allow') ? 'step-up' : 'allow';
}

/** The names of all conditions when every one of them holds; else null. A rule without conditions always holds. */
function conditionsThatHold(facts: AccessFacts, when: AccessConditions): readonly string[] | null {
  const names: string[] = [];
  for (const [name, holds] of conditions(facts, when)) {
    if (holds === undefined) continue;
    if (!holds) return null;
    names.push(name);
  }
  return names;
}

function conditions(facts: AccessFacts, when: AccessConditions): [string, boolean | undefined][] {
  const { networks, countries, hours, factors } = when;
  return [
    ['roles', when.roles && anyOf(when.roles, facts.roles)],
    ['groups', when.groups && anyOf(when.groups, facts.groups)],
    [
      'permissions',
      when.permissions && facts.permission !== null && when.permissions.includes(facts.permission),
    ],
    ['networks', networks && inNetworks(facts.address, networks.list) !== networks.except],
    ['countries', countries && inCountries(facts.country, countries.list) !== countries.except],
    ['device', when.device && deviceIs(facts.device, when.device)],
    ['posture', when.posture && (facts.posture === 'compliant') === (when.posture === 'compliant')],
    ['hours', hours && inHours(facts, hours) !== hours.except],
    ['risk', when.riskAtLeast === undefined ? undefined : facts.risk >= when.riskAtLeast],
    ['factors', factors && anyOf(factors.list, facts.factors) !== factors.except],
  ];
}

const anyOf = (wanted: readonly string[], held: readonly string[]): boolean =>
  wanted.some((one) => held.includes(one));

/** An unknown address is in no network. */
function inNetworks(address: string | null, list: readonly string[]): boolean {
  return list.length > 0 && addressAllowed(address, list);
}

function inCountries(country: string | null, list: readonly string[]): boolean {
  return country !== null && list.includes(country);
}

function deviceIs(device: AccessFacts['device'], wanted: NonNullable<AccessConditions['device']>): boolean {
  return wanted === 'not-trusted' ? device !== 'trusted' : device === wanted;
}

/** Hours that go over midnight (from 22:00 to 06:00) belong to the day on which they begin. */
function inHours(
  { day, minute }: AccessFacts,
  { days, from, to }: NonNullable<AccessConditions['hours']>,
): boolean {
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const before = day === 1 ? 7 : day - 1;
  return (days.includes(day) && minute >= from) || (days.includes(before) && minute < to);
}
