import type { Actor } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { ApiKeys } from './api-keys.ts';
import { endHandedOver } from './ceremony.store.ts';
import { endAssignmentsOf, endCareOf, leaveGroups } from './end-access.store.ts';
import { endMembershipRow, membershipsOf, readIdentityRow, readOperatorRows } from './identity.store.ts';
import type { AccessPorts, From } from './ports.ts';
import type { Sessions } from './sessions.ts';

export interface EndedAccess {
  /** False where there was no membership left to end. */
  readonly membership: boolean;
  readonly sessions: number;
  readonly keys: number;
}

/**
 * Takes everything from a person that an organisation gave: membership, live sessions there, the API keys and SMTP
 * credentials that they made, roles assigned to them, their care relationships, links to enrol or recover by, places in the organisation's own groups (`groups: 'all'`: in those of
 * directories too). Refusal `wrong-state` (reason `last-operator`) where nobody would be left who operates the installation. Counts at once in this process, in others within two (sessions) and five (keys) seconds.
 */
export type EndAccess = (
  tx: Transaction,
  who: {
    readonly identity: IdentityId;
    readonly organisation: OrganisationId;
    /** A code for the record. */
    readonly reason: string;
    readonly groups: 'own' | 'all';
  },
  actor: Actor,
  from: From,
) => Promise<EndedAccess>;

export function createEndAccess(
  { clock }: Pick<AccessPorts, 'clock'>,
  sessions: Pick<Sessions, 'endIn'>,
  apiKeys: Pick<ApiKeys, 'endOf'>,
): EndAccess {
  return async (tx, who, actor, from) => {
    const { identity, organisation } = who;
    const now = clock.now();
    await keepOperator(tx, organisation, identity);
    const membership = await endMembershipRow(tx, organisation, identity, now);
    await endAssignmentsOf(tx, organisation, identity, now);
    await endCareOf(tx, organisation, identity, now);
    await endHandedOver(tx, identity, now);
    await leaveGroups(tx, organisation, identity, who.groups);
    const ended = await sessions.endIn(tx, who, actor, from);
    const keys = await apiKeys.endOf(tx, who, actor, from);
    return { membership, sessions: ended, keys };
  };
}

/** An operator without any membership cannot sign in, and no organisation may leave the installation without one who can. */
async function keepOperator(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<void> {
  if ((await readIdentityRow(tx, identity))?.operator !== true) return;
  for (const { id } of await readOperatorRows(tx)) {
    const homes = await membershipsOf(tx, id);
    if (homes.some((home) => id !== identity || home !== organisation)) return;
  }
  throw new Refusal('wrong-state', { reason: 'last-operator' });
}
