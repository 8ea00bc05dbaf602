import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { newId } from '#platform/runtime';
import type { Account } from './account.ts';
import { useCeremony } from './ceremony.store.ts';
import { beginCeremony, openCeremony } from './ceremony.ts';
import { recordOwnChange } from './change-own-factors.ts';
import { insertFactor, lockFactors } from './factor.store.ts';
import { judgeMailedCode, makeMailedCode } from './mailed-code.ts';
import { demandOn } from './require-factors.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { maskedNumber, sealNumber, telephoneOf, textCode } from './texted-code.ts';

const stateSchema = z.strictObject({
  identity: z.string().transform((id) => id as IdentityId),
  number: z.string(),
  code: z.strictObject({ mac: z.string(), expiresAt: z.coerce.date() }),
});

/**
 * A telephone to which codes are texted, as a person's own factor: proved by a code, kept sealed. SP 800-63B-4 restricts such codes
 * (numbers are taken over, texts are read on their way), so they count only where the organisation says so, and never against phishing.
 */
export function ownTelephone(ports: SignInPorts): Pick<Account, 'textOptions' | 'addTelephone'> {
  const { database, vault, clock, throttle } = ports;
  return {
    async textOptions({ caller, identity }, number) {
      const { organisation } = caller;
      const demand = await database.tenant([organisation], 'app', (tx) =>
        demandOn(ports, tx, organisation, identity),
      );
      if (demand?.rule.textedCode !== true)
        throw new Refusal('wrong-state', { reason: 'texted-codes-not-allowed' });
      await throttle.take([{ kind: 'code', identity }]);
      const { code, ...kept } = await makeMailedCode(ports);
      const { expiresAt } = kept;
      const ticket = await database.system('app', (tx) =>
        beginCeremony(ports, tx, 'account-telephone', identity, { identity, number, code: kept }),
      );
      // What was withheld stays on record, so the refusal comes after the commit.
      const sent = await database.tenant([organisation], 'app', (tx) =>
        textCode(ports, tx, { organisation, identity, number }, { code, expiresAt }),
      );
      if (!sent) throw new Refusal('wrong-state', { reason: 'no-texts' });
      return { ceremony: ticket.ceremony, masked: maskedNumber(number) };
    },

    async addTelephone(owner, { ceremony, code, label }) {
      const { caller, identity } = owner;
      await throttle.take([{ kind: 'factor', identity }]);
      const found = await database.system('app', (tx) =>
        openCeremony(ports, tx, 'account-telephone', ceremony, stateSchema),
      );
      if (found === undefined || found.state.identity !== identity) throw new Refusal('gone');
      const { id, state } = found;
      if (!(await judgeMailedCode(ports, state.code, code)))
        throw new Refusal('invalid', { path: 'code', reason: 'wrong' });
      const factor = newId(clock);
      const secret = await sealNumber(vault, factor, state.number);
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await useCeremony(tx, id, clock.now()))) throw new Refusal('gone');
        if (telephoneOf(await lockFactors(tx, identity)) !== undefined) throw new Refusal('already-exists');
        await insertFactor(tx, { id: factor, identity, kind: 'texted-code', label, secret });
        await throttle.forget(tx, [{ kind: 'factor', identity }]);
        const details = { kind: 'texted-code' };
        await recordOwnChange(ports, tx, owner, {
          ...{ action: 'factor.added', change: 'factor-added', factor, details },
        });
      });
    },
  };
}
