import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { Refusal } from '#core/errors';
import type { FactorRow } from './factor.store.ts';

export type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';

/** The page that asks: its origin, and the host name that passkeys are bound to. */
export interface RelyingParty {
  readonly origin: string;
  readonly id: string;
}

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;
type Transport = (typeof TRANSPORTS)[number];

function isTransport(text: string): text is Transport {
  return TRANSPORTS.some((transport) => transport === text);
}

/**
 * The relying party of a page. Refusal `wrong-state` where the console is opened by IP address or without TLS: browsers
 * give passkeys to names only (https, or http on localhost).
 */
export function relyingParty(origin: string): RelyingParty {
  const url = new URL(origin);
  const isName = /[a-z]/i.test(url.hostname) && !url.hostname.startsWith('[');
  const secure = url.protocol === 'https:' || url.hostname === 'localhost';
  if (!isName || !secure) throw new Refusal('wrong-state', { reason: 'passkeys-need-a-name' });
  return { origin: url.origin, id: url.hostname };
}

/** Options for `navigator.credentials.create`; the challenge must be remembered. */
export async function passkeyCreation(
  party: RelyingParty,
  person: { readonly address: string; readonly displayName: string },
) {
  return generateRegistrationOptions({
    rpName: 'Sealpost',
    rpID: party.id,
    userName: person.address,
    userDisplayName: person.displayName,
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
}

export interface NewPasskey {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
}

/** The new passkey, null when the answer does not verify. */
export async function checkPasskeyCreation(
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
      requireUserVerification: false,
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

/** Options for `navigator.credentials.get` with the person's own passkeys. */
export async function passkeyRequest(party: RelyingParty, passkeys: readonly FactorRow[]) {
  return generateAuthenticationOptions({
    rpID: party.id,
    userVerification: 'preferred',
    allowCredentials: passkeys.flatMap((factor) =>
      factor.credential_id === null
        ? []
        : [
            {
              id: factor.credential_id.toString('base64url'),
              transports: factor.transports.filter(isTransport),
            },
          ],
    ),
  });
}

/** The factor that answered with its new counter, null when the answer does not verify. */
export async function checkPasskeyAnswer(
  party: RelyingParty,
  challenge: string,
  response: AuthenticationResponseJSON,
  passkeys: readonly FactorRow[],
): Promise<{ readonly factor: FactorRow; readonly counter: number } | null> {
  const factor = passkeys.find((item) => item.credential_id?.toString('base64url') === response.id);
  if (factor?.public_key == null) return null;
  const publicKey = Uint8Array.from(factor.public_key);
  const result = await quietly(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: false,
      credential: { id: response.id, publicKey, counter: factor.counter },
    }),
  );
  return result?.verified === true ? { factor, counter: result.authenticationInfo.newCounter } : null;
}

/** The library throws for answers that do not verify and for those it cannot read: both are a plain no here. */
export async function quietly<T>(check: () => Promise<T>): Promise<T | null> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
