import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface DeviceRow {
  readonly id: string;
  readonly person: PortalPersonId;
  readonly circumstances: Buffer;
  readonly ownMailbox: boolean;
}

export async function insertDevice(
  tx: Transaction,
  device: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly person: PortalPersonId;
    readonly tokenHash: Buffer;
    readonly circumstances: Buffer;
    readonly ownMailbox: boolean;
    readonly createdAt: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-device-insert',
    text: `insert into sealpost.portal_device
             (id, organisation, person, token_hash, circumstances, created_at, last_used_at, expires_at,
              own_mailbox)
           values ($1, $2, $3, $4, $5, $6, $6, $7, $8)`,
    values: [
      device.id,
      device.organisation,
      device.person,
      device.tokenHash,
      device.circumstances,
      device.createdAt,
      device.expiresAt,
      device.ownMailbox,
    ],
  });
}

/** Ids only, over all organisations. Works in a system transaction. */
export function findDevice(
  tx: Transaction,
  hash: Buffer,
): Promise<{ organisation: OrganisationId; device: string } | undefined> {
  return tx.maybe({
    name: 'portal-device-find',
    text: 'select organisation, device from sealpost.find_portal_device($1)',
    values: [hash],
  });
}

export function loadDevice(tx: Transaction, id: string, now: Date): Promise<DeviceRow | undefined> {
  return tx.maybe({
    name: 'portal-device-load',
    text: `select id, person, circumstances, own_mailbox as "ownMailbox" from sealpost.portal_device
           where id = $1 and ended_at is null and expires_at > $2`,
    values: [id, now],
  });
}

export async function touchDevice(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.execute({
    name: 'portal-device-touch',
    text: 'update sealpost.portal_device set last_used_at = $2 where id = $1',
    values: [id, at],
  });
}

export async function endDevice(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.execute({
    name: 'portal-device-end',
    text: 'update sealpost.portal_device set ended_at = $2 where id = $1 and ended_at is null',
    values: [id, at],
  });
}

/** A person's remembered devices, oldest first, at most 50. */
export function listDevices(
  tx: Transaction,
  person: PortalPersonId,
  now: Date,
): Promise<{ id: string; createdAt: Date; lastUsedAt: Date }[]> {
  return tx.query({
    name: 'portal-devices',
    text: `select id, created_at as "createdAt", last_used_at as "lastUsedAt" from sealpost.portal_device
           where person = $1 and ended_at is null and expires_at > $2 order by id limit 50`,
    values: [person, now],
  });
}

/** Forgets one of this person's devices, or all where none is named. Returns how many. */
export function endDevicesOf(
  tx: Transaction,
  person: PortalPersonId,
  at: Date,
  only: string | null,
): Promise<number> {
  return tx.execute({
    name: 'portal-devices-end',
    text: `update sealpost.portal_device set ended_at = $2
           where person = $1 and ended_at is null and ($3::uuid is null or id = $3)`,
    values: [person, at, only],
  });
}
