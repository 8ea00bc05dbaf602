import type { Caller, Permission } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import { readStanding } from './grants.ts';
import { listMemberRows } from './identity.store.ts';
import { addUses, countedSince, type UseCount, usedSince } from './permission-use.store.ts';
import { requireAccess } from './permissions.ts';
import { openPerson, type Person } from './person.ts';
import type { AccessPorts } from './ports.ts';
import { grantsOf } from './standing.ts';

const DAY_MS = 86_400_000;
/** Never reached by people: a bound so that memory has one. What is beyond it is not counted. */
const MOST_KEPT = 100_000;

export interface UnusedRights {
  readonly person: Person;
  readonly memberSince: Date;
  readonly held: number;
  readonly unused: readonly Permission[];
}

/** Counts which permissions people and API keys use, in memory; a minute at most is lost when the process dies. */
export interface PermissionUse {
  /** Costs a look into a map. */
  note(caller: Pick<Caller, 'organisation' | 'actor'>, permission: Permission): void;
  /** Writes what was counted, one statement per organisation; how many counts. What cannot be written is kept for the next time. */
  flush(): Promise<number>;
  /** Members and what they hold and did not use in so many days (1 to 365), by id. Refusal `not-permitted`. */
  unused(caller: Caller, days: number, after: string | null, most: number): Promise<UnusedRights[]>;
  /** The first day that was counted in the organisation: before it nobody knows. */
  countedSince(caller: Caller): Promise<string | null>;
}

interface Kept {
  readonly organisation: OrganisationId;
  readonly count: Omit<UseCount, 'uses'>;
  uses: number;
}

export function createPermissionUse({ database, vault, clock }: AccessPorts): PermissionUse {
  let kept = new Map<string, Kept>();
  const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

  function add(organisation: OrganisationId, count: Omit<UseCount, 'uses'>, uses: number): void {
    const key = `${organisation} ${count.identity} ${count.permission} ${count.day}`;
    const known = kept.get(key);
    if (known !== undefined) known.uses += uses;
    else if (kept.size < MOST_KEPT) kept.set(key, { organisation, count, uses });
  }

  return {
    note({ organisation, actor }, permission) {
      const identity =
        actor.kind === 'person' ? actor.identity : actor.kind === 'api-key' ? actor.apiKey : null;
      if (identity === null) return;
      add(organisation, { identity, permission, day: dayOf(clock.now()) }, 1);
    },

    async flush() {
      const taken = [...kept.values()];
      kept = new Map();
      const byOrganisation = Map.groupBy(taken, ({ organisation }) => organisation);
      let fault: unknown;
      for (const [organisation, items] of byOrganisation) {
        const counts = items.map(({ count, uses }) => ({ ...count, uses }));
        try {
          await database.tenant([organisation], 'app', (tx) => addUses(tx, organisation, counts));
        } catch (error) {
          fault = error;
          for (const { uses, ...count } of counts) add(organisation, count, uses);
        }
      }
      if (fault !== undefined) throw fault;
      return taken.length;
    },

    async unused(caller, days, after, most) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      const now = clock.now();
      const since = dayOf(new Date(now.getTime() - days * DAY_MS));
      return database.tenant([organisation], 'app', async (tx) => {
        const rows = await listMemberRows(tx, organisation, after, most);
        const ids = rows.map(({ id }) => id);
        const used = await usedSince(tx, organisation, ids, since);
        const taken = new Set(used.map(({ identity, permission }) => `${identity} ${permission}`));
        return Promise.all(
          rows.map(async (row) => {
            const standing = await readStanding(tx, vault, organisation, row.id, now);
            const grants = standing === undefined ? undefined : grantsOf(standing);
            const held = [...new Set([...(grants?.permissions ?? []), ...(grants?.scoped.keys() ?? [])])];
            return {
              person: await openPerson(vault, row),
              memberSince: row.since,
              held: held.length,
              unused: held.filter((permission) => !taken.has(`${row.id} ${permission}`)),
            };
          }),
        );
      });
    },

    async countedSince(caller) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', (tx) => countedSince(tx, organisation));
    },
  };
}
