import { parseApiKey } from './api-key-format.ts';
import { type ApiKeys, createApiKeys, type KeyPrincipal } from './api-keys.ts';
import { type Assignments, createAssignments } from './assignments.ts';
import { type CareRelationships, createCare } from './care.ts';
import { sweepCeremonies } from './ceremony.store.ts';
import { createDevices, type Devices } from './devices.ts';
import { createEndAccess } from './end-access.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { createGroups, type Groups } from './groups.ts';
import { createGuardrails, type Guardrails } from './guardrails.ts';
import { createGroupRoles, type GroupRoles } from './group-roles.ts';
import { createInstallationDoor, type InstallationDoor } from './installation.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createMemberRights, type MemberRights } from './member-access.ts';
import { createMembers, type Members } from './members.ts';
import { createOrganisations, type Organisations } from './organisations.ts';
import { createOwnRoles, type OwnRoles } from './own-roles.ts';
import { createPermissionUse, type PermissionUse } from './permission-use.ts';
import { accessScopes } from './permissions.ts';
import type { AccessPorts } from './ports.ts';
import { createProvisionedGroups, type ProvisionedGroups } from './provisioned-groups.ts';
import { createProvisionedPeople, type ProvisionedPeople } from './provisioned-people.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createStepUp, type StepUp } from './step-up.ts';
import { sweepThrottle } from './throttle.store.ts';
import { createThrottle, type Throttle } from './throttle.ts';

/** The whole room, one door a part. */
export interface Access {
  readonly installation: InstallationDoor;
  readonly signIn: SignIn;
  readonly enrolment: Enrolment;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly stepUp: StepUp;
  readonly devices: Devices;
  readonly apiKeys: ApiKeys;
  readonly members: Members;
  /** People and groups as outside directories keep them. */
  readonly provisioned: ProvisionedPeople;
  readonly provisionedGroups: ProvisionedGroups;
  readonly groupRoles: GroupRoles;
  readonly organisations: Organisations;
  readonly roles: OwnRoles;
  readonly groups: Groups;
  readonly assignments: Assignments;
  readonly rights: MemberRights;
  readonly guardrails: Guardrails;
  readonly care: CareRelationships;
  readonly uses: PermissionUse;
  readonly throttle: Throttle;
  /** Null: unknown, revoked, expired, or from a network the key is not bound to. Kept for five seconds. */
  authenticateApiKey(secret: string, address: string | null): Promise<KeyPrincipal | null>;
  /** SMTP AUTH: the user name is the key's prefix, the password the whole key, which must hold `messages:send`, be it for some senders alone. */
  authenticateSmtp(user: string, password: string, address: string | null): Promise<KeyPrincipal | null>;
  /** Removes what is over: ceremonies and forgotten tries. For the worker, every few minutes. */
  sweep(): Promise<number>;
}

export function createAccess(ports: AccessPorts): Access {
  const throttle = createThrottle(ports);
  const guarded = { ...ports, throttle };
  const sessions = createSessions(ports);
  const apiKeys = createApiKeys(ports);
  const granting = { ...ports, sessions };
  const endAccess = createEndAccess(ports, sessions, apiKeys);
  return {
    installation: createInstallationDoor(ports.database, ports.clock),
    signIn: createSignIn(guarded, sessions),
    enrolment: createEnrolment(guarded),
    invitations: createInvitations(ports),
    sessions,
    stepUp: createStepUp(guarded, sessions),
    devices: createDevices(ports),
    apiKeys,
    members: createMembers(ports, endAccess),
    provisioned: createProvisionedPeople(ports, sessions, endAccess),
    provisionedGroups: createProvisionedGroups(ports, sessions),
    groupRoles: createGroupRoles(ports, sessions),
    organisations: createOrganisations(ports),
    roles: createOwnRoles(granting),
    groups: createGroups(granting),
    assignments: createAssignments(granting),
    rights: createMemberRights(granting),
    guardrails: createGuardrails(granting),
    care: createCare(granting),
    uses: createPermissionUse(ports),
    throttle,
    authenticateApiKey: apiKeys.authenticate,
    async authenticateSmtp(user, password, address) {
      if (parseApiKey(password)?.prefix !== user) return null;
      const principal = await apiKeys.authenticate(password, address);
      // Held for single senders or streams it is enough here: intake asks again for the sender.
      return principal !== null && accessScopes(principal, 'messages:send').length > 0 ? principal : null;
    },
    sweep: () =>
      ports.database.system('app', async (tx) => {
        const now = ports.clock.now();
        return (await sweepCeremonies(tx, now)) + (await sweepThrottle(tx, now));
      }),
  };
}
