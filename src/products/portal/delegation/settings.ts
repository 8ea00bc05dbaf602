import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { type OidcClient, oidcClientSchema } from '#platform/federation';
import type { Vault } from '#platform/vault';
import { type DelegationRow, findDelegation, readDelegation } from './delegation.store.ts';

/** An organisation's delegation, opened. */
export interface Delegation {
  readonly organisation: OrganisationId;
  readonly row: Omit<DelegationRow, 'settings'>;
  readonly client: OidcClient;
}

type SettingsVault = Pick<Vault, 'sealValue' | 'openValue'>;

const binding = (organisation: OrganisationId, id: string) => ({
  organisation,
  field: 'portal-delegation.settings',
  row: id,
});

export function sealClient(
  vault: SettingsVault,
  organisation: OrganisationId,
  id: string,
  client: OidcClient,
): Promise<Buffer> {
  return vault.sealValue('configuration', binding(organisation, id), JSON.stringify(client));
}

/** The organisation's delegation, whether on or off, in a transaction of its own; undefined where there is none. */
export async function openDelegation(
  vault: SettingsVault,
  tx: Transaction,
  organisation: OrganisationId,
  lock: 'none' | 'share' | 'update' = 'none',
): Promise<Delegation | undefined> {
  const found = await readDelegation(tx, organisation, lock);
  if (found === undefined) return undefined;
  const { settings, ...row } = found;
  const opened = await vault.openValue(binding(organisation, row.id), settings);
  return { organisation, row, client: oidcClientSchema.parse(JSON.parse(opened.toString('utf8'))) };
}

/** The delegation with this id, whether on or off; undefined where it was removed or never there. */
export async function delegationById(
  needs: {
    readonly database: Database;
    readonly vault: SettingsVault;
  },
  id: string,
): Promise<Delegation | undefined> {
  const organisation = await needs.database.system('app', (tx) => findDelegation(tx, id));
  if (organisation === null) return undefined;
  const found = await needs.database.tenant([organisation], 'app', (tx) =>
    openDelegation(needs.vault, tx, organisation),
  );
  return found?.row.id === id ? found : undefined;
}

/** One state of one delegation, so that what was begun under another is not taken. */
export const versionOf = ({ row }: Pick<Delegation, 'row'>): string => row.changed_at.toISOString();

/** Names it to the protocol's cache; its own kind of key, beside those of staff. */
export const keyOf = (one: Delegation): string => `portal ${one.row.id} ${versionOf(one)}`;

/** Where the provider sends people, and what its administrator must know. Below the portal's address. */
export function delegationPlaces(base: string, id: string) {
  const at = (last: string) => `${base}/portal/${id}/${last}`;
  return {
    signInPage: `${base}/portal/${id}`,
    redirectUri: at('callback'),
    initiateLoginUri: at('initiate'),
    backChannelLogoutUri: at('back-channel-logout'),
    keysUri: at('keys'),
  };
}
