import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { Address } from '#core/address';
import type { ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { beginCeremony, type CeremonyTicket, changeCeremony, openCeremony } from './ceremony.ts';
import { revocationOf } from './certificate-demands.ts';
import { completeSignIn, type LastStep, refuseSignIn, type SignInOutcome } from './complete-sign-in.ts';
import { type FactorKind, type FactorRow, readFactors, useTelephone } from './factor.store.ts';
import { findIdentityByIndex, type IdentityRow, membershipsOf, setPassphrase } from './identity.store.ts';
import { judgeMailedCode, makeMailedCode } from './mailed-code.ts';
import { mustUseSignOn, ownSignInRefusal } from './own-sign-in.ts';
import { passkeyRequest, type RelyingParty } from './passkey.ts';
import { hashPassphrase, needsRehash } from './passphrase-hash.ts';
import { addressIndex } from './person.ts';
import type { From } from './ports.ts';
import { demandOn } from './require-factors.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { isCurrent, wouldDo } from './sign-in-policy.ts';
import { noticeTo } from './tell-person.ts';
import { openNumber, telephoneOf, textCode } from './texted-code.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  accountIndex: z.string(),
  challenge: z.string().optional(),
  code: z
    .strictObject({
      mac: z.string(),
      expiresAt: z.coerce.date(),
      // Absent in ceremonies of releases that knew mailed codes alone.
      way: z.enum(['mailed-code', 'texted-code']).optional(),
    })
    .optional(),
});
type SignInState = z.output<typeof stateSchema>;

/** How the second step can be done: a factor that is on record, or a code mailed now. */
export type SignInWay = FactorKind | 'mailed-code';

export interface SignInTicket extends CeremonyTicket {
  /** What this person can go on with, most phishing-resistant first. */
  readonly factors: readonly SignInWay[];
}

interface TypedCode {
  readonly ceremony: string;
  readonly code: string;
  readonly agent: string | undefined;
}

/**
 * Sign-in in two steps: passphrase, then one second factor. Every failure answers the same Refusal `not-authenticated`
 * after the same work, whether or not there is such an account; `gone` means the ceremony is over.
 */
export interface SignIn {
  begin(request: { address: Address; passphrase: string }, from: From): Promise<SignInTicket>;
  withTotp(request: TypedCode, from: From): Promise<SignInOutcome>;
  withRecoveryCode(request: TypedCode, from: From): Promise<SignInOutcome>;
  /** Mails six digits that are good for ten minutes and for this sign-in alone. Refusal `wrong-state` where they do not count. */
  mailCode(ceremony: string, from: From): Promise<void>;
  withMailedCode(request: TypedCode, from: From): Promise<SignInOutcome>;
  /** The same by text, to the person's telephone. Refusal `wrong-state`, also where no text can go now (`no-texts`). */
  textCode(ceremony: string, from: From): Promise<void>;
  withTextedCode(request: TypedCode, from: From): Promise<SignInOutcome>;
  /** By the certificate of the connection. Whatever is wrong with it, the answer is `not-authenticated`; the audit says what. */
  withCertificate(
    request: {
      readonly ceremony: string;
      readonly certificate: ClientCertificate | null;
      readonly agent: string | undefined;
    },
    from: From,
  ): Promise<SignInOutcome>;
  passkeyOptions(ceremony: string, party: RelyingParty): ReturnType<typeof passkeyRequest>;
  withPasskey(
    request: { ceremony: string; response: AuthenticationResponseJSON; agent: string | undefined },
    party: RelyingParty,
    from: From,
  ): Promise<SignInOutcome>;
}

const ORDER: readonly FactorKind[] = ['passkey', 'certificate', 'totp', 'texted-code', 'recovery-code'];
/** Ways that cannot be guessed: nobody's tries hold them up. */
const UNGUESSABLE: readonly SignInWay[] = ['passkey', 'certificate'];
/** Ways that are offered only where they are enough: nobody is let in by them in the days of grace. */
const ALLOWED_ONLY: readonly FactorKind[] = ['certificate', 'texted-code'];
const NOBODY = INSTALLATION as string as IdentityId;

