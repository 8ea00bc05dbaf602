import type { Permission } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { NoticeBody } from '#core/notice';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  endGrantsOf,
  insertEmergencyGrant,
  insertEmergencyRole,
  memberRoles,
  readEmergencyRole,
  updateEmergencyRole,
} from './emergency.store.ts';
import { readGrants, readRoleContents } from './grants.ts';
import { isPermission } from './permissions.ts';
import type { AccessPorts } from './ports.ts';
import type { Sessions } from './sessions.ts';
import { noticeTo } from './tell-person.ts';

/** What emergency access gives where the organisation said nothing: to find and read what was sent. */
export const EMERGENCY_DEFAULT: readonly Permission[] = [
  'messages:read',
  'messages:read-content',
  'recipients:read',
];

/** The most that it can be made to give: work with messages, never with who may do what. */
export const EMERGENCY_MOST = [
  'messages:read',
  'messages:read-content',
  'messages:send',
  'messages:cancel',
  'recipients:read',
  'recipients:manage',
  'recipient-keys:read',
  'certificates:read',
] as const satisfies readonly Permission[];

/** What emergency access stands on in this room. Each runs in the caller's transaction and leaves the audit to it. */
export interface Emergency {
  permissions(tx: Transaction, organisation: OrganisationId): Promise<readonly Permission[]>;
  setPermissions(
    tx: Transaction,
    organisation: OrganisationId,
    permissions: readonly Permission[],
  ): Promise<void>;
  /** Gives the emergency role until `expiresAt`; counts from the person's next request on. */
  grant(
    tx: Transaction,
    organisation: OrganisationId,
    to: { readonly identity: IdentityId; readonly source: string; readonly expiresAt: Date },
  ): Promise<void>;
  end(tx: Transaction, organisation: OrganisationId, identity: IdentityId, source: string): Promise<void>;
  /** Mails a notice of it to a member, with the transaction. */
  tell(tx: Transaction, organisation: OrganisationId, identity: IdentityId, body: NoticeBody): Promise<void>;
  /** Who holds a permission everywhere in the organisation, also an operator theirs; nobody who is disabled. */
  holders(tx: Transaction, organisation: OrganisationId, permission: Permission): Promise<IdentityId[]>;
}

export function createEmergency(ports: AccessPorts, sessions: Pick<Sessions, 'forgetPerson'>): Emergency {
  const { vault, clock } = ports;

  /** The role is a row like any other, so that it is seen among the roles; made when it is first needed. */
  async function role(
    tx: Transaction,
    organisation: OrganisationId,
    permissions: readonly Permission[],
  ): Promise<string> {
    const known = await readEmergencyRole(tx, organisation);
    if (known !== undefined) {
      const within = EMERGENCY_MOST.filter((one) => known.permissions.includes(one));
      // Edited among the roles since: it opens what care relationships do not, and never more than emergencies are for.
      if (known.care_only || within.length < known.permissions.length)
        await updateEmergencyRole(tx, organisation, known.id, within, clock.now());
      return known.id;
    }
    const id = newId(clock);
    // The id keeps the name free, whatever roles the organisation has.
    const name = `Emergency access ${id.slice(-4)}`;
    await insertEmergencyRole(tx, organisation, { id, name, permissions, at: clock.now() });
    return id;
  }
  return {
    async permissions(tx, organisation) {
      const known = await readEmergencyRole(tx, organisation);
      return known === undefined ? EMERGENCY_DEFAULT : known.permissions.filter(isPermission);
    },
    async setPermissions(tx, organisation, permissions) {
      const id = await role(tx, organisation, permissions);
      await updateEmergencyRole(tx, organisation, id, permissions, clock.now());
    },
    async grant(tx, organisation, { identity, source, expiresAt }) {
      await insertEmergencyGrant(tx, organisation, {
        ...{ id: newId(clock), identity, source, expiresAt, at: clock.now() },
        role: await role(tx, organisation, EMERGENCY_DEFAULT),
      });
      tx.afterCommit(() => sessions.forgetPerson(identity));
    },
    async end(tx, organisation, identity, source) {
      await endGrantsOf(tx, organisation, source, clock.now());
      tx.afterCommit(() => sessions.forgetPerson(identity));
    },
    tell: (tx, organisation, identity, body) => noticeTo(ports, tx, { organisation, identity }, body),
    async holders(tx, organisation, permission) {
      const now = clock.now();
      const members = await memberRoles(tx, organisation, now);
      const contents = await readRoleContents(
        tx,
        organisation,
        members.flatMap(({ roles }) => roles),
      );
      const found: IdentityId[] = [];
      for (const { identity, operator, roles } of members) {
        // What no role of theirs names they do not hold; what one names, boundary, scope or guardrail may still take.
        const named = roles.some((role) => contents.get(role)?.permissions.includes(permission));
        if (!named && !operator) continue;
        const grants = await readGrants(tx, vault, organisation, identity, now, operator);
        if (grants?.permissions.has(permission) === true) found.push(identity);
      }
      return found;
    },
  };
}
