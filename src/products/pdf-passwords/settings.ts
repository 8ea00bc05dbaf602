import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { Database } from '#platform/database';
import type { RecordPorts } from '#platform/record';
import type { Clock } from '#platform/runtime';
import { findSettings, replaceSettings } from './setting.store.ts';

/** Agreed outside of mail beforehand; a fresh one by text message; a fresh one that waits in the portal. */
export const PASSWORD_CHANNELS = ['agreed', 'text', 'portal'] as const;
export type PasswordChannel = (typeof PASSWORD_CHANNELS)[number];

export interface PdfSettings {
  /** Tried in this order; what is not listed is not used. */
  readonly channels: readonly PasswordChannel[];
  /** A mail with a PDF may have so many megabytes (of 1,048,576 octets), 1 to 50; more is divided. */
  readonly mostMegabytes: number;
}

/** A new organisation sends by agreed passwords alone; 20 MB is what large mail services take at least. */
export const DEFAULT_SETTINGS: PdfSettings = { channels: ['agreed'], mostMegabytes: 20 };

export interface PdfSettingsPorts {
  readonly database: Database;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
}

export async function readSettings(ports: PdfSettingsPorts, { organisation }: Caller): Promise<PdfSettings> {
  const found = await ports.database.tenant([organisation], 'app', (tx) => findSettings(tx, organisation));
  return found ?? DEFAULT_SETTINGS;
}

/** Refusal `invalid` where a channel stands twice. Ranges are the schema's. */
export async function changeSettings(
  ports: PdfSettingsPorts,
  caller: Caller,
  settings: PdfSettings,
): Promise<PdfSettings> {
  const { organisation } = caller;
  if (new Set(settings.channels).size !== settings.channels.length) {
    throw new Refusal('invalid', { path: 'channels', reason: 'repeated' });
  }
  await ports.database.tenant([organisation], 'app', async (tx) => {
    await replaceSettings(tx, organisation, settings, caller.actor, ports.clock.now());
    await ports.audit.append(tx, {
      organisation,
      action: 'pdf-settings.changed',
      actor: caller.actor,
      origin: caller.origin,
      result: 'done',
      subjects: [],
      details: { channels: settings.channels.join(' '), mostMegabytes: settings.mostMegabytes },
      sealedReference: null,
      request: caller.request,
    });
  });
  return settings;
}
