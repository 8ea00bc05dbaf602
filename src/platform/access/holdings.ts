import { Refusal } from '#core/errors';
import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { endApiKey } from './api-key.store.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Emergency } from './emergency.ts';
import {
  endAssignment,
  endAssignmentsOf,
  groupMembers,
  type Holding,
  holdingsOfGroup,
  holdingsOfMachines,
  holdingsOfPeople,
  holdingsOfRole,
  machineNames,
  removeRole,
} from './holdings.store.ts';
import { endMembershipRow } from './identity.store.ts';
import type { AccessPorts } from './ports.ts';
import { updateServiceAccount } from './service-account.store.ts';
import type { Sessions } from './sessions.ts';

export type HoldingAudience =
  | { readonly kind: 'people' | 'machines' }
  | { readonly kind: 'role' | 'group'; readonly id: string };

/** What reviews of access stand on: who can do what, and taking it away. The audit is left to the caller's transaction. */
export interface Holdings {
  list(tx: Transaction, organisation: OrganisationId, audience: HoldingAudience): Promise<Holding[]>;
  /**
   * Takes it away: at once here, in other processes within seconds. False where it had ended by itself. Refusal `wrong-state`
   * where nobody who may look after members would be left. With `role` a member loses that role alone, and stays one.
   */
  revoke(
    tx: Transaction,
    organisation: OrganisationId,
    holding: Pick<Holding, 'kind' | 'subject'>,
    role: string | null,
  ): Promise<boolean>;
  /** Labels of keys and names of service accounts. */
  machineNames(
    tx: Transaction,
    organisation: OrganisationId,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}

export function createHoldings(
  { clock }: AccessPorts,
  sessions: Pick<Sessions, 'forgetPerson'>,
  apiKeys: Pick<ApiKeys, 'forgetBacker' | 'forgetKey'>,
  emergency: Pick<Emergency, 'holders'>,
): Holdings {
  async function endMember(
    tx: Transaction,
    organisation: OrganisationId,
    person: IdentityId,
    role: string | null,
    now: Date,
  ): Promise<boolean> {
    const ended =
      role === null
        ? await endMembershipRow(tx, organisation, person, now)
        : await removeRole(tx, organisation, person, role);
    if (role === null) await endAssignmentsOf(tx, organisation, person, now);
    const left = await emergency.holders(tx, organisation, 'members:write');
    if (ended && left.length === 0) throw new Refusal('wrong-state', { reason: 'last-administrator' });
    tx.afterCommit(() => sessions.forgetPerson(person));
    return ended;
  }

  async function endGiven(tx: Transaction, organisation: OrganisationId, id: string, now: Date) {
    const ended = await endAssignment(tx, organisation, id, now);
    if (ended === undefined) return false;
    const people =
      ended.subject_kind === 'group'
        ? await groupMembers(tx, organisation, ended.subject)
        : [ended.subject as IdentityId];
    tx.afterCommit(() => people.forEach((person) => void sessions.forgetPerson(person)));
    return true;
  }

  return {
    list(tx, organisation, audience) {
      const now = clock.now();
      switch (audience.kind) {
        case 'people':
          return holdingsOfPeople(tx, organisation, now);
        case 'machines':
          return holdingsOfMachines(tx, organisation, now);
        case 'role':
          return holdingsOfRole(tx, organisation, now, audience.id);
        case 'group':
          return holdingsOfGroup(tx, organisation, now, audience.id);
      }
    },
    async revoke(tx, organisation, { kind, subject }, role) {
      const now = clock.now();
      switch (kind) {
        case 'member':
          return endMember(tx, organisation, subject as IdentityId, role, now);
        case 'assignment':
          return endGiven(tx, organisation, subject, now);
        case 'api-key': {
          const end = { revokedAt: now, expiresAt: null };
          tx.afterCommit(() => apiKeys.forgetKey(subject as ApiKeyId));
          return endApiKey(tx, organisation, subject, end);
        }
        case 'service-account': {
          const end = { owner: null, permissions: null, endedAt: now };
          tx.afterCommit(() => apiKeys.forgetBacker(subject));
          return updateServiceAccount(tx, organisation, subject, end, now);
        }
      }
    },
    machineNames,
  };
}
