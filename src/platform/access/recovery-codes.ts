import { type IdentityId, INSTALLATION } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { insertFactor } from './factor.store.ts';
import type { AccessPorts } from './ports.ts';
import { newRecoveryCodes, normaliseRecoveryCode } from './recovery-code.ts';
import { makeSecretMac } from './secret-mac.ts';

/** Makes a person's recovery codes and keeps what proves them; the codes themselves are shown once. */
export async function storeRecoveryCodes(
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  tx: Transaction,
  identity: IdentityId,
): Promise<string[]> {
  const codes = newRecoveryCodes();
  for (const code of codes) {
    const secret = await makeSecretMac(vault, INSTALLATION, 'recovery-code/1', normaliseRecoveryCode(code));
    await insertFactor(tx, { id: newId(clock), identity, kind: 'recovery-code', secret });
  }
  return codes;
}
