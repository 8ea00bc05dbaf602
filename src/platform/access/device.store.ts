import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface DeviceRow {
  readonly id: string;
  readonly identity: IdentityId;
  readonly name: string | null;
  readonly agent: string | null;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  readonly trusted_at: Date | null;
}

const COLUMNS = 'id, identity, name, agent, first_seen_at, last_seen_at, trusted_at';

/** The device of this key, made where there is none: `first_seen_at` equals `at` then. */
export async function seeDevice(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly identity: IdentityId;
    readonly keyHash: Buffer;
    readonly agent: string | null;
    readonly at: Date;
  },
): Promise<DeviceRow> {
  return tx.one<DeviceRow>({
    text: `insert into sealpost.access_device
             (id, organisation, identity, key_hash, agent, first_seen_at, last_seen_at)
           values ($1, $2, $3, $4, $5, $6, $6)
           on conflict (organisation, identity, key_hash) where removed_at is null
             do update set last_seen_at = excluded.last_seen_at, agent = excluded.agent
           returning ${COLUMNS}`,
    values: [row.id, row.organisation, row.identity, row.keyHash, row.agent, row.at],
  });
}

export async function readDevice(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<DeviceRow | undefined> {
  return tx.maybe<DeviceRow>({
    name: 'access-device.read',
    text: `select ${COLUMNS} from sealpost.access_device
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [organisation, id],
  });
}

/** Devices of an organisation, last seen first; with `identity` of one person. At most 500. */
export async function listDevices(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId | null,
): Promise<DeviceRow[]> {
  return tx.query<DeviceRow>({
    text: `select ${COLUMNS} from sealpost.access_device
           where organisation = $1 and removed_at is null and ($2::uuid is null or identity = $2)
           order by last_seen_at desc limit 500`,
    values: [organisation, identity],
  });
}

/** Names a device and says whether it is trusted; false when there is none such. */
export async function changeDevice(
  tx: Transaction,
  row: {
    readonly organisation: OrganisationId;
    readonly id: string;
    readonly name: string | null;
    readonly trusted: boolean;
    readonly at: Date;
    readonly by: IdentityId | null;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.access_device set name = $3,
             trusted_at = case when $4 then coalesce(trusted_at, $5) end,
             trusted_by = case when $4 then coalesce(trusted_by, $6) end
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [row.organisation, row.id, row.name, row.trusted, row.at, row.by],
  });
  return touched === 1;
}

export async function removeDevice(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.access_device set removed_at = $3
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [organisation, id, at],
  });
  return touched === 1;
}
