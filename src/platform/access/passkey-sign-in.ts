import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { Refusal } from '#core/errors';
import { INSTALLATION } from '#core/ids';
import { beginCeremony, type CeremonyTicket, openCeremony } from './ceremony.ts';
import { completeSignIn, refuseSignIn, type SignInOutcome } from './complete-sign-in.ts';
import { findPasskey } from './factor.store.ts';
import { discoverablePasskeyRequest, type RelyingParty } from './passkey.ts';
import type { From } from './ports.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';

const stateSchema = z.strictObject({ challenge: z.string() });

/**
 * Sign-in by a passkey alone: the browser finds it, and its authenticator verifies its holder, which makes it two factors. The
 * options are the same for everybody, so they tell nothing of any account.
 */
export interface PasskeySignIn {
  begin(
    party: RelyingParty,
    from: From,
  ): Promise<CeremonyTicket & { readonly options: Awaited<ReturnType<typeof discoverablePasskeyRequest>> }>;
  /** Refusals: `not-authenticated` for every answer that is not good, whatever is wrong with it; `gone`. */
  finish(
    request: {
      readonly ceremony: string;
      readonly response: AuthenticationResponseJSON;
      readonly agent: string | undefined;
    },
    party: RelyingParty,
    from: From,
  ): Promise<SignInOutcome>;
}

export function createPasskeySignIn(ports: SignInPorts, sessions: Sessions): PasskeySignIn {
  const { database, throttle, parts } = ports;
  return {
    async begin(party, from) {
      await throttle.take([{ kind: 'opening', address: from.origin.address }]);
      const options = await discoverablePasskeyRequest(party);
      const state = { challenge: options.challenge };
      const ticket = await database.system('app', (tx) =>
        beginCeremony(ports, tx, 'passkey-sign-in', null, state),
      );
      return { ...ticket, options };
    },

    async finish({ ceremony, response, agent }, party, from) {
      const found = await database.system('app', async (tx) => ({
        ceremony: await openCeremony(ports, tx, 'passkey-sign-in', ceremony, stateSchema),
        factor: await findPasskey(tx, Buffer.from(response.id, 'base64url')),
      }));
      if (found.ceremony === undefined) throw new Refusal('gone');
      const { id, state } = found.ceremony;
      if (found.factor === undefined) {
        await throttle.take([{ kind: 'network', address: from.origin.address }]);
        return refuseSignIn(ports, null, INSTALLATION, 'passkey-unknown', from);
      }
      const { identity } = found.factor;
      const step = {
        ...{ ceremony: id, identity, before: [], kind: 'passkey-alone', guessable: false, agent, forget: [] },
        judge: (factors: Parameters<typeof parts.judgePasskey>[1]) =>
          parts.judgePasskey(ports, factors, party, state.challenge, response, true),
      };
      return completeSignIn(ports, sessions, step, from);
    },
  };
}
