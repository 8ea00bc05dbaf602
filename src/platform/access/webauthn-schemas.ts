import { z } from 'zod';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from './passkey.ts';

// WebAuthn Level 3 §5.1 JSON forms, as browsers make them with PublicKeyCredential.toJSON() and the console's library.

const base64url = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/);
const attachment = z.enum(['cross-platform', 'platform']);
const extensionResults = z.strictObject({
  credProps: z.strictObject({ rk: z.boolean().optional() }).optional(),
});

export const registrationSchema = z
  .strictObject({
    id: base64url,
    rawId: base64url,
    type: z.literal('public-key'),
    authenticatorAttachment: attachment.nullish(),
    clientExtensionResults: extensionResults,
    response: z.strictObject({
      clientDataJSON: base64url,
      attestationObject: base64url,
      authenticatorData: base64url.optional(),
      transports: z.array(z.string().max(40)).max(10).optional(),
      publicKeyAlgorithm: z.int().optional(),
      publicKey: base64url.optional(),
    }),
  })
  .meta({ id: 'PasskeyRegistration' });

export const authenticationSchema = z
  .strictObject({
    id: base64url,
    rawId: base64url,
    type: z.literal('public-key'),
    authenticatorAttachment: attachment.nullish(),
    clientExtensionResults: extensionResults,
    response: z.strictObject({
      clientDataJSON: base64url,
      authenticatorData: base64url,
      signature: base64url,
      userHandle: base64url.nullish(),
    }),
  })
  .meta({ id: 'PasskeyAssertion' });

/** Without what the library does not read. */
export function registrationOf(sent: z.output<typeof registrationSchema>): RegistrationResponseJSON {
  const { clientDataJSON, attestationObject } = sent.response;
  return {
    id: sent.id,
    rawId: sent.rawId,
    type: sent.type,
    clientExtensionResults: {},
    response: { clientDataJSON, attestationObject },
  };
}

export function authenticationOf(sent: z.output<typeof authenticationSchema>): AuthenticationResponseJSON {
  const { clientDataJSON, authenticatorData, signature } = sent.response;
  return {
    id: sent.id,
    rawId: sent.rawId,
    type: sent.type,
    clientExtensionResults: {},
    response: { clientDataJSON, authenticatorData, signature },
  };
}

const descriptor = z.strictObject({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.string()).optional(),
});

export const creationOptionsSchema = z
  .strictObject({
    rp: z.strictObject({ name: z.string(), id: z.string().optional() }),
    user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.strictObject({ alg: z.int(), type: z.literal('public-key') })),
    timeout: z.int().optional(),
    excludeCredentials: z.array(descriptor).optional(),
    authenticatorSelection: z
      .strictObject({
        residentKey: z.string().optional(),
        requireResidentKey: z.boolean().optional(),
        userVerification: z.string().optional(),
        authenticatorAttachment: z.string().optional(),
      })
      .optional(),
    attestation: z.string().optional(),
    hints: z.array(z.string()).optional(),
    extensions: z.strictObject({ credProps: z.boolean().optional() }).optional(),
  })
  .meta({ id: 'PasskeyCreationOptions' });

export const requestOptionsSchema = z
  .strictObject({
    rpId: z.string().optional(),
    challenge: z.string(),
    allowCredentials: z.array(descriptor).optional(),
    timeout: z.int().optional(),
    userVerification: z.string().optional(),
  })
  .meta({ id: 'PasskeyRequestOptions' });

/** The options as data of the API: undefined members left out, nothing that the schema does not name. */
export function plainOptions<Schema extends z.ZodType>(schema: Schema, options: object): z.output<Schema> {
  const plain: unknown = JSON.parse(JSON.stringify(options));
  return schema.parse(plain);
}
