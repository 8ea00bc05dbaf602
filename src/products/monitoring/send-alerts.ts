import { createHmac } from 'node:crypto';
import type { NoticeId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { DatabaseUnavailable } from '#platform/database';
import { describeFault, newId } from '#platform/runtime';
import { wordAlert, wordEmergency } from '#platform/text';
import {
  type AlertRow,
  channelAt,
  type DueAlert,
  dueAlerts,
  OPERATORS,
  settleAlert,
  takeAlert,
} from './alert.store.ts';
import { GIVE_UP_MS } from './alerting.ts';
import { type ChannelSettings, openSettings } from './channel-settings.ts';
import { type IncidentRow, incidentById, insertStep } from './incident.store.ts';
import { bySystem, type MonitoringPorts, type Operator, SYSTEM } from './ports.ts';

const MOST_DUE = 50;
/** An attempt that takes longer counts as failed, and somebody else may take the alert. */
const LEASE_MS = 60_000;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

/** What came of an attempt: a null code is success. */
type Outcome = { readonly failure: string | null; readonly final?: true };

interface Ready {
  readonly alert: AlertRow;
  readonly incident: IncidentRow | null;
  readonly settings: ChannelSettings | null;
  /** The channel has been turned off since: one attempt, and no further. */
  readonly last: boolean;
}

/** Sends what is due. Mail is lined up once, with the transaction that ends the alert; others are repeated where nobody knows. */
export async function sendAlerts(ports: MonitoringPorts): Promise<number> {
  const due = await ports.database.system('worker', (tx) => dueAlerts(tx, ports.clock.now(), MOST_DUE));
  for (const one of due) {
    try {
      await sendOne(ports, one);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw error;
      ports.logger.error('alert-failed', { ...describeFault(error), organisation: one.organisation });
    }
  }
  return due.length;
}

async function sendOne(ports: MonitoringPorts, { organisation, alert }: DueAlert): Promise<void> {
  const now = ports.clock.now();
  const ready = await ports.database.tenant([organisation], 'worker', async (tx): Promise<Ready | null> => {
    const row = await takeAlert(tx, organisation, alert, now, new Date(now.getTime() + LEASE_MS));
    if (row === undefined) return null;
    const channel = await channelAt(tx, organisation, row.channel, row.created_at);
    const settings = channel === undefined ? null : await openSettings(ports.vault, organisation, channel);
    const last = channel !== undefined && !channel.active;
    const incident =
      row.incident === null ? null : ((await incidentById(tx, [organisation], row.incident)) ?? null);
    return { alert: row, incident, settings, last };
  });
  if (ready === null) return;
  if (ready.alert.channel === OPERATORS) return mail(ports, organisation, ready, await ports.operators());
  if (ready.settings?.kind === 'mail') {
    const readers = await readersOf(ports, organisation, ready.settings.people);
    return mail(ports, organisation, ready, readers);
  }
  const handed = await handOver(ports, organisation, ready);
  const outcome: Outcome = handed.failure !== null && ready.last ? { ...handed, final: true } : handed;
  await ports.database.tenant([organisation], 'worker', (tx) =>
    settle(ports, tx, organisation, ready, outcome),
  );
}

async function readersOf(
  ports: MonitoringPorts,
  organisation: OrganisationId,
  people: readonly string[],
): Promise<Operator[]> {
  const locale = await ports.locale(organisation);
  const readers = await Promise.all(people.map((one) => ports.reader(organisation, one as never)));
  return readers.flatMap((address) => (address === null ? [] : [{ organisation, address, locale }]));
}

async function mail(
  ports: MonitoringPorts,
  organisation: OrganisationId,
  ready: Ready,
  people: readonly Operator[],
): Promise<void> {
  const tenants = [...new Set([organisation, ...people.map((one) => one.organisation)])];
  await ports.database.tenant(tenants, 'worker', async (tx) => {
    const outcome: Outcome =
      people.length === 0 ? { failure: 'nobody-to-tell', final: true } : { failure: null };
    if (!(await settle(ports, tx, organisation, ready, outcome))) return;
    const { incident, reason, severity } = ready.alert;
    const rule = ready.incident?.rule ?? null;
    for (const { address: to, locale, organisation: by } of people) {
      const notice = {
        ...{ id: newId(ports.clock) as NoticeId, organisation: by, to, locale },
        body: { kind: 'security-alert', incident, rule, severity, reason } as const,
      };
      await ports.sendNotice(tx, notice, new Date(ports.clock.now().getTime() + GIVE_UP_MS));
    }
  });
}

async function handOver(
  ports: MonitoringPorts,
  organisation: OrganisationId,
  ready: Ready,
): Promise<Outcome> {
  const { settings } = ready;
  if (settings === null) return { failure: 'channel-off', final: true };
  switch (settings.kind) {
    case 'mail':
      throw new TypeError('mail is lined up, not handed over');
    case 'text':
      return text(ports, organisation, ready.alert, settings.numbers);
    case 'webhook':
      return webhook(ports, organisation, ready, settings);
  }
}

async function text(
  ports: MonitoringPorts,
  organisation: OrganisationId,
  alert: AlertRow,
  numbers: readonly string[],
): Promise<Outcome> {
  const gateway = await ports.gateway(organisation);
  if (gateway === null) return { failure: 'no-gateway' };
  const locale = await ports.locale(organisation);
  const words =
    alert.reason === 'emergency'
      ? wordEmergency(locale)
      : wordAlert(locale, alert.severity, alert.incident ?? alert.id);
  const outcomes = await Promise.all(
    numbers.map((number) => gateway.handOver({ organisation, number, words })),
  );
  // One telephone that has it is enough: to repeat it for the others would ring the first one again.
  if (outcomes.some(({ kind }) => kind === 'taken' || kind === 'unknown')) return { failure: null };
  const [first] = outcomes;
  const failure = first !== undefined && 'code' in first ? first.code : 'refused';
  return outcomes.every(({ kind }) => kind === 'refused') ? { failure, final: true } : { failure };
}

/** What a webhook is told: ids and codes, nothing of a person. */
export function webhookBody(
  organisation: OrganisationId,
  { alert, incident }: Omit<Ready, 'settings'>,
): string {
  return JSON.stringify({
    ...{
      type: 'sealpost.alert/1',
      id: alert.id,
      organisation,
      reason: alert.reason,
      severity: alert.severity,
    },
    createdAt: alert.created_at.toISOString(),
    incident:
      incident === null
        ? null
        : {
            ...{ id: incident.id, rule: incident.rule, state: incident.state, hits: incident.hits },
            openedAt: incident.opened_at.toISOString(),
            lastAt: incident.last_at.toISOString(),
          },
  });
}

/** HMAC-SHA256 over time, a dot and the body, so that an old call cannot be played again as a new one. */
export function signWebhook(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

async function webhook(
  ports: MonitoringPorts,
  organisation: OrganisationId,
  ready: Ready,
  { url, secret }: Extract<ChannelSettings, { kind: 'webhook' }>,
): Promise<Outcome> {
  const body = webhookBody(organisation, ready);
  const seconds = Math.floor(ports.clock.now().getTime() / 1000);
  const headers = {
    'content-type': 'application/json',
    'sealpost-signature': signWebhook(secret, seconds, body),
  };
  const answer = await ports.post(url, headers, body);
  if (answer.kind === 'failed') return { failure: answer.code };
  return { failure: answer.status >= 200 && answer.status < 300 ? null : `status-${answer.status}` };
}

/** Ends the attempt with its audit entry: sent, dead, or waiting for the next one. False where it no longer counts. */
async function settle(
  ports: MonitoringPorts,
  tx: Transaction,
  organisation: OrganisationId,
  { alert, settings }: Ready,
  { failure, final }: Outcome,
): Promise<boolean> {
  const now = ports.clock.now();
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (alert.attempts - 1), LONGEST_WAIT_MS);
  const next = new Date(now.getTime() + wait);
  const dead = failure !== null && (final === true || next >= alert.give_up_at);
  const state = failure === null ? 'sent' : dead ? 'dead' : 'waiting';
  const end = { state, failure, dueAt: next, endedAt: state === 'waiting' ? null : now } as const;
  if (!(await settleAlert(tx, organisation, alert, end))) return false;
  if (state === 'waiting') return true;
  const channel = alert.channel === OPERATORS ? 'operators' : (settings?.kind ?? 'none');
  const details = {
    channel,
    reason: alert.reason,
    severity: alert.severity,
    attempts: alert.attempts,
    failure,
  };
  const subjects = [
    ...(alert.incident === null ? [] : [{ kind: 'incident', id: alert.incident }]),
    { kind: 'alert', id: alert.id },
  ];
  const action = state === 'sent' ? 'alert.sent' : 'alert.failed';
  const result = state === 'sent' ? 'done' : 'failed';
  await ports.audit.append(tx, bySystem(organisation, action, { subjects, details, result }));
  if (alert.incident !== null) {
    const kind = state === 'sent' ? 'alerted' : 'alert-failed';
    const step = {
      id: newId(ports.clock),
      kind,
      actor: SYSTEM,
      details: { channel, failure },
      note: null,
      at: now,
    };
    await insertStep(tx, organisation, alert.incident, step);
  }
  return true;
}
