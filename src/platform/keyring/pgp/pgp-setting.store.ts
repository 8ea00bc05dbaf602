import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { DEFAULT_TRUST, type TrustSettings } from './trust.ts';

/** The organisation's choices, or the ones that hold where it has made none. */
export async function selectTrust(tx: Transaction, organisation: OrganisationId): Promise<TrustSettings> {
  const row = await tx.maybe<TrustSettings>({
    name: 'pgp-setting.select',
    text: 'select wkd, hkps, portal, autocrypt from sealpost.pgp_setting where organisation = $1',
    values: [organisation],
  });
  return row ?? DEFAULT_TRUST;
}

export async function upsertTrust(
  tx: Transaction,
  organisation: OrganisationId,
  { wkd, hkps, portal, autocrypt }: TrustSettings,
): Promise<void> {
  await tx.execute({
    name: 'pgp-setting.upsert',
    text: `insert into sealpost.pgp_setting (organisation, wkd, hkps, portal, autocrypt) values ($1, $2, $3, $4, $5)
      on conflict (organisation) do update set wkd = excluded.wkd, hkps = excluded.hkps, portal = excluded.portal,
        autocrypt = excluded.autocrypt, changed_at = now()`,
    values: [organisation, wkd, hkps, portal, autocrypt],
  });
}
