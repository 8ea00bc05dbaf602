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

/** What is asked of a new passkey beyond the usual. */
export interface CreationWishes {
  /** Known people have one user handle for all their passkeys, so that an authenticator keeps one entry of them. */
  readonly identity?: string;
  /** Their authenticators are not offered again (WebAuthn Level 3, excludeCredentials). */
  readonly exclude?: readonly FactorRow[];
  readonly verification?: 'required' | 'preferred';
  /** Asks for a key that does not leave its authenticator; whether it is one is seen in the answer. */
  readonly deviceBound?: boolean;
}

/** Options for `navigator.credentials.create`; the challenge must be remembered. */
export async function passkeyCreation(
  party: RelyingParty,
  person: { readonly address: string; readonly displayName: string },
  wishes: CreationWishes = {},
) {
  return generateRegistrationOptions({
    rpName: 'Sealpost',
    rpID: party.id,
    userName: person.address,
    userDisplayName: person.displayName,
    attestationType: 'none',
    ...(wishes.identity === undefined ? {} : { userID: Uint8Array.from(Buffer.from(wishes.identity)) }),
    excludeCredentials: descriptors(wishes.exclude ?? []),
    authenticatorSelection: {
      residentKey: 'preferred',
      userVerification: wishes.verification ?? 'preferred',
      ...(wishes.deviceBound ? { authenticatorAttachment: 'cross-platform' as const } : {}),
    },
  });
}

export interface NewPasskey {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
}

export interface MadePasskey extends NewPasskey {
  /** As the authenticator says (WebAuthn Level 3, flag BE): without attestation nobody vouches for it. */
  readonly deviceBound: boolean;
  readonly userVerified: boolean;
}

/** The new passkey, null when the answer does not verify; with `verified`, also when nobody was verified by PIN or body. */
export async function checkPasskeyCreation(
  party: RelyingParty,
  challenge: string,
  response: RegistrationResponseJSON,
  verified = false,
): Promise<MadePasskey | null> {
  const result = await quietly(() =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: verified,
    }),
  );
  if (result?.verified !== true) return null;
  const { credential, credentialDeviceType, userVerified } = result.registrationInfo;
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    deviceBound: credentialDeviceType === 'singleDevice',
    userVerified,
  };
}

/** Options for `navigator.credentials.get` with the person's own passkeys. */
export async function passkeyRequest(party: RelyingParty, passkeys: readonly FactorRow[]) {
  return generateAuthenticationOptions({
    rpID: party.id,
    userVerification: 'preferred',
    allowCredentials: descriptors(passkeys),
  });
}

/** Options for a passkey that the browser finds itself: they are the same for everybody. */
export async function discoverablePasskeyRequest(party: RelyingParty) {
  return generateAuthenticationOptions({ rpID: party.id, userVerification: 'required' });
}

function descriptors(factors: readonly FactorRow[]) {
  return factors.flatMap(({ credential_id: id, transports }) =>
    id === null ? [] : [{ id: id.toString('base64url'), transports: transports.filter(isTransport) }],
  );
}

/** What a passkey's answer says of itself beside that it is good. */
export interface PasskeyAnswer {
  readonly factor: FactorRow;
  readonly counter: number;
  readonly userVerified: boolean;
  readonly deviceBound: boolean;
}

/** The factor that answered, null when the answer does not verify; with `verified`, also when nobody was verified by PIN or body. */
export async function checkPasskeyAnswer(
  party: RelyingParty,
  challenge: string,
  response: AuthenticationResponseJSON,
  passkeys: readonly FactorRow[],
  verified = false,
): Promise<PasskeyAnswer | null> {
  const factor = passkeys.find((item) => item.credential_id?.toString('base64url') === response.id);
  if (factor?.public_key == null) return null;
  const publicKey = Uint8Array.from(factor.public_key);
  const result = await quietly(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: verified,
      credential: { id: response.id, publicKey, counter: factor.counter },
    }),
  );
  if (result?.verified !== true) return null;
  const { newCounter, userVerified, credentialDeviceType } = result.authenticationInfo;
  return { factor, counter: newCounter, userVerified, deviceBound: credentialDeviceType === 'singleDevice' };
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
