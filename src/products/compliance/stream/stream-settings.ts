import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import type { Vault } from '#platform/vault';
import { STREAM_FORMATS } from '../formats/syslog.ts';

/** Where the log is streamed to. */
export const streamSettings = z.strictObject({
  host: z
    .string()
    .trim()
    .toLowerCase()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9.:-]+$/),
  port: z.int().min(1).max(65_535).default(6514),
  format: z.enum(STREAM_FORMATS).default('rfc5424'),
  authorities: z
    .string()
    .max(100_000)
    .refine(isCertificates, { params: { code: 'not-a-certificate' } })
    .nullable()
    .default(null)
    .meta({ description: 'PEM authorities trusted in place of the system’s' }),
  clientCertificate: z
    .string()
    .max(100_000)
    .refine(isCertificates, { params: { code: 'not-a-certificate' } })
    .nullable()
    .default(null),
  clientKey: z
    .string()
    .max(20_000)
    .refine(isKey, { params: { code: 'not-a-key' } })
    .nullable()
    .default(null),
});

export type StreamSettings = z.output<typeof streamSettings>;

function isCertificates(text: string): boolean {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return found.length > 0 && found.every((one) => reads(() => new X509Certificate(one)));
}

function isKey(text: string): boolean {
  return reads(() => createPrivateKey(text));
}

/** Whether a parser takes it; why not is not told, because it may quote a key. */
function reads(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

const binding = (organisation: OrganisationId) => ({
  organisation,
  field: 'audit-stream.settings',
  row: 'settings',
});

export function sealSettings(
  vault: Pick<Vault, 'sealValue'>,
  organisation: OrganisationId,
  settings: StreamSettings,
): Promise<Buffer> {
  return vault.sealValue('configuration', binding(organisation), JSON.stringify(settings));
}

export async function openSettings(
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  sealed: Buffer,
): Promise<StreamSettings> {
  const text = await vault.openValue(binding(organisation), sealed);
  return streamSettings.parse(JSON.parse(text.toString('utf8')));
}
