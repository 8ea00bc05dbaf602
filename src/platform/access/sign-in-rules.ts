import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import { PASSPHRASE_MIN } from './passphrase.ts';
import { requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry } from './ports.ts';
import { demandOn } from './require-factors.ts';
import { readSignInPolicy, writeSignInPolicy } from './sign-in-policy.store.ts';
import { isEnough, loosens, raises, type SignInRule, signInRuleOf, USUAL_SIGN_IN } from './sign-in-policy.ts';

/** What organisations demand of people who sign in. */
export interface SignInRules {
  /** Refusals `not-permitted`, `not-found`. */
  read(caller: Caller): Promise<{ readonly rule: SignInRule; readonly demandedSince: Date }>;
  /**
   * A rule that demands more of anybody begins the days of grace anew. Audited with what it demands. Refusal `wrong-state` for
   * passphrases below the usual length where no list of breached ones is at hand: short ones are what such lists are full of; and for
   * certificates (`needs-client-authorities`) where the operator has named no authorities of them.
   */
  change(caller: Caller, rule: SignInRule): Promise<{ readonly demandedSince: Date }>;
  /** What a person who has no factor yet may begin with there, strongest first. */
  firstFactors(organisation: OrganisationId, identity: IdentityId): Promise<readonly ('passkey' | 'totp')[]>;
  /** How long and of what a passphrase must be in this organisation. */
  passphraseRule(organisation: OrganisationId): Promise<SignInRule['passphrase']>;
}

export function createSignInRules(ports: AccessPorts): SignInRules {
  const { database, audit, clock, breached, clientCertificates } = ports;
  return {
    async read(caller) {
      requireAccess(caller, 'sign-in:read');
      const { organisation } = caller;
      const row = await database.tenant([organisation], 'app', (tx) => readSignInPolicy(tx, organisation));
      if (row === undefined) throw new Refusal('not-found');
      return { rule: signInRuleOf(row.rule), demandedSince: row.demanded_since };
    },

    async change(caller, rule) {
      requireAccess(caller, 'sign-in:write');
      if (rule.passphrase.minimum < PASSPHRASE_MIN && breached === null)
        throw new Refusal('wrong-state', { reason: 'needs-breached-list' });
      if (rule.certificate !== 'off' && clientCertificates === null)
        throw new Refusal('wrong-state', { reason: 'needs-client-authorities' });
      const { organisation, actor } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const before = await readSignInPolicy(tx, organisation);
        if (before === undefined) throw new Refusal('not-found');
        const now = clock.now();
        const then = signInRuleOf(before.rule);
        const raised = raises(then, rule);
        await writeSignInPolicy(tx, organisation, rule, raised ? now : null, now);
        const { roles, passphrase, ...rest } = rule;
        const details = {
          ...rest,
          raised,
          loosened: loosens(then, rule),
          roles: roles.map((one) => `${one.role}=${one.level}`).join(' '),
          passphraseMinimum: passphrase.minimum,
          passphraseMixture: passphrase.mixture,
          passphraseMaxAgeDays: passphrase.maxAgeDays,
        };
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'sign-in-policy.changed', actor, details }),
        );
        return { demandedSince: raised ? now : before.demanded_since };
      });
    },

    async firstFactors(organisation, identity) {
      const demand = await database.tenant([organisation], 'app', (tx) =>
        demandOn(ports, tx, organisation, identity),
      );
      if (demand === undefined) return ['passkey'];
      const { rule, demanded, graceUntil } = demand;
      const totp = clock.now() < graceUntil || isEnough(rule, demanded, ['passphrase', 'totp']);
      return totp ? ['passkey', 'totp'] : ['passkey'];
    },

    async passphraseRule(organisation) {
      const row = await database.tenant([organisation], 'app', (tx) => readSignInPolicy(tx, organisation));
      return row === undefined ? USUAL_SIGN_IN.passphrase : signInRuleOf(row.rule).passphrase;
    },
  };
}
