import { type Account, createAccount } from './account.ts';
import { parseApiKey } from './api-key-format.ts';
import { type ApiKeys, createApiKeys, type KeyPrincipal } from './api-keys.ts';
import { sweepCeremonies } from './ceremony.store.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { createInstallationDoor, type InstallationDoor } from './installation.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createMembers, type Members } from './members.ts';
import { hashNewPassphrase } from './new-passphrase.ts';
import { createOrganisations, type Organisations } from './organisations.ts';
import { createPasskeySignIn, type PasskeySignIn } from './passkey-sign-in.ts';
import type { AccessPorts } from './ports.ts';
import { createRecovery, type Recovery } from './recovery.ts';
import { createSessions, type LiveSession, type Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createSignInEnrolment, type SignInEnrolment } from './sign-in-enrolment.ts';
import { type SignInParts, signInParts } from './sign-in-parts.ts';
import type { SignInRule } from './sign-in-policy.ts';
import { createSignInRules, type SignInRules } from './sign-in-rules.ts';
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
  readonly apiKeys: ApiKeys;
  readonly members: Members;
  readonly organisations: Organisations;
  readonly throttle: Throttle;
  /** Null: unknown, revoked, expired, or from a network the key is not bound to. Kept for five seconds. */
  authenticateApiKey(secret: string, address: string | null): Promise<KeyPrincipal | null>;
  authenticateSession(token: string): Promise<LiveSession | null>;
  /** SMTP AUTH: the user name is the key's prefix, the password the whole key, which must hold `messages:send`. */
  authenticateSmtp(user: string, password: string, address: string | null): Promise<KeyPrincipal | null>;
  /** Removes what is over: ceremonies and forgotten tries. For the worker, every few minutes. */
  sweep(): Promise<number>;
}

/** The room. `others` is for tests alone: what is put in the place of a part of the sign-in. */
export function createAccess(ports: AccessPorts, others: Partial<SignInParts> = {}): Access {
  const parts = { ...signInParts(ports), ...others };
  const { throttle } = parts;
  const guarded = { ...ports, throttle };
  const signingIn = { ...guarded, parts };
  const sessions = createSessions(ports, parts.requireFactorsFor);
  const apiKeys = createApiKeys(ports);
  return {
    installation: createInstallationDoor(ports.database, ports.clock),
    signIn: createSignIn(signingIn, sessions),
    passkeySignIn: createPasskeySignIn(signingIn, sessions),
    signInEnrolment: createSignInEnrolment(signingIn, sessions),
    signInRules: createSignInRules(ports),
    account: createAccount(signingIn, sessions),
    recovery: createRecovery(signingIn, sessions),
    hashNewPassphrase: (passphrase, context, rule) => hashNewPassphrase(ports, passphrase, context, rule),
    enrolment: createEnrolment(guarded),
    invitations: createInvitations(ports),
    sessions,
    apiKeys,
    members: createMembers(ports),
    organisations: createOrganisations(ports),
    throttle,
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
