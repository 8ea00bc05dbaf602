import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { openScope, readRoleContents } from './grants.ts';
import { listAssignmentRows } from './group.store.ts';
import { directoryGroups } from './group-roles.store.ts';
import type { AccessPorts } from './ports.ts';
import { type Wanted, wantedOf } from './standing.ts';

const MOST_ASSIGNMENTS = 1000;

/** All that being in a group gives. Refusal `wrong-state` for a group of more than 1,000 assignments. */
export async function givenByGroup(
  { vault, clock }: Pick<AccessPorts, 'vault' | 'clock'>,
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<Wanted[]> {
  const filter = { subject: id, after: null, now: clock.now() };
  const rows = await listAssignmentRows(tx, organisation, filter, MOST_ASSIGNMENTS + 1);
  if (rows.length > MOST_ASSIGNMENTS) throw new Refusal('wrong-state', { reason: 'too-many-assignments' });
  const names = rows.map(({ role }) => role);
  const roles = await readRoleContents(tx, organisation, names);
  const wanted = await Promise.all(
    rows.map(async (row) => {
      const role = roles.get(row.role);
      const scope = await openScope(vault, organisation, row);
      return role === undefined || scope === undefined
        ? []
        : wantedOf(role, { scope, until: row.expires_at });
    }),
  );
  return wanted.flat();
}

/** All that the groups give into which SCIM puts people. Whoever holds a key for it can put themselves there. */
export async function givenBySync(
  ports: Pick<AccessPorts, 'vault' | 'clock'>,
  tx: Transaction,
  organisation: OrganisationId,
): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const { id, source } of await directoryGroups(tx, organisation))
    if (source.startsWith('scim:')) wanted.push(...(await givenByGroup(ports, tx, organisation, id)));
  return wanted;
}
