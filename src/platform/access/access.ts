import type { ClientCertificate } from '#core/client-certificate';
import type { IdentityId, OrganisationId } from '#core/ids';
import { parseApiKey } from './api-key-format.ts';
import { type ApiKeys, createApiKeys, type KeyPrincipal } from './api-keys.ts';
import { sweepCeremonies } from './ceremony.store.ts';
import { createEmergency, type Emergency } from './emergency.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import type { Grants } from './grants.ts';
import { createHoldings, type Holdings } from './holdings.ts';
import { createInstallationDoor, type InstallationDoor } from './installation.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { grantsOfPerson } from './key-grants.ts';
import { createMembers, type Members } from './members.ts';
import { createOauth, type Oauth } from './oauth.ts';
import { createOrganisations, type Organisations } from './organisations.ts';
import { accessScopes } from './permissions.ts';
import type { AccessPorts } from './ports.ts';
import { createServiceAccounts, type ServiceAccounts } from './service-accounts.ts';
import { createSessions, type LiveSession, type Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { sweepThrottle } from './throttle.store.ts';
import { createThrottle, type Throttle } from './throttle.ts';

/** The whole room, one door a part. */
export interface Access {
  readonly installation: InstallationDoor;
  readonly signIn: SignIn;
  readonly enrolment: Enrolment;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly serviceAccounts: ServiceAccounts;
  readonly oauth: Oauth;
  readonly emergency: Emergency;
  readonly holdings: Holdings;
  readonly members: Members;
  readonly organisations: Organisations;
  readonly throttle: Throttle;
  /** What a person may do in an organisation now; null for who is no member or disabled. */
  grantsOf(organisation: OrganisationId, identity: IdentityId): Promise<Grants | null>;
  /** A key or an access token, see `ApiKeys.authenticate`. Kept for five seconds. */
  authenticateApiKey: ApiKeys['authenticate'];
  authenticateSession(token: string): Promise<LiveSession | null>;
  /** SMTP AUTH: the user name is the key's prefix, the password the whole key, which must hold `messages:send`. */
  authenticateSmtp(
    user: string,
    password: string,
    address: string | null,
    certificate?: ClientCertificate | null,
  ): Promise<KeyPrincipal | null>;
  /** Removes what is over: ceremonies and forgotten tries. For the worker, every few minutes. */
  sweep(): Promise<number>;
}

export function createAccess(ports: AccessPorts): Access {
  const throttle = createThrottle(ports);
  const guarded = { ...ports, throttle };
  const apiKeys = createApiKeys(ports);
  const own = createSessions(ports);
  // A change of what a person may do is one of their keys too.
  const sessions: Sessions = {
    ...own,
    forgetPerson(identity) {
      own.forgetPerson(identity);
      apiKeys.forgetBacker(identity);
    },
  };
  const emergency = createEmergency(ports, sessions);
  return {
    installation: createInstallationDoor(ports.database, ports.clock),
    signIn: createSignIn(guarded, sessions),
    enrolment: createEnrolment(guarded),
    invitations: createInvitations(ports),
    sessions,
    apiKeys,
    serviceAccounts: createServiceAccounts(ports, apiKeys.forgetBacker),
    oauth: createOauth(ports, apiKeys),
    emergency,
    holdings: createHoldings(ports, sessions, apiKeys, emergency),
    members: createMembers(ports),
    organisations: createOrganisations(ports),
    throttle,
    grantsOf: (organisation, identity) =>
      ports.database.tenant([organisation], 'app', (tx) =>
        grantsOfPerson(tx, ports.vault, organisation, identity, ports.clock.now()),
      ),
    authenticateApiKey: apiKeys.authenticate,
    authenticateSession: sessions.authenticate,
    async authenticateSmtp(user, password, address, certificate) {
      if (parseApiKey(password)?.prefix !== user) return null;
      const principal = await apiKeys.authenticate(password, address, certificate);
      // For a single mailbox or stream is enough here: the intake asks for the one in hand.
      if (principal === null) return null;
      const held = accessScopes(principal, 'messages:send');
      return held === 'everywhere' || held.length > 0 ? principal : null;
    },
    sweep: () =>
      ports.database.system('app', async (tx) => {
        const now = ports.clock.now();
        return (await sweepCeremonies(tx, now)) + (await sweepThrottle(tx, now));
      }),
  };
}
