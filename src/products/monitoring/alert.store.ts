import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Severity } from './rule.ts';

export const CHANNEL_KINDS = ['mail', 'text', 'webhook'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export interface ChannelRow {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly settings: Buffer;
  /** Tells of incidents of this severity and above. */
  readonly least: Severity;
  readonly active: boolean;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

const CHANNEL = 'id, kind, settings, least, active, changed_by, changed_at';

export async function channelRows(tx: Transaction, organisation: OrganisationId): Promise<ChannelRow[]> {
  return tx.query<ChannelRow>({
    name: 'alert-channel.list',
    text: `select ${CHANNEL} from sealpost.alert_channel where organisation = $1 and removed_at is null order by id`,
    values: [organisation],
  });
}

/**
 * The channel as an alert of `since` found it: also one that was turned off or removed then or later, so that what turns a channel
 * off cannot keep it from saying so. Undefined where it had been off before.
 */
export async function channelAt(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  since: Date,
): Promise<ChannelRow | undefined> {
  return tx.maybe<ChannelRow>({
    name: 'alert-channel.at',
    text: `select ${CHANNEL} from sealpost.alert_channel
      where organisation = $1 and id = $2 and (active or coalesce(removed_at, changed_at) >= $3)`,
    values: [organisation, id, since],
  });
}

/** Makes it, or changes the one with this id; false where it is gone. */
export async function putChannel(
  tx: Transaction,
  organisation: OrganisationId,
  row: ChannelRow,
): Promise<boolean> {
  const put = await tx.execute({
    name: 'alert-channel.put',
    text: `insert into sealpost.alert_channel as c (id, organisation, kind, settings, least, active, changed_by, changed_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (id) do update set settings = excluded.settings, least = excluded.least, active = excluded.active,
        changed_by = excluded.changed_by, changed_at = excluded.changed_at where c.removed_at is null`,
    values: [
      ...[row.id, organisation, row.kind, row.settings, row.least, row.active],
      ...[JSON.stringify(row.changed_by), row.changed_at],
    ],
  });
  return put === 1;
}

export async function removeChannel(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'alert-channel.remove',
    text: `update sealpost.alert_channel set removed_at = $3, active = false
      where organisation = $1 and id = $2 and removed_at is null`,
    values: [organisation, id, at],
  });
  return gone === 1;
}

/** In the place of a channel: mail to whoever operates the installation. Its own incidents have this one alone. */
export const OPERATORS = '00000000-0000-0000-0000-000000000000';

export interface SettingRow {
  readonly muted_until: Date | null;
  readonly escalate_minutes: number;
}

export async function alertSetting(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<SettingRow | undefined> {
  return tx.maybe<SettingRow>({
    name: 'alert-setting.read',
    text: 'select muted_until, escalate_minutes from sealpost.alert_setting where organisation = $1',
    values: [organisation],
  });
}

export async function putSetting(
  tx: Transaction,
  organisation: OrganisationId,
  row: SettingRow,
  by: Actor,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'alert-setting.put',
    text: `insert into sealpost.alert_setting (organisation, muted_until, escalate_minutes, changed_by, changed_at)
      values ($1, $2, $3, $4, $5)
      on conflict (organisation) do update set muted_until = excluded.muted_until,
        escalate_minutes = excluded.escalate_minutes, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    values: [organisation, row.muted_until, row.escalate_minutes, JSON.stringify(by), at],
  });
}

export type AlertReason = 'opened' | 'raised' | 'reopened' | 'escalated' | 'emergency' | 'test';

export interface AlertRow {
  readonly id: string;
  readonly incident: string | null;
  readonly channel: string;
  readonly reason: AlertReason;
  readonly severity: Severity;
  readonly state: 'waiting' | 'sent' | 'dead' | 'muted';
  readonly attempts: number;
  readonly failure: string | null;
  readonly created_at: Date;
  readonly due_at: Date;
  readonly give_up_at: Date;
  readonly ended_at: Date | null;
}

const ALERT =
  'id, incident, channel, reason, severity, state, attempts, failure, created_at, due_at, give_up_at, ended_at';

export type NewAlert = Pick<
  AlertRow,
  'id' | 'incident' | 'channel' | 'reason' | 'severity' | 'state' | 'created_at' | 'due_at' | 'give_up_at'
>;

export async function insertAlert(
  tx: Transaction,
  organisation: OrganisationId,
  row: NewAlert,
): Promise<void> {
  await tx.execute({
    name: 'alert.insert',
    text: `insert into sealpost.alert
        (id, organisation, incident, channel, reason, severity, state, created_at, due_at, give_up_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      ...[row.id, organisation, row.incident, row.channel, row.reason, row.severity, row.state],
      ...[row.created_at, row.due_at, row.give_up_at],
    ],
  });
}

/** Takes one that is due for an attempt: until `until` nobody else takes it. Undefined where it was taken or ended. */
export async function takeAlert(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  now: Date,
  until: Date,
): Promise<AlertRow | undefined> {
  return tx.maybe<AlertRow>({
    name: 'alert.take',
    text: `update sealpost.alert set attempts = attempts + 1, due_at = $4
      where organisation = $1 and id = $2 and state = 'waiting' and due_at <= $3 returning ${ALERT}`,
    values: [organisation, id, now, until],
  });
}

/** Ends an attempt; `attempts` is the fence: an attempt that took too long no longer counts. False then. */
export async function settleAlert(
  tx: Transaction,
  organisation: OrganisationId,
  alert: Pick<AlertRow, 'id' | 'attempts'>,
  end: {
    readonly state: 'waiting' | 'sent' | 'dead';
    readonly failure: string | null;
    readonly dueAt: Date;
    readonly endedAt: Date | null;
  },
): Promise<boolean> {
  const done = await tx.execute({
    name: 'alert.settle',
    text: `update sealpost.alert set state = $4, failure = $5, due_at = $6, ended_at = $7
      where organisation = $1 and id = $2 and attempts = $3 and state = 'waiting'`,
    values: [organisation, alert.id, alert.attempts, end.state, end.failure, end.dueAt, end.endedAt],
  });
  return done === 1;
}

/** The newest of each channel, to show whether it works. */
export async function newestAlerts(tx: Transaction, organisation: OrganisationId): Promise<AlertRow[]> {
  return tx.query<AlertRow>({
    name: 'alert.newest',
    text: `select distinct on (channel) ${ALERT} from sealpost.alert where organisation = $1 order by channel, id desc`,
    values: [organisation],
  });
}

export async function alertsOf(
  tx: Transaction,
  organisation: OrganisationId,
  incident: string,
): Promise<AlertRow[]> {
  return tx.query<AlertRow>({
    name: 'alert.of-incident',
    text: `select ${ALERT} from sealpost.alert where organisation = $1 and incident = $2 order by id limit 200`,
    values: [organisation, incident],
  });
}

export interface DueAlert {
  readonly organisation: OrganisationId;
  readonly alert: string;
}

/** Of all organisations; ids only. */
export async function dueAlerts(tx: Transaction, now: Date, most: number): Promise<DueAlert[]> {
  return tx.query<DueAlert>({
    name: 'alert.due',
    text: 'select organisation, alert from sealpost.due_alerts($1, $2)',
    values: [now, most],
  });
}

export async function sweepAlerts(
  tx: Transaction,
  organisation: OrganisationId,
  before: Date,
): Promise<number> {
  return tx.execute({
    name: 'alert.sweep',
    text: `delete from sealpost.alert where organisation = $1 and ended_at < $2`,
    values: [organisation, before],
  });
}
