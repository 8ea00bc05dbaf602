import { Refusal } from '#core/errors';
import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import { useCeremony } from './ceremony.store.ts';
import { type FactorRow, readFactors } from './factor.store.ts';
import { membershipsOf, readIdentityRow } from './identity.store.ts';
import { auditEntry, type From } from './ports.ts';
import type { Proven } from './prove-factor.ts';
import { beginDuePassphrase } from './renew-passphrase.ts';
import { isTooWeak } from './require-factors.ts';
import type { Sessions } from './sessions.ts';
import { beginDueEnrolment, type DueEnrolment } from './sign-in-enrolment.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { countTrouble, countTroubleOf } from './sign-in-trouble.store.ts';
import type { StartedSession } from './start-session.ts';
import type { Guarded } from './throttle.ts';

/** Where a sign-in ends: in a session, or before it, where the organisation demands a stronger factor first. */
export type SignInOutcome =
  | { readonly kind: 'session'; readonly started: StartedSession }
  | { readonly kind: 'enrol'; readonly due: DueEnrolment };

/** What the person is told of when it happens often: a wrong passphrase, by the index of whatever address was typed; a wrong second step. */
type Trouble = { readonly index: Buffer } | 'factor-failed';

/** Writes down that somebody was refused; always throws `not-authenticated`, whatever the reason. */
export async function refuseSignIn(
  { database, audit, clock }: SignInPorts,
  identity: IdentityId | null,
  home: OrganisationId,
  reason: string,
  from: From,
  refusal = new Refusal('not-authenticated'),
  trouble: Trouble | null = null,
): Promise<never> {
  await database.tenant([home], 'app', async (tx) => {
    if (trouble === 'factor-failed') {
      if (identity !== null) await countTroubleOf(tx, identity, trouble, clock.now());
    } else if (trouble !== null) await countTrouble(tx, trouble.index, 'failed-tries', clock.now());
    const entry = {
      organisation: home,
      action: 'session.refused',
      actor: { kind: 'system', component: 'sign-in' },
      result: 'refused',
      subjects: identity === null ? [] : [{ kind: 'identity', id: identity }],
      details: { reason },
    } as const;
    await audit.append(tx, auditEntry(from, entry));
  });
  throw refusal;
}

/** One last step of a sign-in: whose it is, what was shown before, and how the factor at hand is judged. */
export interface LastStep {
  readonly ceremony: string;
  readonly identity: IdentityId;
  /** Factors shown before this one. */
  readonly before: readonly string[];
  /** What the factor is called in the audit. */
  readonly kind: string;
  /** Whether it is short enough to be guessed: then tries are counted by the person too. */
  readonly guessable: boolean;
  readonly agent: string | undefined;
  /** Tries that a success forgets, beside those of the factor and the network. */
  readonly forget: readonly Guarded[];
  /** Null or a reason for the audit when it is not good. */
  judge(
    factors: readonly FactorRow[],
  ): Promise<(Omit<Proven, 'kind'> & { readonly kind: string }) | string | null>;
}

/**
 * Judges the last factor and the whole of what was shown against the rule of the organisation that is entered: the person's
 * oldest. Refusals: `not-authenticated`, `gone` (the ceremony was used meanwhile), `too-many-requests`.
 */
export async function completeSignIn(
  ports: SignInPorts,
  sessions: Sessions,
  step: LastStep,
  from: From,
): Promise<SignInOutcome> {
  const { database, clock, throttle, parts } = ports;
  const { identity } = step;
  const network = { kind: 'network', address: from.origin.address } as const;
  // A signature cannot be guessed, so whoever guesses a person's codes must not hold up their passkey.
  const guarded: readonly Guarded[] = step.guessable ? [{ kind: 'factor', identity }, network] : [network];
  await throttle.take(guarded);
  const [factors, homes, person] = await database.system('app', async (tx) => [
    await readFactors(tx, identity),
    await membershipsOf(tx, identity),
    await readIdentityRow(tx, identity),
  ]);
  const organisation = homes[0];
  if (organisation === undefined) return refuseSignIn(ports, identity, INSTALLATION, 'no-membership', from);
  // Judged in any case, so that the time does not tell a closed account.
  const proven = await step.judge(factors);
  const open = person !== undefined && person.disabled_at === null;
  if (proven === null || typeof proven === 'string' || !open) {
    const reason = typeof proven === 'string' ? proven : step.kind;
    // A passkey alone that fails says nothing of what somebody else may know.
    const trouble = step.before.includes('passphrase') ? 'factor-failed' : null;
    return refuseSignIn(ports, identity, organisation, reason, from, undefined, trouble);
  }
  const shown = [...step.before, proven.kind, ...proven.marks];
  const outcome = await database.tenant(
    [organisation],
    'app',
    async (tx): Promise<SignInOutcome | string> => {
      if (!(await useCeremony(tx, step.ceremony, clock.now()))) throw new Refusal('gone');
      // A false here is a replay in the same moment; the ceremony stays used up.
      if (!(await proven.use(tx))) return `${step.kind}-replayed`;
      const standing = await parts.judgeFactorsFor(ports, tx, organisation, identity, shown);
      const due = { identity, organisation, shown, demanded: standing.demanded };
      const weak = isTooWeak(standing, shown);
      if (standing.stale && !weak) {
        await throttle.forget(tx, [...guarded, ...step.forget]);
        return { kind: 'enrol', due: await beginDuePassphrase(ports, tx, due) };
      }
      if (standing.kind === 'short') {
        if (weak) return 'factor-not-allowed';
        await throttle.forget(tx, [...guarded, ...step.forget]);
        return { kind: 'enrol', due: await beginDueEnrolment(ports, tx, due) };
      }
      await throttle.forget(tx, [...guarded, ...step.forget]);
      const who = { identity, organisation, factors: shown, agent: step.agent };
      return { kind: 'session', started: await sessions.start(tx, who, from) };
    },
  );
  return typeof outcome === 'string' ? refuseSignIn(ports, identity, organisation, outcome, from) : outcome;
}
