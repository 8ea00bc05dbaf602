import { z } from 'zod';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import { LEVELS } from '#platform/access';
import { permissionSchema } from '#platform/http';
import { parseAddress } from '#platform/mail';

// Shapes that several routes of this product share.

export { permissionSchema, roleSchema } from '#platform/http';

export const time = z.iso.datetime();
export const factorSchema = z.enum(['passkey', 'totp', 'recovery-code']).meta({ id: 'FactorKind' });

/** How the second step of a sign-in can be done. */
const wayToSignIn = z
  .enum(['passkey', 'certificate', 'totp', 'texted-code', 'recovery-code', 'mailed-code'])
  .meta({ id: 'SignInWay' });

export const displayName = z.string().trim().min(1).max(100);
export const organisationName = z.string().trim().min(1).max(120);
/** Judged by the passphrase rules; this bound only keeps out what cannot be one. */
export const passphrase = z.string().min(1).max(1024);
export const addressText = z.string().min(3).max(320);
export const token = z.string().min(20).max(100);
export const totpCode = z.string().regex(/^\d{6}$/);
export const domainName = z
  .string()
  .max(253)
  .regex(/^(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/, 'a domain in lower-case A-labels');
export const publicUrl = z
  .url({ protocol: /^https?$/ })
  .max(300)
  .transform((url) => new URL(url).origin);

export const organisationRef = z
  .strictObject({ id: z.string(), name: z.string(), slug: z.string() })
  .meta({ id: 'OrganisationRef' });

export const personSchema = z
  .strictObject({ id: z.string(), displayName: z.string(), address: z.string() })
  .meta({ id: 'Person' });

export const sessionSchema = z
  .strictObject({
    identity: personSchema,
    organisation: organisationRef,
    organisations: z.array(organisationRef),
    permissions: z.array(permissionSchema),
    scoped: z.array(permissionSchema).describe('Held for single things only, beside those'),
    mode: z.enum(['sandbox', 'live']),
    expiresAt: time,
    idleSeconds: z.int().describe('After so long without use the session is over'),
    csrf: z.string().describe('Value of the X-Sealpost-CSRF header of unsafe requests'),
  })
  .meta({ id: 'Session' });

export const sessionEntrySchema = z
  .strictObject({
    id: z.string(),
    current: z.boolean(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
    address: z.string().nullable(),
    country: z.string().nullable().describe('ISO 3166-1 code, where the installation knows places'),
    agent: z.string().nullable().describe('What the browser calls itself'),
    bound: z.boolean().describe('Whether it works only in the browser that signed in'),
    factors: z.array(z.string()),
  })
  .meta({ id: 'SessionEntry' });

export const ceremonySchema = z
  .strictObject({
    ceremony: z.string(),
    factors: z.array(wayToSignIn).describe('What this person can go on with, most phishing-resistant first'),
    expiresAt: time,
  })
  .meta({ id: 'Ceremony' });

/** In place of a session: the organisation demands a stronger factor, which this person has not got yet, or a newer passphrase. */
export const enrolmentDueSchema = z
  .strictObject({
    ceremony: z.string().describe('For /v1/sign-in/enrolment/passkey or …/passphrase'),
    due: z.enum(['passkey', 'passphrase']).describe('What to go on with'),
    demanded: z.enum(LEVELS).describe('What the new factor must be'),
    expiresAt: time,
  })
  .meta({ id: 'EnrolmentDue' });

/** A mail address from text; Refusal `invalid-address`. */
export function addressOf(text: string): Address {
  const address = parseAddress(text.trim());
  if (address === null) throw new Refusal('invalid-address');
  return address;
}
