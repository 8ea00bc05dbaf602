import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, openCeremony } from './ceremony.ts';
import type { SignInOutcome } from './complete-sign-in.ts';
import { lockFactors } from './factor.store.ts';
import { readIdentityRow, setPassphrase } from './identity.store.ts';
import { hashNewPassphrase } from './new-passphrase.ts';
import { readOrganisationRows } from './organisation.store.ts';
import { openPerson } from './person.ts';
import { auditEntry, type From } from './ports.ts';
import { isTooWeak } from './require-factors.ts';
import type { Sessions } from './sessions.ts';
import { beginDueEnrolment, type DueEnrolment } from './sign-in-enrolment.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { readSignInPolicy } from './sign-in-policy.store.ts';
import { LEVELS, signInRuleOf } from './sign-in-policy.ts';
import { tellOfChange } from './tell-person.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  organisation: z.string().transform((id) => id as OrganisationId),
  shown: z.array(z.string()),
  demanded: z.enum(LEVELS),
});
type Due = z.output<typeof stateSchema>;

/** Begins it in the transaction that judged the factors shown, which were enough, or may bring in what is missing after it. */
export async function beginDuePassphrase(
  ports: SignInPorts,
  tx: Transaction,
  due: Due,
): Promise<DueEnrolment> {
  const ticket = await beginCeremony(ports, tx, 'sign-in-passphrase', due.identity, due);
  return { ...ticket, due: 'passphrase', demanded: due.demanded };
}

/**
 * A new passphrase on the way in, where the organisation wants none older than so many days. Other sessions end, and the person is told.
 * The sign-in then goes on: to a session, or to a factor that is still due. Refusals `gone`, `too-many-requests`, and `invalid` (path
 * `passphrase`), also for the old one (`same`).
 */
export function createRenewPassphrase(ports: SignInPorts, sessions: Sessions) {
  const { database, vault, audit, clock, throttle, parts } = ports;
  return async (
    request: {
      readonly ceremony: string;
      readonly passphrase: string;
      readonly agent: string | undefined;
    },
    from: From,
  ): Promise<SignInOutcome> => {
    await throttle.take([{ kind: 'network', address: from.origin.address }]);
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'sign-in-passphrase', request.ceremony, stateSchema),
    );
    if (found === undefined) throw new Refusal('gone');
    const { identity, organisation, shown } = found.state;
    const known = await database.tenant([organisation], 'app', async (tx) => ({
      person: await readIdentityRow(tx, identity),
      rule: signInRuleOf((await readSignInPolicy(tx, organisation))?.rule).passphrase,
      name: (await readOrganisationRows(tx, [organisation]))[0]?.name ?? '',
    }));
    const { person, rule, name } = known;
    if (person === undefined || person.disabled_at !== null) throw new Refusal('gone');
    if (await parts.verifyPassphrase(request.passphrase, person.passphrase_hash))
      throw new Refusal('invalid', { path: 'passphrase', reason: 'same' });
    const { displayName, address } = await openPerson(vault, person);
    const hash = await hashNewPassphrase(ports, request.passphrase, [displayName, address, name], rule);
    return database.tenant([organisation], 'app', async (tx): Promise<SignInOutcome> => {
      const now = clock.now();
      await lockFactors(tx, identity);
      if (!(await useCeremony(tx, found.id, now))) throw new Refusal('gone');
      if (isTooWeak(await parts.judgeFactorsFor(ports, tx, organisation, identity, shown), shown))
        throw new Refusal('gone');
      await setPassphrase(tx, identity, hash, now);
      const actor = { kind: 'system', component: 'sign-in' } as const;
      const ended = { identity, organisation, but: null, reason: 'passphrase-changed' };
      await sessions.endAll(tx, ended, actor, from);
      const subjects = [{ kind: 'identity', id: identity }];
      const details = { reason: 'too-old' };
      await audit.append(
        tx,
        auditEntry(from, { organisation, action: 'passphrase.changed', actor, subjects, details }),
      );
      await tellOfChange(ports, tx, { organisation, identity }, 'passphrase-changed');
      const standing = await parts.judgeFactorsFor(ports, tx, organisation, identity, shown);
      if (standing.kind === 'short') {
        const due = { identity, organisation, shown, demanded: standing.demanded };
        return { kind: 'enrol', due: await beginDueEnrolment(ports, tx, due) };
      }
      const who = { identity, organisation, factors: shown, agent: request.agent };
      return { kind: 'session', started: await sessions.start(tx, who, from) };
    });
  };
}
