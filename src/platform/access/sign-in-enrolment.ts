import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, type CeremonyTicket, changeCeremony, openCeremony } from './ceremony.ts';
import { insertFactor, lockFactors, readFactors } from './factor.store.ts';
import { readIdentityRow } from './identity.store.ts';
import { checkPasskeyCreation, passkeyCreation, type RelyingParty } from './passkey.ts';
import { openPerson } from './person.ts';
import { auditEntry, type From } from './ports.ts';
import { isTooWeak } from './require-factors.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { LEVELS, type Level } from './sign-in-policy.ts';
import type { StartedSession } from './start-session.ts';
import { tellOfChange } from './tell-person.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  organisation: z.string().transform((id) => id as OrganisationId),
  shown: z.array(z.string()),
  demanded: z.enum(LEVELS),
  challenge: z.string().optional(),
});
type Due = Omit<z.output<typeof stateSchema>, 'challenge'>;

/** What must be done before the session: a stronger factor be added, or the passphrase be changed. The ceremony goes on with it. */
export interface DueEnrolment extends CeremonyTicket {
  readonly due: 'passkey' | 'passphrase';
  readonly demanded: Level;
}

/** The part of a sign-in that adds the factor which the organisation demands, for people who have none such. */
export interface SignInEnrolment {
  passkeyOptions(ceremony: string, party: RelyingParty): ReturnType<typeof passkeyCreation>;
  /** Adds the passkey and starts the session. Refusals: `gone`, `not-authenticated`, `invalid` (reason `synced-passkey`). */
  withPasskey(
    request: {
      readonly ceremony: string;
      readonly response: RegistrationResponseJSON;
      readonly label: string;
      readonly agent: string | undefined;
    },
    party: RelyingParty,
    from: From,
  ): Promise<StartedSession>;
}

/** Begins it in the transaction that judged the factors shown. */
export async function beginDueEnrolment(
  ports: SignInPorts,
  tx: Transaction,
  due: Due,
): Promise<DueEnrolment> {
  const ticket = await beginCeremony(ports, tx, 'sign-in-enrolment', due.identity, due);
  return { ...ticket, due: 'passkey', demanded: due.demanded };
}

export function createSignInEnrolment(ports: SignInPorts, sessions: Sessions): SignInEnrolment {
  const { database, vault, audit, clock, throttle, parts } = ports;

  async function opened(token: string) {
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'sign-in-enrolment', token, stateSchema),
    );
    if (found === undefined) throw new Refusal('gone');
    return found;
  }

  return {
    async passkeyOptions(ceremony, party) {
      const { id, state } = await opened(ceremony);
      const { identity } = state;
      const [row, exclude] = await database.system('app', async (tx) => [
        await readIdentityRow(tx, identity),
        await readFactors(tx, identity),
      ]);
      if (row === undefined) throw new Refusal('gone');
      const options = await passkeyCreation(party, await openPerson(vault, row), {
        ...{ identity, exclude, verification: 'required' },
        deviceBound: state.demanded === 'device-bound',
      });
      await database.system('app', (tx) =>
        changeCeremony(ports, tx, id, { ...state, challenge: options.challenge }),
      );
      return options;
    },

    async withPasskey({ ceremony, response, label, agent }, party, from) {
      await throttle.take([{ kind: 'network', address: from.origin.address }]);
      const { id, state } = await opened(ceremony);
      const { identity, organisation, shown, demanded, challenge } = state;
      const made =
        challenge === undefined ? null : await checkPasskeyCreation(party, challenge, response, true);
      if (made === null) throw new Refusal('not-authenticated');
      if (demanded === 'device-bound' && !made.deviceBound) {
        throw new Refusal('invalid', { path: 'response', reason: 'synced-passkey' });
      }
      return database.tenant([organisation], 'app', async (tx) => {
        // Of two at once the second finds what the first has added. Before the ceremony, as whoever ends all sign-ins does.
        await lockFactors(tx, identity);
        if (!(await useCeremony(tx, id, clock.now()))) throw new Refusal('gone');
        const person = await readIdentityRow(tx, identity);
        if (person === undefined || person.disabled_at !== null) throw new Refusal('gone');
        if (isTooWeak(await parts.judgeFactorsFor(ports, tx, organisation, identity, shown), shown))
          throw new Refusal('gone');
        const factor = newId(clock);
        await insertFactor(tx, { id: factor, identity, kind: 'passkey', label, ...made });
        const subjects = [
          { kind: 'identity', id: identity },
          { kind: 'factor', id: factor },
        ];
        const actor = { kind: 'system', component: 'sign-in' } as const;
        const details = { kind: 'passkey', deviceBound: made.deviceBound };
        await audit.append(
          tx,
          auditEntry(from, { organisation, action: 'factor.added', actor, subjects, details }),
        );
        await tellOfChange(ports, tx, { organisation, identity }, 'factor-added');
        const marks = ['passkey', 'user-verified', ...(made.deviceBound ? ['device-bound'] : [])];
        const who = { identity, organisation, factors: [...new Set([...shown, ...marks])], agent };
        return sessions.start(tx, who, from);
      });
    },
  };
}
