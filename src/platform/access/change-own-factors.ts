import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import type { AccountChange } from '#core/notice';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { Account, Owner } from './account.ts';
import { endSignIns, useCeremony } from './ceremony.store.ts';
import { beginCeremony, openCeremony } from './ceremony.ts';
import {
  findPasskey,
  insertFactor,
  lockFactors,
  readFactors,
  removeFactorRows,
  renameFactorRow,
} from './factor.store.ts';
import { membershipsOf, readIdentityRow } from './identity.store.ts';
import { checkPasskeyCreation, passkeyCreation } from './passkey.ts';
import { openPerson } from './person.ts';
import { auditEntry } from './ports.ts';
import { demandsOn, meets } from './read-own-account.ts';
import { storeRecoveryCodes } from './recovery-codes.ts';
import type { Sessions } from './sessions.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { isCurrent, wouldDo } from './sign-in-policy.ts';
import { tellOfChange } from './tell-person.ts';
import { matchTotp, newTotpSecret, totpUri } from './totp.ts';
import { sealTotpSecret } from './totp-secret.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  secret: z.string().optional(),
  challenge: z.string().optional(),
});

/** Writes down a change of the owner's account, and tells them. */
export async function recordOwnChange(
  ports: SignInPorts,
  tx: Transaction,
  { caller, identity }: Owner,
  entry: {
    readonly action: string;
    readonly change: AccountChange;
    readonly factor?: string;
    readonly details?: Readonly<Record<string, string | number | boolean | null>>;
  },
): Promise<void> {
  const { organisation, actor } = caller;
  const subjects = [
    { kind: 'identity', id: identity },
    ...(entry.factor === undefined ? [] : [{ kind: 'factor', id: entry.factor }]),
  ];
  const { action, details = {} } = entry;
  await ports.audit.append(tx, auditEntry(caller, { organisation, action, actor, subjects, details }));
  await tellOfChange(ports, tx, { organisation, identity }, entry.change);
}

/** Adding, naming and removing of a person's own factors. */
export function changeOwnFactors(
  ports: SignInPorts,
  sessions: Sessions,
): Omit<
  Account,
  'read' | 'changePassphrase' | 'certificate' | 'addCertificate' | 'textOptions' | 'addTelephone'
> {
  return { ...adding(ports), ...keeping(ports, sessions) };
}

function adding(
  ports: SignInPorts,
): Pick<Account, 'totpOptions' | 'addTotp' | 'passkeyOptions' | 'addPasskey'> {
  const { database, vault, clock, throttle } = ports;

  async function opened(token: string, identity: IdentityId) {
    const found = await database.system('app', (tx) =>
      openCeremony(ports, tx, 'account', token, stateSchema),
    );
    if (found === undefined || found.state.identity !== identity) throw new Refusal('gone');
    return found;
  }

  async function ownPerson(identity: IdentityId) {
    const [row, factors] = await database.system('app', async (tx) => [
      await readIdentityRow(tx, identity),
      await readFactors(tx, identity),
    ]);
    if (row === undefined) throw new Refusal('not-found');
    return { person: await openPerson(vault, row), factors };
  }

  const begin = (identity: IdentityId, state: object) =>
    database.system('app', (tx) => beginCeremony(ports, tx, 'account', identity, { identity, ...state }));

  return {
    async totpOptions({ identity }) {
      const { person } = await ownPerson(identity);
      const secret = newTotpSecret();
      const { ceremony } = await begin(identity, { secret });
      return { ceremony, secret, uri: totpUri(secret, person.address) };
    },

    async addTotp(owner, { ceremony, code, label }) {
      const { caller, identity } = owner;
      await throttle.take([{ kind: 'factor', identity }]);
      const { id, state } = await opened(ceremony, identity);
      const { secret } = state;
      const step = secret === undefined ? null : matchTotp(secret, code, clock.now(), null);
      if (secret === undefined || step === null)
        throw new Refusal('invalid', { path: 'code', reason: 'wrong' });
      const factor = newId(clock);
      const sealed = await sealTotpSecret(vault, factor, secret);
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await useCeremony(tx, id, clock.now()))) throw new Refusal('gone');
        await insertFactor(tx, { id: factor, identity, kind: 'totp', label, secret: sealed, lastStep: step });
        await throttle.forget(tx, [{ kind: 'factor', identity }]);
        const details = { kind: 'totp' };
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'factor.added', change: 'factor-added', factor, details },
        });
      });
    },

    async passkeyOptions({ identity }, party) {
      const { person, factors } = await ownPerson(identity);
      const options = await passkeyCreation(party, person, {
        ...{ identity, exclude: factors, verification: 'required' },
      });
      const { ceremony } = await begin(identity, { challenge: options.challenge });
      return { ceremony, options };
    },

    async addPasskey(owner, { ceremony, response, label }, party) {
      const { caller, identity } = owner;
      const { id, state } = await opened(ceremony, identity);
      const { challenge } = state;
      const made =
        challenge === undefined ? null : await checkPasskeyCreation(party, challenge, response, true);
      if (made === null) throw new Refusal('invalid', { path: 'response', reason: 'not-verified' });
      const factor = newId(clock);
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await useCeremony(tx, id, clock.now()))) throw new Refusal('gone');
        if ((await findPasskey(tx, made.credentialId)) !== undefined) throw new Refusal('already-exists');
        await insertFactor(tx, { id: factor, identity, kind: 'passkey', label, ...made });
        const details = { kind: 'passkey', deviceBound: made.deviceBound };
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'factor.added', change: 'factor-added', factor, details },
        });
      });
    },
  };
}

