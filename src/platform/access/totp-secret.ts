import { INSTALLATION } from '#core/ids';
import type { Vault } from '#platform/vault';

const binding = (factor: string) => ({ organisation: INSTALLATION, field: 'factor.secret', row: factor });

/** Seals a TOTP secret for its row. */
export function sealTotpSecret(
  vault: Pick<Vault, 'sealValue'>,
  factor: string,
  secret: string,
): Promise<Buffer> {
  return vault.sealValue('identity', binding(factor), secret);
}

export async function openTotpSecret(
  vault: Pick<Vault, 'openValue'>,
  factor: string,
  sealed: Buffer,
): Promise<string> {
  return (await vault.openValue(binding(factor), sealed)).toString('utf8');
}
