import type { Caller, Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { newId } from '#platform/runtime';
import { requirePassable } from './holdings.ts';
import { readRoles } from './identity.store.ts';
import { isPermission, requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry } from './ports.ts';
import {
  insertServiceAccount,
  listServiceAccounts,
  lockServiceAccount,
  updateServiceAccount,
} from './service-account.store.ts';

/** An identity of the organisation that is no person. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  /** The person who answers for it. */
  readonly owner: IdentityId;
  /** False: that person has left, and somebody must take it over. */
  readonly owned: boolean;
  /** The most that any of its keys can give. */
  readonly permissions: readonly Permission[];
  readonly keys: number;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface ServiceAccounts {
  list(caller: Caller, before: string | null, most: number): Promise<ServiceAccount[]>;
  /** Refusals `not-permitted` for what the caller does not hold, `already-exists`, `invalid` for an owner who is no member. */
  create(
    caller: Caller,
    account: {
      readonly name: string;
      readonly owner: IdentityId;
      readonly permissions: readonly Permission[];
    },
  ): Promise<string>;
  /** Refusals `not-found`, `invalid`, `not-permitted`; what it holds already may be taken away by whoever holds less. */
  change(
    caller: Caller,
    id: string,
    change: { readonly owner: IdentityId | null; readonly permissions: readonly Permission[] | null },
  ): Promise<void>;
  /** Ends it with all its keys: at once here, in other processes within five seconds. Refusal `not-found`. */
  end(caller: Caller, id: string): Promise<void>;
}

/** `changed` is called after the commit with the account whose keys give something else now. */
export function createServiceAccounts(
  ports: AccessPorts,
  changed: (account: string) => void,
): ServiceAccounts {
  const { database, audit, clock } = ports;
  const tenant: <T>(caller: Caller, work: Parameters<typeof database.tenant<T>>[2]) => Promise<T> = (
    caller,
    work,
  ) => database.tenant([caller.organisation], 'app', work);
  return {
    async list(caller, before, most) {
      requireAccess(caller, 'api-keys:read');
      const rows = await tenant(caller, (tx) =>
        listServiceAccounts(tx, caller.organisation, before, most, clock.now()),
      );
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        owner: row.owner,
        owned: row.owned,
        permissions: row.permissions.filter(isPermission),
        keys: row.ended_at === null ? row.keys : 0,
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
        endedAt: row.ended_at,
      }));
    },

    async create(caller, { name, owner, permissions }) {
      requireAccess(caller, 'api-keys:write');
      const { organisation, actor } = caller;
      const id = newId(clock);
      await tenant(caller, async (tx) => {
        await requirePassable(tx, ports, caller, { permissions, until: null });
        if ((await readRoles(tx, organisation, owner)) === undefined)
          throw new Refusal('invalid', { path: 'owner' });
        const createdBy = actor.kind === 'person' ? actor.identity : null;
        const row = { id, organisation, name, owner, permissions, createdBy, at: clock.now() };
        if (!(await insertServiceAccount(tx, row))) throw new Refusal('already-exists', { path: 'name' });
        const entry = {
          ...{ organisation, actor, action: 'service-account.created' },
          subjects: [
            { kind: 'service-account', id },
            { kind: 'identity', id: owner },
          ],
          details: { permissions: permissions.length },
        };
        await audit.append(tx, auditEntry(caller, entry));
      });
      return id;
    },

    async change(caller, id, { owner, permissions }) {
      requireAccess(caller, 'api-keys:write');
      const { organisation, actor } = caller;
      await tenant(caller, async (tx) => {
        const before = await lockServiceAccount(tx, organisation, id);
        if (before === undefined || before.ended_at !== null) throw new Refusal('not-found');
        if (permissions !== null) {
          const added = permissions.filter((permission) => !before.permissions.includes(permission));
          await requirePassable(tx, ports, caller, { permissions: added, until: null });
        }
        if (owner !== null && (await readRoles(tx, organisation, owner)) === undefined)
          throw new Refusal('invalid', { path: 'owner' });
        await updateServiceAccount(tx, organisation, id, { owner, permissions, endedAt: null }, clock.now());
        const subjects = [{ kind: 'service-account', id }];
        if (owner !== null) subjects.push({ kind: 'identity', id: owner });
        const details = {
          owner: owner !== null,
          permissions: permissions?.length ?? before.permissions.length,
          added: permissions?.filter((one) => !before.permissions.includes(one)).join(' ') ?? '',
          removed:
            permissions === null
              ? ''
              : before.permissions.filter((one) => !permissions.some((other) => other === one)).join(' '),
        };
        await audit.append(
          tx,
          auditEntry(caller, { organisation, actor, action: 'service-account.changed', subjects, details }),
        );
        tx.afterCommit(() => changed(id));
      });
    },

    async end(caller, id) {
      requireAccess(caller, 'api-keys:write');
      const { organisation, actor } = caller;
      await tenant(caller, async (tx) => {
        const now = clock.now();
        const end = { owner: null, permissions: null, endedAt: now };
        if (!(await updateServiceAccount(tx, organisation, id, end, now))) throw new Refusal('not-found');
        const subjects = [{ kind: 'service-account', id }];
        await audit.append(
          tx,
          auditEntry(caller, { organisation, actor, action: 'service-account.ended', subjects }),
        );
        tx.afterCommit(() => changed(id));
      });
    },
  };
}
