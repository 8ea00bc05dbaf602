import { client, done, unwrap } from '../api.ts';
import type { EnrolmentDue, Session } from '../api-types.ts';
import { assertPasskey, makePasskey } from './passkey.ts';

export function startSignIn(address: string, passphrase: string) {
  return unwrap(client.POST('/v1/sign-in', { body: { address, passphrase } }));
}

/** A session, or what must be added before there is one. */
export type SignedIn = Session | EnrolmentDue;

export function signInWithTotp(ceremony: string, code: string): Promise<SignedIn> {
  return unwrap(client.POST('/v1/sign-in/totp', { body: { ceremony, code } }));
}

export function signInWithRecoveryCode(ceremony: string, code: string): Promise<SignedIn> {
  return unwrap(client.POST('/v1/sign-in/recovery-code', { body: { ceremony, code } }));
}

export async function signInWithPasskey(ceremony: string): Promise<SignedIn> {
  const { options } = await unwrap(client.POST('/v1/sign-in/passkey/options', { body: { ceremony } }));
  const response = await assertPasskey(options);
  return unwrap(client.POST('/v1/sign-in/passkey', { body: { ceremony, response } }));
}

export async function signInWithPasskeyAlone(): Promise<SignedIn> {
  const { ceremony, options } = await unwrap(client.POST('/v1/sign-in/passkey-alone/options', { body: {} }));
  const response = await assertPasskey(options);
  return unwrap(client.POST('/v1/sign-in/passkey-alone', { body: { ceremony, response } }));
}

export function signInWithCertificate(ceremony: string): Promise<SignedIn> {
  return unwrap(client.POST('/v1/sign-in/certificate', { body: { ceremony } }));
}

export function mailCode(ceremony: string): Promise<void> {
  return done(client.POST('/v1/sign-in/mailed-code/send', { body: { ceremony } }));
}

export function textCode(ceremony: string): Promise<void> {
  return done(client.POST('/v1/sign-in/texted-code/send', { body: { ceremony } }));
}

export function signInWithTextedCode(ceremony: string, code: string): Promise<SignedIn> {
  return unwrap(client.POST('/v1/sign-in/texted-code', { body: { ceremony, code } }));
}

export function signInWithMailedCode(ceremony: string, code: string): Promise<SignedIn> {
  return unwrap(client.POST('/v1/sign-in/mailed-code', { body: { ceremony, code } }));
}

/** A new passphrase, where the organisation wants none as old as the one that was shown. */
export function renewDuePassphrase(ceremony: string, passphrase: string): Promise<SignedIn> {
  return unwrap(client.POST('/v1/sign-in/enrolment/passphrase', { body: { ceremony, passphrase } }));
}

/** Adds the passkey that the organisation asks for, and signs in. */
export async function enrolDuePasskey(ceremony: string, label: string): Promise<Session> {
  const { options } = await unwrap(
    client.POST('/v1/sign-in/enrolment/passkey/options', { body: { ceremony } }),
  );
  const response = await makePasskey(options);
  return unwrap(client.POST('/v1/sign-in/enrolment/passkey', { body: { ceremony, response, label } }));
}

export function signOut(): Promise<void> {
  return done(client.DELETE('/v1/session'));
}

export function setupState() {
  return unwrap(client.GET('/v1/setup'));
}

export interface SetupStart {
  token: string;
  organisationName: string;
  displayName: string;
  address: string;
  passphrase: string;
  consoleUrl?: string;
  portalUrl?: string;
}

/** Nothing is stored for good before the second factor is confirmed. */
export function startSetup(start: SetupStart) {
  return unwrap(client.POST('/v1/setup/start', { body: start }));
}

/** Takes up an invitation; goes on with the factors of the set-up. */
export function acceptInvitation(token: string, passphrase: string) {
  return unwrap(client.POST('/v1/invitations/accept', { body: { token, passphrase } }));
}

export function totpEnrolment(ceremony: string) {
  return unwrap(client.POST('/v1/setup/totp/options', { body: { ceremony } }));
}

export function finishWithTotp(ceremony: string, code: string) {
  return unwrap(client.POST('/v1/setup/totp', { body: { ceremony, code } }));
}

export async function finishWithPasskey(ceremony: string, label: string) {
  const { options } = await unwrap(client.POST('/v1/setup/passkey/options', { body: { ceremony } }));
  const response = await makePasskey(options);
  return unwrap(client.POST('/v1/setup/passkey', { body: { ceremony, response, label } }));
}

export function recoveryKit() {
  return unwrap(client.POST('/v1/setup/recovery-kit', { body: {} }));
}
