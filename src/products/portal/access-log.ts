import type { DeliveryId, OrganisationId } from '#core/ids';
import type { Binding } from '#core/seal';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import { accessRows, findUnsealed, lockUnsealed, type PortalAct, replaceAddresses } from './access.store.ts';
import type { PortalNeeds } from './needs.ts';

/** One act of a recipient on one delivery's copy. */
export interface PortalAccess {
  readonly act: PortalAct;
  readonly at: Date;
  readonly by: 'recipient' | 'caregiver';
  /** Network address, opened; to be shown only to who may read messages. */
  readonly address: string | null;
}

/**
 * What the address of an access row is bound to. Sealed under `record`, not `portal`: the accounting of who opened
 * outlives the copy (45 CFR 164.528: six years).
 */
function binding(organisation: OrganisationId, access: string): Binding {
  return { organisation, field: 'portal.access-address', row: access };
}

export async function sealAccessAddress(
  vault: Vault,
  organisation: OrganisationId,
  access: string,
  address: string | null,
): Promise<Buffer | null> {
  return address === null ? null : vault.sealValue('record', binding(organisation, access), address);
}

/** Who did what with one delivery's copy, oldest first, at most 500 (PO-3), in a tenant transaction. */
export async function openAccessLog(
  needs: Pick<PortalNeeds, 'vault'>,
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
): Promise<readonly PortalAccess[]> {
  const rows = await accessRows(tx, delivery);
  return Promise.all(
    rows.map(async ({ id, act, at, byCaregiver, sealedAddress, clearAddress }) => ({
      act,
      at,
      by: byCaregiver ? 'caregiver' : 'recipient',
      address:
        sealedAddress === null
          ? clearAddress
          : (await needs.vault.openValue(binding(organisation, id), sealedAddress)).toString('utf8'),
    })),
  );
}

const ROWS_PER_ROUND = 500;

/**
 * Seals addresses that the release before left in clear, 500 rows a transaction at most. Can be stopped at any time and
 * goes on where it was; with nothing to do it costs one look into an empty index. Returns how many rows it sealed.
 */
export async function sealOldAddresses(needs: Pick<PortalNeeds, 'database' | 'vault'>): Promise<number> {
  let total = 0;
  for (;;) {
    const found = await needs.database.system('worker', (tx) => findUnsealed(tx, ROWS_PER_ROUND));
    let sealed = 0;
    for (const [organisation, rows] of Map.groupBy(found, (row) => row.organisation)) {
      const ids = rows.map((row) => row.access);
      sealed += await needs.database.tenant([organisation], 'worker', async (tx) => {
        const clear = await lockUnsealed(tx, ids);
        const values = clear.map(async ({ id, address }) => ({
          id,
          sealed: await needs.vault.sealValue('record', binding(organisation, id), address),
        }));
        await replaceAddresses(tx, await Promise.all(values));
        return clear.length;
      });
    }
    total += sealed;
    // A round that sealed nothing met rows that another worker has in hand.
    if (found.length < ROWS_PER_ROUND || sealed === 0) return total;
  }
}
