import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface SessionSettingsRow {
  readonly step_up_minutes: number;
  readonly session_limit: number | null;
  readonly time_outs: unknown;
}

export async function readSettingsRow(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<SessionSettingsRow | undefined> {
  return tx.maybe<SessionSettingsRow>({
    name: 'session-settings.read',
    text: `select step_up_minutes, session_limit, time_outs from sealpost.session_settings
           where organisation = $1`,
    values: [organisation],
  });
}

export async function storeSettingsRow(
  tx: Transaction,
  organisation: OrganisationId,
  settings: {
    readonly stepUpMinutes: number;
    readonly sessionLimit: number | null;
    readonly timeOuts: object;
  },
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.session_settings
             (organisation, step_up_minutes, session_limit, time_outs, changed_at)
           values ($1, $2, $3, $4, $5)
           on conflict (organisation) do update set step_up_minutes = excluded.step_up_minutes,
             session_limit = excluded.session_limit, time_outs = excluded.time_outs,
             changed_at = excluded.changed_at`,
    values: [
      organisation,
      settings.stepUpMinutes,
      settings.sessionLimit,
      JSON.stringify(settings.timeOuts),
      at,
    ],
  });
}