export function createSignIn(ports: SignInPorts, sessions: Sessions): SignIn {
  const { database, vault, clock, throttle, parts } = ports;

  async function opened(token: string): Promise<{ readonly id: string; readonly state: SignInState }> {
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'sign-in', token, stateSchema),
    );
    if (found === undefined) throw new Refusal('gone');
    return found;
  }

  async function complete(
    request: { readonly ceremony: string; readonly agent: string | undefined },
    kind: SignInWay,
    from: From,
    judge: (factors: readonly FactorRow[], state: SignInState) => ReturnType<LastStep['judge']>,
  ): Promise<SignInOutcome> {
    const { id, state } = await opened(request.ceremony);
    const step = {
      ...{ ceremony: id, identity: state.identity, before: ['passphrase'], kind, agent: request.agent },
      guessable: !UNGUESSABLE.includes(kind),
      forget: [{ kind: 'account', index: Buffer.from(state.accountIndex, 'hex') }] as const,
      judge: (factors: readonly FactorRow[]) => judge(factors, state),
    };
    return completeSignIn(ports, sessions, step, from);
  }

  const remember = (id: string, state: SignInState): Promise<void> =>
    database.system('app', (tx) => changeCeremony(ports, tx, id, state));

  async function sendCode(ceremony: string, way: 'mailed-code' | 'texted-code', from: From): Promise<void> {
    const { id, state } = await opened(ceremony);
    const { identity } = state;
    await throttle.take([
      { kind: 'code', identity },
      { kind: 'network', address: from.origin.address },
    ]);
    const [home] = await database.system('app', (tx) => membershipsOf(tx, identity));
    const factors = await database.system('app', (tx) => readFactors(tx, identity));
    if (home === undefined || !(await ways(ports, home, identity, factors)).includes(way)) {
      throw new Refusal('wrong-state', { reason: `no-${way}s` });
    }
    const { code, ...kept } = await makeMailedCode(ports);
    const { expiresAt } = kept;
    await remember(id, { ...state, code: { ...kept, way } });
    const sent = await database.tenant([home], 'app', async (tx) => {
      if (way === 'texted-code') {
        const telephone = telephoneOf(factors);
        if (telephone === undefined) return false;
        const number = await openNumber(vault, telephone);
        return textCode(ports, tx, { organisation: home, identity, number }, { code, expiresAt });
      }
      await noticeTo(ports, tx, { organisation: home, identity }, { kind: 'sign-in-code', code, expiresAt });
      return true;
    });
    // What was withheld stays on record, so the refusal comes after the commit.
    if (!sent) throw new Refusal('wrong-state', { reason: 'no-texts' });
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
      const good = await parts.verifyPassphrase(passphrase, usable ? identity.passphrase_hash : null);
      if (!good || !usable || factors.length === 0) {
        const who = identity?.id ?? null;
        return refuseSignIn(ports, who, home ?? INSTALLATION, 'passphrase', from, undefined, { index });
      }
      const must = await database.tenant([home], 'app', (tx) => mustUseSignOn(tx, vault, home, identity));
      if (must) {
        const refusal = ownSignInRefusal();
        return refuseSignIn(ports, identity.id, home, 'single-sign-on', from, refusal);
      }
      const rehashed = await rehash(identity, passphrase);
      const state = { identity: identity.id, accountIndex: index.toString('hex') };
      const ticket = await database.system('app', async (tx) => {
        if (rehashed !== null) await setPassphrase(tx, identity.id, rehashed, clock.now());
        await throttle.forget(tx, [network]);
        return beginCeremony(ports, tx, 'sign-in', identity.id, state);
      });
      return { ...ticket, factors: await ways(ports, home, identity.id, factors) };
    },

    withTotp: (request, from) =>
      complete(request, 'totp', from, (factors) => parts.judgeTotp(ports, factors, request.code)),

    withRecoveryCode: (request, from) =>
      complete(request, 'recovery-code', from, (factors) =>
        parts.judgeRecoveryCode(ports, factors, request.code),
      ),

    mailCode: (ceremony, from) => sendCode(ceremony, 'mailed-code', from),

    withMailedCode: (request, from) =>
      complete(request, 'mailed-code', from, async (_factors, { code }) =>
        code?.way !== 'texted-code' && (await judgeMailedCode(ports, code, request.code))
          ? { kind: 'mailed-code', marks: [], use: () => Promise.resolve(true) }
          : null,
      ),

    textCode: (ceremony, from) => sendCode(ceremony, 'texted-code', from),

    withTextedCode: (request, from) =>
      complete(request, 'texted-code', from, async (factors, { code }) => {
        const telephone = telephoneOf(factors);
        const good = code?.way === 'texted-code' && (await judgeMailedCode(ports, code, request.code));
        if (!good || telephone === undefined) return null;
        const use = (tx: Transaction) => useTelephone(tx, telephone.id, clock.now());
        return { kind: 'texted-code', marks: [], use };
      }),

    withCertificate: (request, from) =>
      complete(request, 'certificate', from, async (factors, { identity }) => {
        // Where none counts, not even as what brings in a new factor.
        if (!(await certificatesCount(ports, identity))) return 'certificate-not-allowed';
        const proven = parts.judgeCertificate(ports, factors, request.certificate);
        if (proven === null || request.certificate === null) return proven;
        const standing = await revocationOf(ports, request.certificate);
        return standing === 'stands' ? proven : `certificate-${standing}`;
      }),

    async passkeyOptions(ceremony, party) {
      const { id, state } = await opened(ceremony);
      const factors = await database.system('app', (tx) => readFactors(tx, state.identity));
      const options = await passkeyRequest(
        party,
        factors.filter((factor) => factor.kind === 'passkey'),
      );
      await remember(id, { ...state, challenge: options.challenge });
      return options;
    },

    withPasskey: (request, party, from) =>
      complete(request, 'passkey', from, (factors, { challenge }) =>
        parts.judgePasskey(ports, factors, party, challenge, request.response),
      ),
  };
}

