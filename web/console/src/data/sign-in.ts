import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import { ApiProblem, api } from '../api.ts';
import type {
  Ceremony,
  PasskeyOptions,
  RecoveryKit,
  Session,
  SetupDone,
  SetupStart,
  SetupState,
  TotpEnrolment,
} from '../api-types.ts';

/** The browser's own refusals (cancelled, timed out, no such key) as a problem with words of ours. */
async function inBrowser<T>(ceremony: Promise<T>): Promise<T> {
  try {
    return await ceremony;
  } catch {
    throw new ApiProblem({ type: 'about:blank', title: 'Passkey', status: 0, code: 'passkey-failed' });
  }
}

export function startSignIn(address: string, passphrase: string): Promise<Ceremony> {
  return api.post<Ceremony>('/v1/sign-in', { body: { address, passphrase } });
}

export function signInWithTotp(ceremony: string, code: string): Promise<Session> {
  return api.post<Session>('/v1/sign-in/totp', { body: { ceremony, code } });
}

export function signInWithRecoveryCode(ceremony: string, code: string): Promise<Session> {
  return api.post<Session>('/v1/sign-in/recovery-code', { body: { ceremony, code } });
}

export async function signInWithPasskey(ceremony: string): Promise<Session> {
  const { options } = await api.post<PasskeyOptions<PublicKeyCredentialRequestOptionsJSON>>(
    '/v1/sign-in/passkey/options',
    { body: { ceremony } },
  );
  const response = await inBrowser(startAuthentication({ optionsJSON: options }));
  return api.post<Session>('/v1/sign-in/passkey', { body: { ceremony, response } });
}

export function signOut(): Promise<void> {
  return api.act('DELETE', '/v1/session');
}

export function setupState(): Promise<SetupState> {
  return api.get<SetupState>('/v1/setup');
}

export function startSetup(start: SetupStart): Promise<Ceremony> {
  return api.post<Ceremony>('/v1/setup/start', { body: start });
}

/** Takes up an invitation; goes on with the factors of the set-up. */
export function acceptInvitation(token: string, passphrase: string): Promise<Ceremony> {
  return api.post<Ceremony>('/v1/invitations/accept', { body: { token, passphrase } });
}

export function totpEnrolment(ceremony: string): Promise<TotpEnrolment> {
  return api.post<TotpEnrolment>('/v1/setup/totp/options', { body: { ceremony } });
}

export function finishWithTotp(ceremony: string, code: string): Promise<SetupDone> {
  return api.post<SetupDone>('/v1/setup/totp', { body: { ceremony, code } });
}

export async function finishWithPasskey(ceremony: string, label: string): Promise<SetupDone> {
  const { options } = await api.post<PasskeyOptions<PublicKeyCredentialCreationOptionsJSON>>(
    '/v1/setup/passkey/options',
    { body: { ceremony } },
  );
  const response = await inBrowser(startRegistration({ optionsJSON: options }));
  return api.post<SetupDone>('/v1/setup/passkey', { body: { ceremony, response, label } });
}

export function recoveryKit(): Promise<RecoveryKit> {
  return api.post<RecoveryKit>('/v1/setup/recovery-kit', { body: {} });
}
