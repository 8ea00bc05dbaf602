import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, SessionId } from '#core/ids';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, openCeremony } from './ceremony.ts';
import { type FactorKind, type FactorRow, readFactors } from './factor.store.ts';
import { passkeyRequest, type RelyingParty } from './passkey.ts';
import { auditEntry, type GuardedPorts } from './ports.ts';
import { judgePasskey, judgeTotp, type Proven } from './prove-factor.ts';
import { demandOn } from './require-factors.ts';
import type { Sessions } from './sessions.ts';
import { wouldDo } from './sign-in-policy.ts';

const stateSchema = z.strictObject({ session: z.string(), challenge: z.string() });

export interface Stepping {
  readonly caller: Caller;
  readonly session: { readonly id: SessionId; readonly identity: IdentityId };
}

/**
 * Proving a factor again, for acts that ask for it. Authenticator apps and passkeys count. Recovery codes do not: they are for
 * getting in once. Certificates do not: a browser shows them at every connection without asking anybody. As at sign-in, whoever has what the
 * organisation demands must use it: else a code that was phished would bring in a key. Tries are slowed like those of a sign-in. Refusals `not-authenticated`, `gone`, `too-many-requests`.
 */
export interface StepUp {
  /** What this person can prove, most phishing-resistant first. */
  factors(stepping: Stepping): Promise<readonly ('passkey' | 'totp')[]>;
  passkeyOptions(
    stepping: Stepping,
    party: RelyingParty,
  ): Promise<{ readonly ceremony: string; readonly options: Awaited<ReturnType<typeof passkeyRequest>> }>;
  /** Returns the token under which the session goes on. */
  withTotp(stepping: Stepping, code: string): Promise<string>;
  withPasskey(
    stepping: Stepping,
    answer: { readonly ceremony: string; readonly response: AuthenticationResponseJSON },
    party: RelyingParty,
  ): Promise<string>;
}

export function createStepUp(ports: GuardedPorts, sessions: Sessions): StepUp {
  const { database, audit, clock, throttle } = ports;
  /** Those that can be proved anew: of them the ones that are demanded, where there are any. */
  const factorsOf = ({ caller, session }: Stepping): Promise<FactorRow[]> =>
    database.tenant([caller.organisation], 'app', async (tx) => {
      const factors = await readFactors(tx, session.identity);
      const provable = factors.filter(({ kind }) => kind === 'passkey' || kind === 'totp');
      const demand = await demandOn(ports, tx, caller.organisation, session.identity);
      if (demand === undefined) return provable;
      const enough = provable.filter((factor) => wouldDo(demand.rule, demand.demanded, factor));
      return enough.length > 0 ? enough : provable;
    });

  async function refuse({ caller, session }: Stepping, factor: FactorKind): Promise<never> {
    const { organisation, actor } = caller;
    await database.tenant([organisation], 'app', async (tx) => {
      const subjects = [{ kind: 'session', id: session.id }];
      const entry = { organisation, action: 'session.step-up-refused', actor, subjects, details: { factor } };
      await audit.append(tx, auditEntry(caller, { ...entry, result: 'refused' }));
    });
    throw new Refusal('not-authenticated', { reason: 'step-up' });
  }

  async function prove(
    stepping: Stepping,
    kind: FactorKind,
    judge: (factors: readonly FactorRow[]) => Promise<Proven | null>,
    ceremony: string | null,
  ): Promise<string> {
    const { caller, session } = stepping;
    const guarded = [
      { kind: 'factor', identity: session.identity },
      { kind: 'network', address: caller.origin.address },
    ] as const;
    await throttle.take(guarded);
    const proven = await judge(await factorsOf(stepping));
    if (proven === null) return refuse(stepping, kind);
    const token = await database.tenant([caller.organisation], 'app', async (tx) => {
      if (ceremony !== null && !(await useCeremony(tx, ceremony, clock.now()))) throw new Refusal('gone');
      if (!(await proven.use(tx))) return null;
      await throttle.forget(tx, guarded);
      return sessions.proven(tx, caller, session.id, kind);
    });
    return token ?? refuse(stepping, kind);
  }

  return {
    async factors(stepping) {
      const kinds = new Set((await factorsOf(stepping)).map(({ kind }) => kind));
      return (['passkey', 'totp'] as const).filter((kind) => kinds.has(kind));
    },

    async passkeyOptions(stepping, party) {
      const { session } = stepping;
      const passkeys = (await factorsOf(stepping)).filter(({ kind }) => kind === 'passkey');
      const options = await passkeyRequest(party, passkeys);
      const state = { session: session.id, challenge: options.challenge };
      const { ceremony } = await database.system('app', (tx) =>
        beginCeremony(ports, tx, 'step-up', session.identity, state),
      );
      return { ceremony, options };
    },

    withTotp: (stepping, code) => prove(stepping, 'totp', (factors) => judgeTotp(ports, factors, code), null),

    async withPasskey(stepping, { ceremony, response }, party) {
      const opened = await database.system('app', (tx) =>
        openCeremony(ports, tx, 'step-up', ceremony, stateSchema),
      );
      if (opened === undefined || opened.state.session !== stepping.session.id) throw new Refusal('gone');
      const { challenge } = opened.state;
      return prove(
        stepping,
        'passkey',
        (factors) => judgePasskey(ports, factors, party, challenge, response),
        opened.id,
      );
    },
  };
}
