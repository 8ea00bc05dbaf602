import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { changeDevice, type DeviceRow, listDevices, removeDevice } from './device.store.ts';
import { type AccessPorts, auditEntry } from './ports.ts';

/** A browser that somebody has signed in with, known by its key. */
export interface Device {
  readonly id: string;
  readonly identity: IdentityId;
  /** What an administrator calls it. */
  readonly name: string | null;
  readonly agent: string | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly trusted: boolean;
}

export interface Devices {
  /** Of the caller's organisation, or of one of its people; last seen first, at most 500. */
  list(caller: Caller, identity: IdentityId | null): Promise<Device[]>;
  /** Names it and says whether it is trusted. Writes `device.changed`. Refusal `not-found`. */
  change(
    caller: Caller,
    id: string,
    change: { readonly name: string | null; readonly trusted: boolean },
  ): Promise<void>;
  /** Forgets it: its next sign-in is one with a new device. Writes `device.removed`. Refusal `not-found`. */
  remove(caller: Caller, id: string): Promise<void>;
}

export function createDevices({ database, audit, clock }: AccessPorts): Devices {
  return {
    async list({ organisation }, identity) {
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listDevices(tx, organisation, identity),
      );
      return rows.map(toDevice);
    },
    async change(caller, id, { name, trusted }) {
      const { organisation, actor } = caller;
      const by = actor.kind === 'person' ? actor.identity : null;
      await database.tenant([organisation], 'app', async (tx) => {
        const row = { organisation, id, name, trusted, at: clock.now(), by };
        if (!(await changeDevice(tx, row))) throw new Refusal('not-found');
        const subjects = [{ kind: 'device', id }];
        const entry = { organisation, action: 'device.changed', actor, subjects, details: { trusted } };
        await audit.append(tx, auditEntry(caller, entry));
      });
    },
    async remove(caller, id) {
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await removeDevice(tx, organisation, id, clock.now()))) throw new Refusal('not-found');
        const subjects = [{ kind: 'device', id }];
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'device.removed', actor, subjects }),
        );
      });
    },
  };
}

function toDevice(row: DeviceRow): Device {
  return {
    id: row.id,
    identity: row.identity,
    name: row.name,
    agent: row.agent,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    trusted: row.trusted_at !== null,
  };
}
