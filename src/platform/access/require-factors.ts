import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readFactors } from './factor.store.ts';
import { readAssignments } from './grants.store.ts';
import { readGrants } from './grants.ts';
import { readIdentityRow, readRoles } from './identity.store.ts';
import type { AccessPorts } from './ports.ts';
import { memberSince, readSignInPolicy } from './sign-in-policy.store.ts';
import {
  isCurrent,
  isEnough,
  type Level,
  levelFor,
  type SignInRule,
  signInRuleOf,
  wouldDo,
} from './sign-in-policy.ts';

/** `stale`: the passphrase that was shown is older than the organisation wants any to be. */
type WithAge = { readonly stale: boolean };

/** How a sign-in stands before the rule of the organisation that is entered. */
export type Standing = WithAge &
  (
    | { readonly kind: 'enough'; readonly demanded: Level }
    /** Less than demanded, let in until then: the person has nothing that would do, and has had no time to get it. */
    | { readonly kind: 'grace'; readonly demanded: Level; readonly until: Date }
    /** Not enough. `held`: the person has a factor that would do, and must use it. */
    | { readonly kind: 'short'; readonly demanded: Level; readonly held: boolean }
  );

/**
 * Whether what was shown may neither open a session nor change what the person signs in with: whoever has what is demanded must
 * use it, and a weaker factor may not bring in a new one. A recovery code may, that is what it is for. Asked again where the
 * sign-in goes on, because a factor that would do may have come meanwhile.
 */
export function isTooWeak(standing: Standing, shown: readonly string[]): boolean {
  return standing.kind === 'short' && standing.held && !shown.includes('recovery-code');
}

type JudgePorts = Pick<AccessPorts, 'vault' | 'clock'>;

const DAY_MS = 86_400_000;

interface Demand {
  readonly rule: SignInRule;
  readonly demanded: Level;
  readonly graceUntil: Date;
  /** Null where nobody knows since when they have it. */
  readonly passphraseSince: Date | null;
}

function isStale({ rule, passphraseSince }: Demand, shown: readonly string[], now: Date): boolean {
  const { maxAgeDays } = rule.passphrase;
  if (maxAgeDays === null || !shown.includes('passphrase')) return false;
  return passphraseSince === null || now.getTime() - passphraseSince.getTime() > maxAgeDays * DAY_MS;
}

/** What the organisation demands of this person now; undefined when it knows neither rule nor member. */
export async function demandOn(
  { vault, clock }: JudgePorts,
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<Demand | undefined> {
  const now = clock.now();
  const policy = await readSignInPolicy(tx, organisation);
  const since = await memberSince(tx, organisation, identity);
  if (policy === undefined || since === undefined) return undefined;
  const rule = signInRuleOf(policy.rule);
  const person = await readIdentityRow(tx, identity);
  const operator = person?.operator ?? false;
  const grants = await readGrants(tx, vault, organisation, identity, now, operator);
  const roles = [
    ...((await readRoles(tx, organisation, identity)) ?? []),
    ...(await readAssignments(tx, organisation, identity, now)).map(({ role }) => role),
  ];
  const demanded = levelFor(rule, { permissions: grants?.permissions ?? new Set(), roles });
  // Whoever came in the moment of the founding, the first administrator, was there when the demands were made.
  const early = since.getTime() <= policy.demanded_since.getTime();
  const from = early ? policy.demanded_since : since;
  const days = early ? rule.graceDays : rule.newPeopleGraceDays;
  // No days are none, also where the clocks of this machine and of the database differ.
  const passphraseSince = person?.passphrase_changed_at ?? null;
  return {
    rule,
    demanded,
    passphraseSince,
    graceUntil: new Date(days === 0 ? 0 : from.getTime() + days * DAY_MS),
  };
}

/** Judges what was shown at a sign-in to an organisation that the transaction carries. */
export async function judgeFactorsFor(
  ports: JudgePorts,
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  shown: readonly string[],
): Promise<Standing> {
  const demand = await demandOn(ports, tx, organisation, identity);
  if (demand === undefined) return { kind: 'short', demanded: 'any', held: true, stale: false };
  const now = ports.clock.now();
  const stale = isStale(demand, shown, now);
  const { rule, demanded, graceUntil } = demand;
  if (isEnough(rule, demanded, shown)) return { kind: 'enough', demanded, stale };
  const factors = await readFactors(tx, identity);
  // A card that has come to its end is nothing that could be used.
  const held = factors.some((factor) => isCurrent(factor, now) && wouldDo(rule, demanded, factor));
  const lenient = isEnough({ ...rule, totp: true }, 'any', shown);
  if (!held && lenient && now < graceUntil) return { kind: 'grace', demanded, until: graceUntil, stale };
  return { kind: 'short', demanded, held, stale };
}

/**
 * The door before every session: of a sign-in, and of a change to another organisation of the same person. Refusal `wrong-state`
 * (reason `factor-demanded`, `level`) when what was shown is not enough there and no grace is left, or (`passphrase-too-old`) when the
 * passphrase must be changed first.
 */
export async function requireFactorsFor(
  ports: JudgePorts,
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  shown: readonly string[],
): Promise<void> {
  const standing = await judgeFactorsFor(ports, tx, organisation, identity, shown);
  if (standing.kind === 'short')
    throw new Refusal('wrong-state', { reason: 'factor-demanded', level: standing.demanded });
  if (standing.stale) throw new Refusal('wrong-state', { reason: 'passphrase-too-old' });
}
