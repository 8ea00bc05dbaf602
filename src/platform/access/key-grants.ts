import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import type { ApiKeyRow } from './api-key.store.ts';
import { readGrants, withinGuardrails } from './grants.ts';
import { readIdentityRow } from './identity.store.ts';
import { boundGrants, type KeyGrants, type KeyLimits, openLimits } from './key-limits.ts';
import { isPermission } from './permissions.ts';
import { readServiceAccount } from './service-account.store.ts';
import type { Grants } from './standing.ts';

/** What a key opens now; null where the person or account behind it has gone, and with them the key. */
export async function grantsOfKey(
  tx: Transaction,
  vault: Pick<Vault, 'openValue'>,
  key: ApiKeyRow,
  now: Date,
): Promise<{ readonly grants: KeyGrants; readonly keyLimits: KeyLimits } | null> {
  const bound = await boundOf(tx, vault, key, now);
  if (bound === 'gone') return null;
  const keyLimits = await openLimits(vault, key.organisation, key.id, key.limits);
  // Guardrails hold for every kind of key: also for those that nobody stands behind.
  const permissions = await withinGuardrails(tx, key.organisation, key.permissions.filter(isPermission));
  return { grants: boundGrants(permissions, keyLimits.scopes, bound), keyLimits };
}

/** A service account's key is bound by the account, a person's by the person; null where set-up made it. */
async function boundOf(
  tx: Transaction,
  vault: Pick<Vault, 'openValue'>,
  key: ApiKeyRow,
  now: Date,
): Promise<KeyGrants | null | 'gone'> {
  if (key.service_account !== null) {
    const account = await readServiceAccount(tx, key.organisation, key.service_account);
    if (account === undefined || account.ended_at !== null) return 'gone';
    return { permissions: new Set(account.permissions.filter(isPermission)), scoped: new Map() };
  }
  if (key.created_by === null) return null;
  return (await grantsOfPerson(tx, vault, key.organisation, key.created_by, now)) ?? 'gone';
}

/** What a person may do now; null for who is no member, or disabled. */
export async function grantsOfPerson(
  tx: Transaction,
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  identity: IdentityId,
  now: Date,
): Promise<Grants | null> {
  const person = await readIdentityRow(tx, identity);
  if (person === undefined || person.disabled_at !== null) return null;
  return (await readGrants(tx, vault, organisation, identity, now, person.operator)) ?? null;
}

/** Refusal `invalid` for a service account that does not stand. */
export async function requireAccount(
  tx: Transaction,
  organisation: OrganisationId,
  account: string | null,
): Promise<void> {
  if (account === null) return;
  const row = await readServiceAccount(tx, organisation, account);
  if (row === undefined || row.ended_at !== null) throw new Refusal('invalid', { path: 'serviceAccount' });
}
