import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, type CeremonyTicket, changeCeremony, openCeremony } from './ceremony.ts';
import { EVERY_FACTOR, lockFactors, removeFactorRows } from './factor.store.ts';
import { readStanding } from './grants.ts';
import { readHoldings, wantedOfStanding } from './holdings.ts';
import { membershipsOf, readIdentityRow, setPassphrase } from './identity.store.ts';
import { judgeMailedCode, makeMailedCode } from './mailed-code.ts';
import { hasAccess, requireAccess } from './permissions.ts';
import { auditEntry, type From } from './ports.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { noticeTo, tellOfChange } from './tell-person.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  organisation: z.string().transform((id) => id as OrganisationId),
  code: z.strictObject({ mac: z.string(), expiresAt: z.coerce.date() }).optional(),
});

/** A recovery whose link and mailed code were both shown. */
export interface ConfirmedRecovery {
  readonly id: string;
  readonly identity: IdentityId;
  readonly organisation: OrganisationId;
}

/**
 * Recovery of somebody who has lost what they sign in with. Two things are needed: a link that an administrator hands over outside
 * of the system, and a code mailed to the person's address. Then the person, not the administrator, chooses a passphrase and enrols
 * a factor as a new member would, under the same rule; only when that stands are the old ones gone. No link, no code and no
 * administrator alone opens anything.
 */
export interface Recovery {
  /**
   * Begins it; the token is shown once. Refusals: `not-permitted` (also for somebody who may do more than the caller), `not-found`,
   * `wrong-state`: `not-oneself`, `not-enrolled` (invite them), or `belongs-elsewhere`: what a person signs in with is one for all
   * their organisations, so none of them may hand it to somebody else by itself; the installation's operator may.
   */
  start(caller: Caller, identity: IdentityId): Promise<CeremonyTicket>;
  /** Mails the code. Refusals `gone`, `too-many-requests`. */
  mailCode(token: string, from: From): Promise<void>;
  /** Refusals `gone`, `not-authenticated`, `too-many-requests`. The code is used up by the right answer. */
  confirm(request: { readonly token: string; readonly code: string }, from: From): Promise<ConfirmedRecovery>;
  /**
   * In the transaction that enrols the new factor, before it: uses the link up, ends every session, takes the old factors away and
   * keeps the new passphrase. Refusal `gone`.
   */
  finish(tx: Transaction, confirmed: ConfirmedRecovery, passphraseHash: string, from: From): Promise<void>;
}

export function createRecovery(ports: SignInPorts, sessions: Sessions): Recovery {
  const { database, audit, throttle } = ports;
  const gone = () => new Refusal('gone');

  async function opened(token: string) {
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'recovery', token, stateSchema),
    );
    if (found === undefined) throw gone();
    return found;
  }

  const guards = (identity: IdentityId, from: From) =>
    [
      { kind: 'factor', identity },
      { kind: 'network', address: from.origin.address },
    ] as const;

  return {
    async start(caller, identity) {
      requireAccess(caller, 'members:write');
      const { organisation, actor } = caller;
      await requireRecoverable(ports, caller, identity);
      return database.tenant([organisation], 'app', async (tx) => {
        const ticket = await beginCeremony(ports, tx, 'recovery', identity, { identity, organisation });
        const subjects = [{ kind: 'identity', id: identity }];
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'account.recovery-started', actor, subjects }),
        );
        await tellOfChange(ports, tx, { organisation, identity }, 'recovery-started');
        return ticket;
      });
    },

    async mailCode(token, from) {
      const { id, state } = await opened(token);
      const { identity, organisation } = state;
      await throttle.take([
        { kind: 'code', identity },
        { kind: 'network', address: from.origin.address },
      ]);
      const { code, ...kept } = await makeMailedCode(ports);
      await database.tenant([organisation], 'app', async (tx) => {
        await changeCeremony(ports, tx, id, { ...state, code: kept });
        const body = { kind: 'sign-in-code', code, expiresAt: kept.expiresAt } as const;
        await noticeTo(ports, tx, { organisation, identity }, body);
      });
    },

    async confirm({ token, code }, from) {
      const { id, state } = await opened(token);
      const { identity, organisation } = state;
      const guarded = guards(identity, from);
      await throttle.take(guarded);
      if (!(await judgeMailedCode(ports, state.code, code))) throw new Refusal('not-authenticated');
      await database.system('app', async (tx) => {
        await changeCeremony(ports, tx, id, { identity, organisation });
        await throttle.forget(tx, guarded);
      });
      return { id, identity, organisation };
    },

    async finish(tx, { id, identity, organisation }, passphraseHash, from) {
      const now = ports.clock.now();
      if (!(await useCeremony(tx, id, now))) throw gone();
      const person = await readIdentityRow(tx, identity);
      if (person === undefined || person.disabled_at !== null) throw gone();
      await lockFactors(tx, identity);
      await removeFactorRows(tx, identity, { kinds: EVERY_FACTOR }, now);
      await setPassphrase(tx, identity, passphraseHash, now);
      const actor = { kind: 'system', component: 'recovery' } as const;
      await sessions.endAll(tx, { identity, organisation, but: null, reason: 'recovered' }, actor, from);
      const subjects = [{ kind: 'identity', id: identity }];
      await audit.append(
        tx,
        auditEntry(from, { organisation, action: 'account.recovery-finished', actor, subjects }),
      );
      await tellOfChange(ports, tx, { organisation, identity }, 'recovered');
    },
  };
}

async function requireRecoverable(ports: SignInPorts, caller: Caller, identity: IdentityId): Promise<void> {
  const { database, vault, clock } = ports;
  const { organisation, actor } = caller;
  if (actor.kind === 'person' && actor.identity === identity)
    throw new Refusal('wrong-state', { reason: 'not-oneself' });
  const { person, standing, holdings, homes } = await database.tenant([organisation], 'app', async (tx) => {
    const row = await readIdentityRow(tx, identity);
    return {
      person: row,
      standing: await readStanding(tx, vault, organisation, identity, clock.now()),
      holdings: await readHoldings(tx, { vault, clock }, caller),
      homes: await membershipsOf(tx, identity),
    };
  });
  if (person === undefined || standing === undefined) throw new Refusal('not-found');
  // Nobody brings back somebody who may do more than they may themselves: they could walk in as them.
  holdings.requireAll(wantedOfStanding(standing));
  if (person.operator) requireAccess(caller, 'installation:operate');
  if (person.passphrase_hash === null) throw new Refusal('wrong-state', { reason: 'not-enrolled' });
  if (homes.some((home) => home !== organisation) && !hasAccess(caller, 'installation:operate'))
    throw new Refusal('wrong-state', { reason: 'belongs-elsewhere' });
}
