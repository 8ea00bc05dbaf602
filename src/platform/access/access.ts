import type { ClientCertificate } from '#core/client-certificate';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { PlaceOf } from '#core/place';
import { type AccessGaps, createAccessGaps } from './access-gaps.ts';
import { type Account, createAccount } from './account.ts';
import { parseApiKey } from './api-key-format.ts';
import { type ApiKeys, createApiKeys, type KeyPrincipal } from './api-keys.ts';
import { type Assignments, createAssignments } from './assignments.ts';
import { type CareRelationships, createCare } from './care.ts';
import { sweepCeremonies } from './ceremony.store.ts';
import { createDevices, type Devices } from './devices.ts';
import { createEmergency, type Emergency } from './emergency.ts';
import { createEndAccess } from './end-access.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { createGroupRoles, type GroupRoles } from './group-roles.ts';
import { createGroups, type Groups } from './groups.ts';
import { createGuardrails, type Guardrails } from './guardrails.ts';
import { createInstallationDoor, type InstallationDoor } from './installation.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { grantsOfPerson } from './key-grants.ts';
import { createMemberRights, type MemberRights } from './member-access.ts';
import { createMembers, type Members } from './members.ts';
import { hashNewPassphrase } from './new-passphrase.ts';
import { createOauth, type Oauth } from './oauth.ts';
import { createOrganisations, type Organisations } from './organisations.ts';
import { createOwnRoles, type OwnRoles } from './own-roles.ts';
import { createPasskeySignIn, type PasskeySignIn } from './passkey-sign-in.ts';
import { createPermissionUse, type PermissionUse } from './permission-use.ts';
import { accessScopes } from './permissions.ts';
import type { AccessPorts } from './ports.ts';
import { createProvided, type Provided } from './provided.ts';
import { createProvisionedGroups, type ProvisionedGroups } from './provisioned-groups.ts';
import { createProvisionedPeople, type ProvisionedPeople } from './provisioned-people.ts';
import { createRecovery, type Recovery } from './recovery.ts';
import { createRenewPassphrase } from './renew-passphrase.ts';
import { createReviewHoldings, type ReviewHoldings } from './review-holdings.ts';
import { createServiceAccounts, type ServiceAccounts } from './service-accounts.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createSignInEnrolment, type SignInEnrolment } from './sign-in-enrolment.ts';
import { type SignInParts, signInParts } from './sign-in-parts.ts';
import type { SignInRule } from './sign-in-policy.ts';
import { createSignInRules, type SignInRules } from './sign-in-rules.ts';
import { sweepTrouble } from './sign-in-trouble.store.ts';
import { tellTrouble } from './sign-in-trouble.ts';
import type { Grants } from './standing.ts';
import { createStepUp, type StepUp } from './step-up.ts';
import { sweepThrottle } from './throttle.store.ts';
import type { Throttle } from './throttle.ts';

/** The whole room, one door a part. */
export interface Access {
  readonly installation: InstallationDoor;
  readonly signIn: SignIn;
  /** By a passkey alone. */
  readonly passkeySignIn: PasskeySignIn;
  /** The factor that is demanded and still missing, added on the way in. */
  readonly signInEnrolment: SignInEnrolment;
  /** The passphrase that is too old, changed on the way in. */
  readonly renewPassphrase: ReturnType<typeof createRenewPassphrase>;
  readonly signInRules: SignInRules;
  /** What a person signs in with, changed by themselves. */
  readonly account: Account;
  readonly recovery: Recovery;
  /** See hashNewPassphrase. */
  hashNewPassphrase(
    passphrase: string,
    context: readonly string[],
    rule?: SignInRule['passphrase'],
  ): Promise<string>;
  readonly enrolment: Enrolment;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly stepUp: StepUp;
  readonly devices: Devices;
  readonly apiKeys: ApiKeys;
  readonly serviceAccounts: ServiceAccounts;
  readonly oauth: Oauth;
  readonly emergency: Emergency;
  readonly reviewHoldings: ReviewHoldings;
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
  readonly gaps: AccessGaps;
  readonly throttle: Throttle;
  /** Where network addresses are; null where the operator has brought no file of places. */
  readonly placeOf: PlaceOf | null;
  readonly provided: Provided;
  /** What a person may do in an organisation now; null for who is no member or disabled. */
  grantsOf(organisation: OrganisationId, identity: IdentityId): Promise<Grants | null>;
  /** A key or an access token, see `ApiKeys.authenticate`. Kept for five seconds. */
  authenticateApiKey: ApiKeys['authenticate'];
  /** SMTP AUTH: the user name is the key's prefix, the password the whole key, which must hold `messages:send`, be it for some senders alone. */
  authenticateSmtp(
    user: string,
    password: string,
    address: string | null,
    certificate?: ClientCertificate | null,
  ): Promise<KeyPrincipal | null>;
  /** See tellTrouble. */
  tellTrouble(): Promise<number>;
  /** Removes what is over: ceremonies and forgotten tries. For the worker, every few minutes. */
  sweep(): Promise<number>;
}