function keeping(
  ports: SignInPorts,
  sessions: Sessions,
): Pick<Account, 'rename' | 'remove' | 'renewRecoveryCodes'> {
  const { database, clock } = ports;
  return {
    async rename(owner, factor, label) {
      const { caller, identity } = owner;
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await renameFactorRow(tx, identity, factor, label))) throw new Refusal('not-found');
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'factor.renamed', change: 'factor-renamed', factor },
        });
      });
    },

    async remove(owner, factor) {
      const { caller, identity, session } = owner;
      const homes = await database.system('app', (tx) => membershipsOf(tx, identity));
      await database.tenant(homes, 'app', async (tx) => {
        const now = clock.now();
        const factors = await lockFactors(tx, identity);
        const gone = factors.find((one) => one.id === factor && one.kind !== 'recovery-code');
        if (gone === undefined) throw new Refusal('not-found');
        const rest = factors.filter((one) => one.id !== factor && one.kind !== 'recovery-code');
        // A certificate cannot be proved anew at will and a text is no proof for step-up; cards and numbers also go by themselves.
        if (!rest.some(({ kind }) => kind === 'passkey' || kind === 'totp'))
          throw new Refusal('wrong-state', { reason: 'last-factor' });
        const demands = await demandsOn(ports, tx, identity);
        const broken = demands.some(
          ({ rule, demanded }) =>
            wouldDo(rule, demanded, gone) &&
            isCurrent(gone, now) &&
            !rest.some((one) => isCurrent(one, now) && wouldDo(rule, demanded, one)),
        );
        if (broken) throw new Refusal('wrong-state', { reason: 'factor-demanded' });
        await removeFactorRows(tx, identity, { id: factor }, now);
        // Whoever has the key that was lost may be signed in with it.
        const who = { identity, organisation: caller.organisation, but: session, reason: 'factor-removed' };
        await sessions.endAll(tx, who, caller.actor, caller);
        const details = { kind: gone.kind, metDemand: meets(demands, gone) };
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'factor.removed', change: 'factor-removed', factor, details },
        });
      });
    },

    async renewRecoveryCodes(owner) {
      const { caller, identity } = owner;
      return database.tenant([caller.organisation], 'app', async (tx) => {
        await lockFactors(tx, identity);
        await removeFactorRows(tx, identity, { kinds: ['recovery-code'] }, clock.now());
        // Nor does whoever has used one of them go on to a key of their own.
        await endSignIns(tx, identity, clock.now());
        const codes = await storeRecoveryCodes(ports, tx, identity);
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'recovery-codes.renewed', change: 'recovery-codes-renewed' },
        });
        return codes;
      });
    },
  };
}
