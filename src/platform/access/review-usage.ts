import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readRoleContents } from './grants.ts';
import { countedSince, lastUses } from './permission-use.store.ts';
import { isPermission } from './permissions.ts';
import type { HoldingRow } from './review-holdings.store.ts';

/** A role or permission, and what is known of its use; a role was used when anything that it gives was. */
export interface UseOf {
  /** Role by name, or permission. */
  readonly name: string;
  /** UTC day, `2026-11-27`; null: never, as far as was counted. */
  readonly lastUsedOn: string | null;
  /** Requests that it let in, in the last 400 days. */
  readonly uses: number;
}

/** How what is held was used, by whatever way the same person holds it: two roles that give the same permission both count it. */
export interface HoldingUsage {
  /** The first day that was counted in the organisation: before it nobody knows. */
  readonly since: string | null;
  readonly roles: readonly UseOf[];
  readonly permissions: readonly UseOf[];
}

type Counted = ReadonlyMap<string, Omit<UseOf, 'name'>>;

/** The use of each of these holdings, in their order. */
export async function readUsage(
  tx: Transaction,
  organisation: OrganisationId,
  holdings: readonly HoldingRow[],
): Promise<HoldingUsage[]> {
  const users = [...new Set(holdings.flatMap((one) => one.users))];
  const [since, rows] = [
    await countedSince(tx, organisation),
    await lastUses(tx, organisation, users as IdentityId[]),
  ];
  const byUser = Map.groupBy(rows, ({ identity }) => identity as string);
  const roles = await readRoleContents(
    tx,
    organisation,
    holdings.flatMap((one) => one.roles ?? []),
  );
  return holdings.map((holding) => {
    const counted = together(holding.users.flatMap((user) => byUser.get(user) ?? []));
    const held = (holding.roles ?? []).flatMap((role) => roles.get(role) ?? []);
    const permissions =
      holding.roles === null ? holding.holds.filter(isPermission) : held.flatMap((role) => role.permissions);
    return {
      since,
      roles: held.map(({ name, permissions: gives }) => ({ name, ...sum(gives, counted) })),
      permissions: [...new Set(permissions)].sort().map((name) => ({ name, ...sum([name], counted) })),
    };
  });
}

/** The counts of several, such as a group's members or an account's keys, as those of one. */
function together(rows: readonly { permission: string; last: string; uses: number }[]): Counted {
  const found = new Map<string, { lastUsedOn: string; uses: number }>();
  for (const { permission, last, uses } of rows) {
    const known = found.get(permission);
    found.set(permission, {
      lastUsedOn: known === undefined || known.lastUsedOn < last ? last : known.lastUsedOn,
      uses: uses + (known?.uses ?? 0),
    });
  }
  return found;
}

function sum(permissions: readonly string[], counted: Counted): Omit<UseOf, 'name'> {
  const used = permissions.flatMap((one) => counted.get(one) ?? []);
  const days = used.flatMap(({ lastUsedOn }) => lastUsedOn ?? []).sort();
  return { lastUsedOn: days.at(-1) ?? null, uses: used.reduce((total, { uses }) => total + uses, 0) };
}
