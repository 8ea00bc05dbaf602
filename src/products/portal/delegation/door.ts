import { isUuid, type OrganisationId } from '#core/ids';
import type { PortalNeeds } from '../needs.ts';
import { USUAL_RULE } from '../sign-in-rule.ts';
import { findDelegation, findOnlyDelegation, readDoor } from './delegation.store.ts';

/** The way in by an organisation's own patient portal, as pages offer it. */
export interface Door {
  readonly id: string;
  /** What its patients call it. */
  readonly name: string;
  readonly mode: 'beside' | 'only';
  /** Whether it can stand for two factors. */
  readonly strong: boolean;
}

/** The portal's needs, with each organisation's own door in its profile and in its rule. */
export function withDoors(needs: PortalNeeds): PortalNeeds {
  if (needs.federation === undefined) return needs;
  return {
    ...needs,
    async organisation(tx, organisation) {
      const profile = await needs.organisation(tx, organisation);
      const door = await readDoor(tx, organisation);
      if (door === undefined) return profile;
      return { ...profile, door, signIn: { ...(profile.signIn ?? USUAL_RULE), delegated: door.mode } };
    },
  };
}

/**
 * The door to offer somebody who comes without a link: the one that this browser came by before, else that of the only
 * organisation there is. Null where there is none, or it is off.
 */
export async function knownDoor(needs: PortalNeeds, cameBy: string | undefined): Promise<Door | null> {
  if (needs.federation === undefined) return null;
  const organisation = await needs.database.system('app', async (tx): Promise<OrganisationId | null> => {
    const before = cameBy !== undefined && isUuid(cameBy) ? await findDelegation(tx, cameBy) : null;
    return before ?? (await findOnlyDelegation(tx))?.organisation ?? null;
  });
  return organisation === null ? null : doorOf(needs, organisation);
}

/** An organisation's door, where it is on. */
export async function doorOf(
  needs: Pick<PortalNeeds, 'database'>,
  organisation: OrganisationId,
): Promise<Door | null> {
  const door = await needs.database.tenant([organisation], 'app', (tx) => readDoor(tx, organisation));
  return door ?? null;
}