/** The room. `others` is for tests alone: what is put in the place of a part of the sign-in or of its session. */
export function createAccess(ports: AccessPorts, others: Partial<SignInParts> = {}): Access {
  const parts = { ...signInParts(ports), ...others };
  const { throttle } = parts;
  const guarded = { ...ports, throttle };
  const signingIn = { ...guarded, parts };
  const apiKeys = createApiKeys(ports);
  const own = createSessions(ports, parts);
  // A change of what somebody may do is one of their keys too.
  const sessions: Sessions = {
    ...own,
    forgetPerson(identity) {
      own.forgetPerson(identity);
      apiKeys.forgetBacker(identity);
    },
    forgetEverybody() {
      own.forgetEverybody();
      apiKeys.forgetBackers();
    },
  };
  const granting = { ...ports, sessions };
  const endAccess = createEndAccess(ports, sessions, apiKeys);
  const emergency = createEmergency(ports, sessions);
  return {
    installation: createInstallationDoor(ports.database, ports.clock),
    signIn: createSignIn(signingIn, sessions),
    passkeySignIn: createPasskeySignIn(signingIn, sessions),
    signInEnrolment: createSignInEnrolment(signingIn, sessions),
    renewPassphrase: createRenewPassphrase(signingIn, sessions),
    signInRules: createSignInRules(ports),
    account: createAccount(signingIn, sessions),
    recovery: createRecovery(signingIn, sessions),
    hashNewPassphrase: (passphrase, context, rule) => hashNewPassphrase(ports, passphrase, context, rule),
    enrolment: createEnrolment(guarded),
    invitations: createInvitations(ports),
    sessions,
    stepUp: createStepUp(guarded, sessions),
    devices: createDevices(ports),
    apiKeys,
    serviceAccounts: createServiceAccounts(ports, apiKeys.forgetBacker),
    oauth: createOauth(ports, apiKeys),
    emergency,
    reviewHoldings: createReviewHoldings(granting, endAccess, apiKeys),
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
    gaps: createAccessGaps(ports),
    throttle,
    placeOf: ports.placeOf,
    provided: createProvided(ports, sessions, endAccess),
    grantsOf: (organisation, identity) =>
      ports.database.tenant([organisation], 'app', (tx) =>
        grantsOfPerson(tx, ports.vault, organisation, identity, ports.clock.now()),
      ),
    authenticateApiKey: apiKeys.authenticate,
    async authenticateSmtp(user, password, address, certificate) {
      if (parseApiKey(password)?.prefix !== user) return null;
      const principal = await apiKeys.authenticate(password, address, certificate);
      // Held for single senders or streams it is enough here: intake asks again for the sender.
      return principal !== null && accessScopes(principal, 'messages:send').length > 0 ? principal : null;
    },
    tellTrouble: () => tellTrouble(ports),
    sweep: () =>
      ports.database.system('app', async (tx) => {
        const now = ports.clock.now();
        return (
          (await sweepCeremonies(tx, now)) + (await sweepThrottle(tx, now)) + (await sweepTrouble(tx, now))
        );
      }),
  };
}
