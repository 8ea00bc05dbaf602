import { parseApiKey } from './api-key-format.ts';
import { type ApiKeys, createApiKeys, type KeyPrincipal } from './api-keys.ts';
import { sweepCeremonies } from './ceremony.store.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { createInstallationDoor, type InstallationDoor } from './installation.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createMembers, type Members } from './members.ts';
import { createOrganisations, type Organisations } from './organisations.ts';
import type { AccessPorts } from './ports.ts';
import { createProvided, type Provided } from './provided.ts';
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
  readonly members: Members;
  readonly organisations: Organisations;
  readonly throttle: Throttle;
  readonly provided: Provided;
  /** Null: unknown, revoked, expired, or from a network the key is not bound to. Kept for five seconds. */
  authenticateApiKey(secret: string, address: string | null): Promise<KeyPrincipal | null>;
  authenticateSession(token: string): Promise<LiveSession | null>;
  /** SMTP AUTH: the user name is the key's prefix, the password the whole key, which must hold `messages:send`. */
  authenticateSmtp(user: string, password: string, address: string | null): Promise<KeyPrincipal | null>;
  /** Removes what is over: ceremonies and forgotten tries. For the worker, every few minutes. */
  sweep(): Promise<number>;
}

export function createAccess(ports: AccessPorts): Access {
  const throttle = createThrottle(ports);
  const guarded = { ...ports, throttle };
  const sessions = createSessions(ports);
  const apiKeys = createApiKeys(ports);
  return {
    installation: createInstallationDoor(ports.database, ports.clock),
    signIn: createSignIn(guarded, sessions),
    enrolment: createEnrolment(guarded),
    invitations: createInvitations(ports),
    sessions,
    apiKeys,
    members: createMembers(ports),
    organisations: createOrganisations(ports),
    throttle,
    provided: createProvided(ports, sessions),
    authenticateApiKey: apiKeys.authenticate,
    authenticateSession: sessions.authenticate,
    async authenticateSmtp(user, password, address) {
      if (parseApiKey(password)?.prefix !== user) return null;
      const principal = await apiKeys.authenticate(password, address);
      return principal?.permissions.has('messages:send') === true ? principal : null;
    },
    sweep: () =>
      ports.database.system('app', async (tx) => {
        const now = ports.clock.now();
        return (await sweepCeremonies(tx, now)) + (await sweepThrottle(tx, now));
      }),
  };
}
