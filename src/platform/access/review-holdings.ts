import type { Caller } from '#core/actor';
import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { endApiKey } from './api-key.store.ts';
import type { ApiKeys } from './api-keys.ts';
import type { EndAccess } from './end-access.ts';
import { type GrantingPorts, keepAdministrator } from './holdings.ts';
import {
  endAssignment,
  groupMembers,
  type Holding,
  type HoldingRow,
  holdingsOfGroup,
  holdingsOfMachines,
  holdingsOfPeople,
  holdingsOfRole,
  machineNames,
  removeRole,
} from './review-holdings.store.ts';
import { type HoldingUsage, readUsage } from './review-usage.ts';
import { lockAccess } from './role.store.ts';
import { updateServiceAccount } from './service-account.store.ts';

export type HoldingAudience =
  | { readonly kind: 'people' | 'machines' }
  | { readonly kind: 'role' | 'group'; readonly id: string };

/** Something that somebody can do, and when and how often they did. */
export interface UsedHolding extends Holding {
  readonly usage: HoldingUsage;
}

/** What reviews of access stand on: who can do what, and taking it away. The audit of the decision is left to the caller's transaction. */
export interface ReviewHoldings {
  list(tx: Transaction, organisation: OrganisationId, audience: HoldingAudience): Promise<UsedHolding[]>;
  /**
   * Takes it away: at once here, in other processes within seconds. False where it had ended by itself. Refusal `wrong-state`
   * where nobody who can give rights to others would be left (`keepAdministrator`). With `role` a member loses that role
   * alone, and stays one; without it all that came of the membership ends (`EndAccess`).
   */
  revoke(
    tx: Transaction,
    caller: Caller,
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

function holdingsOf(
  tx: Transaction,
  organisation: OrganisationId,
  audience: HoldingAudience,
  now: Date,
): Promise<HoldingRow[]> {
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
}

export function createReviewHoldings(
  ports: GrantingPorts,
  endAccess: EndAccess,
  apiKeys: Pick<ApiKeys, 'forgetBacker' | 'forgetKey'>,
): ReviewHoldings {
  const { clock, sessions } = ports;

  async function endMember(tx: Transaction, caller: Caller, identity: IdentityId, role: string | null) {
    const { organisation, actor } = caller;
    if (role === null) {
      const who = { identity, organisation, reason: 'access-review', groups: 'all' } as const;
      return (await endAccess(tx, who, actor, caller)).membership;
    }
    tx.afterCommit(() => sessions.forgetPerson(identity));
    return removeRole(tx, organisation, identity, role);
  }

  async function endGiven(tx: Transaction, organisation: OrganisationId, id: string) {
    const ended = await endAssignment(tx, organisation, id, clock.now());
    if (ended === undefined) return false;
    const people =
      ended.subject_kind === 'group'
        ? await groupMembers(tx, organisation, ended.subject)
        : [ended.subject as IdentityId];
    tx.afterCommit(() => people.forEach((person) => void sessions.forgetPerson(person)));
    return true;
  }

  /** Takes something from people: one after the other, and never from the last administrator. */
  async function lower(tx: Transaction, { organisation }: Caller, work: () => Promise<boolean>) {
    await lockAccess(tx, organisation);
    return keepAdministrator(tx, ports, organisation, work);
  }

  return {
    async list(tx, organisation, audience) {
      const rows = await holdingsOf(tx, organisation, audience, clock.now());
      const usage = await readUsage(tx, organisation, rows);
      return rows.flatMap(({ roles: _roles, users: _users, ...holding }, index) => {
        const used = usage[index];
        return used === undefined ? [] : [{ ...holding, usage: used }];
      });
    },
    async revoke(tx, caller, { kind, subject }, role) {
      const { organisation } = caller;
      const now = clock.now();
      switch (kind) {
        case 'member':
          return lower(tx, caller, () => endMember(tx, caller, subject as IdentityId, role));
        case 'assignment':
          return lower(tx, caller, () => endGiven(tx, organisation, subject));
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
