import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import { type IdentityRow, readIdentityRow } from './identity.store.ts';
import { openPerson } from './person.ts';
import { cameBySignOn } from './session.store.ts';
import { readEnforced } from './sign-on-domains.store.ts';

type PersonVault = Parameters<typeof openPerson>[0];

/**
 * Whether somebody must come by their organisation's identity provider: their address is on a domain for which that is
 * enforced, and they are not among those named as exempt (who get in when the provider does not work).
 */
export async function mustUseSignOn(
  tx: Transaction,
  vault: PersonVault,
  organisation: OrganisationId,
  identity: IdentityRow,
): Promise<boolean> {
  const enforced = await readEnforced(tx, organisation);
  if (enforced.length === 0) return false;
  const { address } = await openPerson(vault, identity);
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return enforced.some((one) => one.domain === domain && !one.exempt.includes(identity.id));
}

export const ownSignInRefusal = (): Refusal => new Refusal('not-permitted', { reason: 'single-sign-on' });

/** The same as a gate, for whatever starts a session by what a person keeps here themselves. */
export async function requireOwnSignIn(
  tx: Transaction,
  vault: PersonVault,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<void> {
  const row = await readIdentityRow(tx, identity);
  if (row !== undefined && (await mustUseSignOn(tx, vault, organisation, row))) throw ownSignInRefusal();
}

/** A provider vouches inside of its own organisation only; and no other door stands open beside an enforced one. */
export async function requireMovable(
  tx: Transaction,
  vault: Pick<Vault, 'blindIndex' | 'sealValue' | 'openValue'>,
  session: SessionId,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<void> {
  if (await cameBySignOn(tx, session)) throw ownSignInRefusal();
  await requireOwnSignIn(tx, vault, organisation, identity);
}
