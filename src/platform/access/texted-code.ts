import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import type { FactorRow } from './factor.store.ts';
import { readIdentityRow } from './identity.store.ts';
import type { AccessPorts } from './ports.ts';

const binding = (factor: string) => ({ organisation: INSTALLATION, field: 'factor.number', row: factor });

/** Seals the number of a telephone for its row. */
export function sealNumber(vault: Pick<Vault, 'sealValue'>, factor: string, number: string): Promise<Buffer> {
  return vault.sealValue('identity', binding(factor), number);
}

export async function openNumber(
  vault: Pick<Vault, 'openValue'>,
  { id, secret }: Pick<FactorRow, 'id' | 'secret'>,
): Promise<string> {
  if (secret === null) throw new Error('a telephone without a number');
  return (await vault.openValue(binding(id), secret)).toString('utf8');
}

/** For a page: the last two digits. */
export const maskedNumber = (number: string): string => `••${number.slice(-2)}`;

/** The person's telephone for codes, if they have one. */
export const telephoneOf = (factors: readonly FactorRow[]): FactorRow | undefined =>
  factors.find(({ kind }) => kind === 'texted-code');

/** Texts a code to a number in the words of the person; false where none can go now (see `AccessPorts.sendText`). */
export async function textCode(
  { sendText }: Pick<AccessPorts, 'sendText'>,
  tx: Transaction,
  to: { readonly organisation: OrganisationId; readonly identity: IdentityId; readonly number: string },
  code: { readonly code: string; readonly expiresAt: Date },
): Promise<boolean> {
  const row = await readIdentityRow(tx, to.identity);
  const locale = row?.locale === 'es' ? 'es' : 'en';
  const { organisation, number } = to;
  return sendText(tx, { organisation, number, locale, code: code.code, expiresAt: code.expiresAt });
}
