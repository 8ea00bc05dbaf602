import { Refusal } from '#core/errors';
import type { Account } from './account.ts';
import { recordOwnChange } from './change-own-factors.ts';
import { readIdentityRow, setPassphrase } from './identity.store.ts';
import { hashNewPassphrase } from './new-passphrase.ts';
import { readOrganisationRows } from './organisation.store.ts';
import { openPerson } from './person.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { readSignInPolicy } from './sign-in-policy.store.ts';
import { signInRuleOf } from './sign-in-policy.ts';

/** Changes a person's own passphrase: the old one is asked for, and every other session of theirs ends. */
export function createChangePassphrase(ports: SignInPorts, sessions: Sessions): Account['changePassphrase'] {
  const { database, vault, clock, throttle, parts } = ports;
  return async (owner, { old, passphrase }) => {
    const { caller, identity, session } = owner;
    const { organisation } = caller;
    const guarded = [{ kind: 'factor', identity }] as const;
    await throttle.take(guarded);
    const found = await database.tenant([organisation], 'app', async (tx) => ({
      person: await readIdentityRow(tx, identity),
      rule: signInRuleOf((await readSignInPolicy(tx, organisation))?.rule).passphrase,
      name: (await readOrganisationRows(tx, [organisation]))[0]?.name ?? '',
    }));
    const { person, rule, name } = found;
    if (person?.passphrase_hash == null) throw new Refusal('wrong-state', { reason: 'no-passphrase' });
    if (!(await parts.verifyPassphrase(old, person.passphrase_hash)))
      throw new Refusal('invalid', { path: 'old', reason: 'wrong' });
    const { displayName, address } = await openPerson(vault, person);
    const hash = await hashNewPassphrase(ports, passphrase, [displayName, address, name], rule);
    await database.tenant([organisation], 'app', async (tx) => {
      await setPassphrase(tx, identity, hash, clock.now());
      await throttle.forget(tx, guarded);
      const who = { identity, organisation, but: session, reason: 'passphrase-changed' };
      await sessions.endAll(tx, who, caller.actor, caller);
      await recordOwnChange(ports, tx, owner, {
        ...{ action: 'passphrase.changed', change: 'passphrase-changed' },
      });
    });
  };
}
