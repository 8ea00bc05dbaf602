import type { Schemas } from '@sealpost/client';
import type { AuthenticatorTransport } from '@simplewebauthn/browser';
import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import { ApiProblem } from '../api.ts';

const TRANSPORTS: readonly AuthenticatorTransport[] = ['ble', 'hybrid', 'internal', 'nfc', 'usb'];
const VERIFICATION = ['discouraged', 'preferred', 'required'] as const;
const RESIDENCE = ['discouraged', 'preferred', 'required'] as const;
const ATTACHMENTS = ['cross-platform', 'platform'] as const;
const ATTESTATIONS = ['direct', 'enterprise', 'indirect', 'none'] as const;
const HINTS = ['hybrid', 'security-key', 'client-device'] as const;

/** The value where it is one of those known, as an object to spread: unknown ones are left to the browser. */
function known<Name extends string, Value extends string>(
  name: Name,
  all: readonly Value[],
  value: string | undefined,
): { [Key in Name]?: Value } {
  const found = all.find((one) => one === value);
  const out: { [Key in Name]?: Value } = {};
  return found === undefined ? out : Object.assign(out, { [name]: found });
}

function credentials(list: readonly { id: string; transports?: string[] }[] = []) {
  return list.map(({ id, transports = [] }) => ({
    id,
    type: 'public-key' as const,
    transports: TRANSPORTS.filter((one) => transports.includes(one)),
  }));
}

/** The browser's own refusals (cancelled, timed out, no such key) as a problem with words of ours. */
async function inBrowser<T>(ceremony: Promise<T>): Promise<T> {
  try {
    return await ceremony;
  } catch {
    throw new ApiProblem({
      type: 'about:blank',
      title: 'Passkey',
      status: 0,
      code: 'passkey-failed',
      request: '',
    });
  }
}

/** Makes a passkey in the browser (WebAuthn Level 3 §5.1.3). */
export async function makePasskey(
  options: Schemas['PasskeyCreationOptions'],
): Promise<Schemas['PasskeyRegistrationInput']> {
  const selection = options.authenticatorSelection;
  const made = await inBrowser(
    startRegistration({
      optionsJSON: {
        rp: options.rp,
        user: options.user,
        challenge: options.challenge,
        pubKeyCredParams: options.pubKeyCredParams,
        excludeCredentials: credentials(options.excludeCredentials),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        ...(selection === undefined
          ? {}
          : {
              authenticatorSelection: {
                ...known('residentKey', RESIDENCE, selection.residentKey),
                ...known('userVerification', VERIFICATION, selection.userVerification),
                ...known('authenticatorAttachment', ATTACHMENTS, selection.authenticatorAttachment),
                ...(selection.requireResidentKey === undefined
                  ? {}
                  : { requireResidentKey: selection.requireResidentKey }),
              },
            }),
        ...known('attestation', ATTESTATIONS, options.attestation),
        ...(options.extensions?.credProps === undefined ? {} : { extensions: { credProps: true } }),
        hints: HINTS.filter((one) => options.hints?.includes(one)),
      },
    }),
  );
  const { attestationObject, clientDataJSON, authenticatorData, transports, publicKey, publicKeyAlgorithm } =
    made.response;
  return {
    ...bare(made),
    response: {
      clientDataJSON,
      attestationObject,
      ...(authenticatorData === undefined ? {} : { authenticatorData }),
      ...(transports === undefined ? {} : { transports }),
      ...(publicKey === undefined ? {} : { publicKey }),
      ...(publicKeyAlgorithm === undefined ? {} : { publicKeyAlgorithm }),
    },
  };
}

/** Uses a passkey in the browser (WebAuthn Level 3 §5.1.4). */
export async function assertPasskey(
  options: Schemas['PasskeyRequestOptions'],
): Promise<Schemas['PasskeyAssertionInput']> {
  const used = await inBrowser(
    startAuthentication({
      optionsJSON: {
        challenge: options.challenge,
        allowCredentials: credentials(options.allowCredentials),
        ...(options.rpId === undefined ? {} : { rpId: options.rpId }),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        ...known('userVerification', VERIFICATION, options.userVerification),
      },
    }),
  );
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return {
    ...bare(used),
    response: {
      clientDataJSON,
      authenticatorData,
      signature,
      ...(userHandle === undefined ? {} : { userHandle }),
    },
  };
}

/** What both ceremonies answer; other extension results are left out, as the API is strict. */
function bare(credential: {
  id: string;
  rawId: string;
  authenticatorAttachment?: 'cross-platform' | 'platform' | undefined;
  clientExtensionResults: { credProps?: { rk?: boolean } };
}) {
  const rk = credential.clientExtensionResults.credProps?.rk;
  return {
    id: credential.id,
    rawId: credential.rawId,
    type: 'public-key' as const,
    ...(credential.authenticatorAttachment === undefined
      ? {}
      : { authenticatorAttachment: credential.authenticatorAttachment }),
    clientExtensionResults: rk === undefined ? {} : { credProps: { rk } },
  };
}
