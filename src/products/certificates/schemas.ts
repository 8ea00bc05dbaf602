import { z } from 'zod';
import type { Certificate, SmimeSettings, Standing } from '#platform/keyring';

const time = z.iso.datetime();

const certificate = {
  subject: z.string(),
  issuer: z.string(),
  notBefore: time,
  notAfter: time,
  fingerprint: z.string().describe('SHA-256 of the certificate, hexadecimal'),
  key: z.string().describe('Such as `RSA 3072` or `EC P-256`'),
};

/** `usable`, or why it is not: the code that a delivery would fail with, and a reason where the code has several. */
export const standingSchema = z
  .strictObject({
    state: z.enum([
      'usable',
      'key-expired',
      'key-unusable',
      'key-untrusted',
      'key-revoked',
      'revocation-unknown',
    ]),
    reason: z.string().nullable(),
    revocation: z.enum(['good', 'revoked', 'unknown']).nullable(),
  })
  .meta({ id: 'CertificateStanding' });

export const recipientSchema = z
  .strictObject({
    id: z.uuid(),
    address: z.string(),
    ...certificate,
    standing: standingSchema,
    source: z.enum(['upload', 'signed-mail', 'directory', 'portal']),
    createdAt: time,
  })
  .meta({ id: 'RecipientCertificate' });

export const anchorSchema = z
  .strictObject({ id: z.uuid(), ...certificate, createdAt: time })
  .meta({ id: 'TrustAnchor' });

export const identitySchema = z
  .strictObject({
    id: z.uuid(),
    ...certificate,
    addresses: z.array(z.string()),
    standing: standingSchema,
    createdAt: time,
  })
  .meta({ id: 'SigningCertificate' });

export const settingsSchema = z
  .strictObject({
    revocation: z.enum(['soft', 'hard']),
    cipher: z.enum(['auto', 'gcm', 'cbc']),
    keyTransport: z.enum(['auto', 'oaep', 'pkcs1']),
    signature: z.enum(['clear', 'opaque', 'none']),
  })
  .meta({ id: 'SmimeSettings' }) satisfies z.ZodType<SmimeSettings>;

/** PEM, or base64 of DER. */
export const certificateText = z.string().min(1).max(200_000);

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

export function certificateView(one: Certificate) {
  return {
    subject: one.subject,
    issuer: one.issuer,
    notBefore: one.notBefore.toISOString(),
    notAfter: one.notAfter.toISOString(),
    fingerprint: one.fingerprint,
    key: keyName(one.key),
  };
}

function keyName(key: Certificate['key']): string {
  switch (key.kind) {
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ec':
      return `EC ${CURVES[key.curve] ?? key.curve}`;
    case 'other':
      return key.name;
  }
}

export function standingView(standing: Standing): z.output<typeof standingSchema> {
  return standing.kind === 'usable'
    ? { state: 'usable', reason: null, revocation: standing.revocation }
    : { state: standing.code, reason: standing.reason, revocation: null };
}
