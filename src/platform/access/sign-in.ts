import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, type CeremonyTicket, changeCeremony, openCeremony } from './ceremony.ts';
import { type FactorKind, type FactorRow, readFactors } from './factor.store.ts';
import { findIdentityByIndex, type IdentityRow, membershipsOf, setPassphrase } from './identity.store.ts';
import { mustUseSignOn, ownSignInRefusal } from './own-sign-in.ts';
import { passkeyRequest, type RelyingParty } from './passkey.ts';
import { hashPassphrase, needsRehash, verifyPassphrase } from './passphrase-hash.ts';
import { addressIndex } from './person.ts';
import { auditEntry, type From, type GuardedPorts } from './ports.ts';
import { judgePasskey, judgeRecoveryCode, judgeTotp, type Proven } from './prove-factor.ts';
import type { Sessions, StartedSession } from './sessions.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  accountIndex: z.string(),
  challenge: z.string().optional(),
});
type SignInState = z.output<typeof stateSchema>;

export interface SignInTicket extends CeremonyTicket {
  /** What this person can go on with, most phishing-resistant first. */
  readonly factors: readonly FactorKind[];
}

/**
 * Sign-in in two steps: passphrase, then one second factor. Every failure answers the same Refusal `not-authenticated`
 * after the same work, whether or not there is such an account; `gone` means the ceremony is over.
 */
export interface SignIn {
  begin(request: { address: Address; passphrase: string }, from: From): Promise<SignInTicket>;
  withTotp(
    request: { ceremony: string; code: string; agent: string | undefined },
    from: From,
  ): Promise<StartedSession>;
  withRecoveryCode(
    request: { ceremony: string; code: string; agent: string | undefined },
    from: From,
  ): Promise<StartedSession>;
  passkeyOptions(ceremony: string, party: RelyingParty): ReturnType<typeof passkeyRequest>;
  withPasskey(
    request: { ceremony: string; response: AuthenticationResponseJSON; agent: string | undefined },
    party: RelyingParty,
    from: From,
  ): Promise<StartedSession>;
}

const ORDER: readonly FactorKind[] = ['passkey', 'totp', 'recovery-code'];
const NOBODY = INSTALLATION as string as IdentityId;

export function createSignIn(ports: GuardedPorts, sessions: Sessions): SignIn {
  const { database, vault, audit, clock, throttle } = ports;

  async function refuse(
    identity: IdentityId | null,
    home: OrganisationId,
    reason: string,
    from: From,
    refusal = new Refusal('not-authenticated'),
  ): Promise<never> {
    await database.tenant([home], 'app', async (tx) => {
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

  async function opened(token: string): Promise<{ readonly id: string; readonly state: SignInState }> {
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'sign-in', token, stateSchema),
    );
    if (found === undefined) throw new Refusal('gone');
    return found;
  }

  async function complete(
    request: { readonly ceremony: string; readonly agent: string | undefined },
    kind: FactorKind,
    from: From,
    judge: (factors: readonly FactorRow[], state: SignInState) => Promise<Proven | null>,
  ): Promise<StartedSession> {
    const { id, state } = await opened(request.ceremony);
    const { identity } = state;
    const guarded = [
      { kind: 'factor', identity },
      { kind: 'network', address: from.origin.address },
    ] as const;
    await throttle.take(guarded);
    const [factors, homes] = await database.system('app', async (tx) => [
      await readFactors(tx, identity),
      await membershipsOf(tx, identity),
    ]);
    const organisation = homes[0];
    if (organisation === undefined) return refuse(identity, INSTALLATION, 'no-membership', from);
    const proven = await judge(factors, state);
    if (proven === null) return refuse(identity, organisation, kind, from);
    const started = await database.tenant([organisation], 'app', async (tx) => {
      if (!(await useCeremony(tx, id, clock.now()))) throw new Refusal('gone');
      // A false here is a replay in the same moment; the ceremony stays used up.
      if (!(await proven.use(tx))) return null;
      const account = { kind: 'account', index: Buffer.from(state.accountIndex, 'hex') } as const;
      await throttle.forget(tx, [...guarded, account]);
      const who = { identity, organisation, factors: ['passphrase', kind], agent: request.agent };
      return sessions.start(tx, who, from);
    });
    return started ?? refuse(identity, organisation, `${kind}-replayed`, from);
  }

  return {
    async begin({ address, passphrase }, from) {
      const index = await addressIndex(vault, address);
      const network = { kind: 'network', address: from.origin.address } as const;
      await throttle.take([{ kind: 'account', index }, network]);
      const found = await database.system('app', async (tx) => {
        const identity = await findIdentityByIndex(tx, index);
        // The same questions are asked for an address that nobody has.
        const id = identity?.id ?? NOBODY;
        return { identity, factors: await readFactors(tx, id), homes: await membershipsOf(tx, id) };
      });
      const { identity, factors, homes } = found;
      const home = homes[0];
      const usable = identity !== undefined && identity.disabled_at === null && home !== undefined;
      const good = await verifyPassphrase(passphrase, usable ? identity.passphrase_hash : null);
      if (!good || !usable || factors.length === 0) {
        return refuse(identity?.id ?? null, home ?? INSTALLATION, 'passphrase', from);
      }
      const must = await database.tenant([home], 'app', (tx) => mustUseSignOn(tx, vault, home, identity));
      if (must) await refuse(identity.id, home, 'single-sign-on', from, ownSignInRefusal());
      const rehashed = await rehash(identity, passphrase);
      const state = { identity: identity.id, accountIndex: index.toString('hex') };
      const ticket = await database.system('app', async (tx) => {
        if (rehashed !== null) await setPassphrase(tx, identity.id, rehashed, clock.now());
        await throttle.forget(tx, [network]);
        return beginCeremony(ports, tx, 'sign-in', identity.id, state);
      });
      const kinds = new Set(factors.map((factor) => factor.kind));
      return { ...ticket, factors: ORDER.filter((kind) => kinds.has(kind)) };
    },

    withTotp: (request, from) =>
      complete(request, 'totp', from, (factors) => judgeTotp(ports, factors, request.code)),

    withRecoveryCode: (request, from) =>
      complete(request, 'recovery-code', from, (factors) => judgeRecoveryCode(ports, factors, request.code)),

    async passkeyOptions(ceremony, party) {
      const { id, state } = await opened(ceremony);
      const factors = await database.system('app', (tx) => readFactors(tx, state.identity));
      const options = await passkeyRequest(
        party,
        factors.filter((factor) => factor.kind === 'passkey'),
      );
      await database.system('app', (tx) =>
        changeCeremony(ports, tx, id, { ...state, challenge: options.challenge }),
      );
      return options;
    },

    withPasskey: (request, party, from) =>
      complete(request, 'passkey', from, (factors, { challenge }) =>
        judgePasskey(ports, factors, party, challenge, request.response),
      ),
  };
}

async function rehash(identity: IdentityRow, passphrase: string): Promise<string | null> {
  const stored = identity.passphrase_hash;
  return stored !== null && needsRehash(stored) ? hashPassphrase(passphrase) : null;
}
