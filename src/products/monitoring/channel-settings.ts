import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import type { Vault } from '#platform/vault';
import type { ChannelRow } from './alert.store.ts';

const label = z.string().trim().min(1).max(80);

/** How a channel is set up; sealed as a whole, because it holds people, telephone numbers and a secret. */
export const settingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mail'), label, people: z.array(z.uuid()).min(1).max(50) }),
  z.strictObject({ kind: z.literal('text'), label, numbers: z.array(z.string().max(20)).min(1).max(10) }),
  z.strictObject({
    kind: z.literal('webhook'),
    label,
    url: z.url({ protocol: /^https$/ }).max(500),
    secret: z.string(),
  }),
]);
export type ChannelSettings = z.infer<typeof settingsSchema>;

const binding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, row },
  field: 'alert_channel.settings',
});

export function sealSettings(
  vault: Pick<Vault, 'sealValue'>,
  organisation: OrganisationId,
  id: string,
  settings: ChannelSettings,
): Promise<Buffer> {
  return vault.sealValue('configuration', binding(organisation, id), JSON.stringify(settings));
}

export async function openSettings(
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  { id, settings }: Pick<ChannelRow, 'id' | 'settings'>,
): Promise<ChannelSettings> {
  const text = await vault.openValue(binding(organisation, id), settings);
  return settingsSchema.parse(JSON.parse(text.toString('utf8')));
}

/** 256 bits, shown once to whoever sets the webhook up. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64url')}`;