/** What is offered: where a person has a factor that is demanded of them, nothing weaker; recovery codes always. */
async function ways(
  ports: SignInPorts,
  home: OrganisationId,
  identity: IdentityId,
  factors: readonly FactorRow[],
): Promise<readonly SignInWay[]> {
  const demand = await ports.database.tenant([home], 'app', (tx) => demandOn(ports, tx, home, identity));
  if (demand === undefined) return [];
  const { rule, demanded } = demand;
  const now = ports.clock.now();
  // A card that has come to its end may have been renewed with the same key, which is seen only when it is shown.
  const cards = factors.filter((factor) => factor.kind === 'certificate' && wouldDo(rule, demanded, factor));
  const enough = factors.filter((factor) => isCurrent(factor, now) && wouldDo(rule, demanded, factor));
  const offered = enough.length > 0 ? enough : factors.filter(({ kind }) => !ALLOWED_ONLY.includes(kind));
  const kinds = new Set([...offered, ...cards].map(({ kind }) => kind));
  for (const kind of recovery(factors)) kinds.add(kind);
  const mailed = rule.mailedCode && demanded === 'any';
  return [...ORDER.filter((kind) => kinds.has(kind)), ...(mailed ? (['mailed-code'] as const) : [])];
}

async function certificatesCount(ports: SignInPorts, identity: IdentityId): Promise<boolean> {
  const { database } = ports;
  const [home] = await database.system('app', (tx) => membershipsOf(tx, identity));
  if (home === undefined) return false;
  const demand = await database.tenant([home], 'app', (tx) => demandOn(ports, tx, home, identity));
  return demand !== undefined && demand.rule.certificate !== 'off';
}

const recovery = (factors: readonly FactorRow[]): readonly FactorKind[] =>
  factors.some(({ kind }) => kind === 'recovery-code') ? ['recovery-code'] : [];

async function rehash(identity: IdentityRow, passphrase: string): Promise<string | null> {
  const stored = identity.passphrase_hash;
  return stored !== null && needsRehash(stored) ? hashPassphrase(passphrase) : null;
}
