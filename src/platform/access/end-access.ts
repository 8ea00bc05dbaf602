import type { Actor } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { ApiKeys } from './api-keys.ts';
import { endAssignmentsOf, endCareOf, leaveGroups } from './end-access.store.ts';
import { endMembershipRow } from './identity.store.ts';
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
 * credentials that they made, roles assigned to them, their care relationships, places in the organisation's own groups (`groups: 'all'`: in those of
 * directories too). Counts at once in this process, in others within two (sessions) and five (keys) seconds.
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
    const membership = await endMembershipRow(tx, organisation, identity, now);
    await endAssignmentsOf(tx, organisation, identity, now);
    await endCareOf(tx, organisation, identity, now);
    await leaveGroups(tx, organisation, identity, who.groups);
    const ended = await sessions.endIn(tx, who, actor, from);
    const keys = await apiKeys.endOf(tx, who, actor, from);
    return { membership, sessions: ended, keys };
  };
}
