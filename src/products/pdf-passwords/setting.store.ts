import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { PdfSettings } from './settings.ts';

export async function findSettings(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<PdfSettings | undefined> {
  return tx.maybe({
    name: 'pdf-setting.find',
    text: `select channels, most_megabytes as "mostMegabytes" from sealpost.pdf_setting where organisation = $1`,
    values: [organisation],
  });
}

export async function replaceSettings(
  tx: Transaction,
  organisation: OrganisationId,
  settings: PdfSettings,
  by: Actor,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'pdf-setting.replace',
    text: `insert into sealpost.pdf_setting (organisation, channels, most_megabytes, changed_by, changed_at)
      values ($1, $2, $3, $4, $5)
      on conflict (organisation) do update set channels = excluded.channels, most_megabytes = excluded.most_megabytes,
        changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    values: [organisation, settings.channels, settings.mostMegabytes, JSON.stringify(by), at],
  });
}
