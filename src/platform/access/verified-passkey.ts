import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { type NewPasskey, quietly, type RelyingParty } from './passkey.ts';

/**
 * Passkeys that verify their holder (WebAuthn Level 3 §6.1, flag UV) and are found by their credential's id alone, for
 * rooms that keep their own. The challenge is the caller's: it must be unguessable, bound to the browser, and used once.
 */

/** The new passkey; null when the answer does not verify, or nobody was verified by PIN or body. */
export async function verifyNewPasskey(
  party: RelyingParty,
  challenge: string,
  response: RegistrationResponseJSON,
): Promise<NewPasskey | null> {
  const result = await quietly(() =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
    }),
  );
  if (result?.verified !== true) return null;
  const { credential } = result.registrationInfo;
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
  };
}

/** The new counter; null when the answer does not verify. A counter that does not grow is refused (WebAuthn §6.1.1). */
export async function verifyPasskey(
  party: RelyingParty,
  challenge: string,
  response: AuthenticationResponseJSON,
  kept: { readonly publicKey: Buffer; readonly counter: number },
): Promise<{ readonly counter: number } | null> {
  const result = await quietly(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: Uint8Array.from(kept.publicKey),
        counter: kept.counter,
      },
    }),
  );
  return result?.verified === true ? { counter: result.authenticationInfo.newCounter } : null;
}
