import type { Actor, Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { takeFromHour } from '#platform/record';
import { newId } from '#platform/runtime';
import { maskNumber, parseNumber } from '#platform/text';
import {
  type AlertRow,
  alertSetting,
  type ChannelKind,
  type ChannelRow,
  channelRows,
  insertAlert,
  newestAlerts,
  putChannel,
  putSetting,
  removeChannel,
} from './alert.store.ts';
import { ESCALATE_MINUTES, GIVE_UP_MS, rank } from './alerting.ts';
import { type ChannelSettings, newWebhookSecret, openSettings, sealSettings } from './channel-settings.ts';
import type { MonitoringPorts } from './ports.ts';
import type { Severity } from './rule.ts';
import { tellWeakened } from './tell-weakened.ts';

/** A channel as people see it: telephone numbers masked, the secret of a webhook never shown again. */
export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly label: string;
  readonly people: readonly string[];
  readonly numbers: readonly string[];
  readonly url: string | null;
  readonly least: Severity;
  readonly active: boolean;
  readonly changedBy: Actor;
  readonly changedAt: Date;
  readonly newest: AlertRow | null;
}

export type ChannelInput =
  | { readonly kind: 'mail'; readonly label: string; readonly people: readonly string[] }
  | { readonly kind: 'text'; readonly label: string; readonly numbers: readonly string[] }
  | { readonly kind: 'webhook'; readonly label: string; readonly url: string };

export interface NewChannel {
  readonly to: ChannelInput;
  readonly least: Severity;
  readonly active: boolean;
}

export interface AlertSettings {
  readonly mutedUntil: Date | null;
  readonly escalateMinutes: number;
}

export interface Channels {
  list(caller: Caller): Promise<readonly Channel[]>;
  /** The secret of a new webhook is told here and never again. Refusals: `limit-reached`, `invalid`. */
  make(
    caller: Caller,
    wanted: NewChannel,
  ): Promise<{ readonly channel: Channel; readonly secret: string | null }>;
  /** Severity and switch alone: another receiver is another channel. Refusal `not-found`. */
  change(caller: Caller, id: string, change: Pick<NewChannel, 'least' | 'active'>): Promise<Channel>;
  remove(caller: Caller, id: string): Promise<void>;
  /** Lines up a test; what came of it is seen in the list. Refusals: `not-found`, `limit-reached`. */
  test(caller: Caller, id: string): Promise<void>;
  settings(caller: Caller): Promise<AlertSettings>;
  setSettings(caller: Caller, settings: AlertSettings): Promise<AlertSettings>;
}

const MOST_CHANNELS = 20;
const TESTS_PER_HOUR = 20;
const MOST_MUTE_MS = 7 * 86_400_000;

export function createChannels(ports: MonitoringPorts): Channels {
  const { database, vault, audit, clock } = ports;
  const view = async (caller: Caller, row: ChannelRow, newest: readonly AlertRow[]): Promise<Channel> => {
    const to = await openSettings(vault, caller.organisation, row);
    return {
      ...{ id: row.id, kind: row.kind, label: to.label, least: row.least, active: row.active },
      people: to.kind === 'mail' ? to.people : [],
      numbers: to.kind === 'text' ? to.numbers.map(maskNumber) : [],
      url: to.kind === 'webhook' ? to.url : null,
      ...{ changedBy: row.changed_by, changedAt: row.changed_at },
      newest: newest.find(({ channel }) => channel === row.id) ?? null,
    };
  };
  const held = async (caller: Caller, id: string) => {
    const { organisation } = caller;
    const rows = await database.tenant([organisation], 'app', (tx) => channelRows(tx, organisation));
    const row = rows.find((one) => one.id === id);
    if (row === undefined) throw new Refusal('not-found');
    return row;
  };
  return {
    async list(caller) {
      const { organisation } = caller;
      const [rows, newest] = await database.tenant([organisation], 'app', (tx) =>
        Promise.all([channelRows(tx, organisation), newestAlerts(tx, organisation)]),
      );
      return Promise.all(rows.map((row) => view(caller, row, newest)));
    },
    async make(caller, { to, least, active }) {
      const { organisation, actor } = caller;
      const id = newId(clock);
      const settings = await settingsOf(ports, caller, to);
      const sealed = await sealSettings(vault, organisation, id, settings);
      const row = {
        ...{ id, kind: to.kind, settings: sealed, least, active, changed_by: actor, changed_at: clock.now() },
      };
      await database.tenant([organisation], 'app', async (tx) => {
        if ((await channelRows(tx, organisation)).length >= MOST_CHANNELS)
          throw new Refusal('limit-reached', { channels: MOST_CHANNELS });
        await putChannel(tx, organisation, row);
        const details = { kind: to.kind, least, active, added: true };
        await audit.append(tx, doneBy(caller, 'alert-channel.changed', { details, subjects: subjectOf(id) }));
      });
      const secret = settings.kind === 'webhook' ? settings.secret : null;
      return { channel: await view(caller, row, []), secret };
    },
    async change(caller, id, { least, active }) {
      const { organisation, actor } = caller;
      const before = await held(caller, id);
      const row = { ...before, least, active, changed_by: actor, changed_at: clock.now() };
      const loosened =
        before.active && !active ? 'off' : rank(least) > rank(before.least) ? 'severity' : null;
      await database.tenant([organisation], 'app', async (tx) => {
        if (loosened !== null) await tellWeakened(ports, tx, organisation, 'alert-channel.changed');
        if (!(await putChannel(tx, organisation, row))) throw new Refusal('not-found');
        const details = { kind: row.kind, least, active, loosened };
        await audit.append(tx, doneBy(caller, 'alert-channel.changed', { details, subjects: subjectOf(id) }));
      });
      return view(caller, row, []);
    },
    async remove(caller, id) {
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        await tellWeakened(ports, tx, organisation, 'alert-channel.removed');
        if (!(await removeChannel(tx, organisation, id, clock.now()))) throw new Refusal('not-found');
        const details = { loosened: 'removed' };
        await audit.append(tx, doneBy(caller, 'alert-channel.removed', { details, subjects: subjectOf(id) }));
      });
    },
    async test(caller, id) {
      const { organisation } = caller;
      const { kind } = await held(caller, id);
      const now = clock.now();
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await takeFromHour(tx, organisation, 'alert-tests', 1, TESTS_PER_HOUR)))
          throw new Refusal('limit-reached', { perHour: TESTS_PER_HOUR });
        await insertAlert(tx, organisation, {
          ...{
            id: newId(clock),
            incident: null,
            channel: id,
            reason: 'test',
            severity: 'low',
            state: 'waiting',
          },
          ...{ created_at: now, due_at: now, give_up_at: new Date(now.getTime() + GIVE_UP_MS) },
        });
        await audit.append(
          tx,
          doneBy(caller, 'alert-channel.tested', { details: { kind }, subjects: subjectOf(id) }),
        );
      });
    },
    settings: ({ organisation }) =>
      database.tenant([organisation], 'app', async (tx) => {
        const row = await alertSetting(tx, organisation);
        return {
          mutedUntil: row?.muted_until ?? null,
          escalateMinutes: row?.escalate_minutes ?? ESCALATE_MINUTES,
        };
      }),
    async setSettings(caller, wanted) {
      const { organisation, actor } = caller;
      const now = clock.now();
      const { mutedUntil, escalateMinutes } = wanted;
      if (mutedUntil !== null && mutedUntil.getTime() - now.getTime() > MOST_MUTE_MS)
        throw new Refusal('invalid', { path: 'mutedUntil' });
      await database.tenant([organisation], 'app', async (tx) => {
        const row = { muted_until: mutedUntil, escalate_minutes: escalateMinutes };
        const muted = mutedUntil !== null && mutedUntil > now;
        if (muted || escalateMinutes === 0)
          await tellWeakened(ports, tx, organisation, 'alert-settings.changed');
        await putSetting(tx, organisation, row, actor, now);
        const details = {
          mutedUntil: mutedUntil?.toISOString() ?? null,
          escalateMinutes,
          loosened: muted ? 'muted' : escalateMinutes === 0 ? 'no-escalation' : null,
        };
        await audit.append(tx, doneBy(caller, 'alert-settings.changed', { details }));
      });
      return wanted;
    },
  };
}

const subjectOf = (id: string) => [{ kind: 'alert-channel', id }];

async function settingsOf(
  ports: MonitoringPorts,
  caller: Caller,
  to: ChannelInput,
): Promise<ChannelSettings> {
  switch (to.kind) {
    case 'mail': {
      const people = [...new Set(to.people)];
      for (const one of people) {
        // Whoever may not see incidents is not told of them either.
        const reader = await ports.reader(caller.organisation, one as IdentityId);
        if (reader === null) throw new Refusal('invalid', { path: 'to.people' });
      }
      return { kind: 'mail', label: to.label, people };
    }
    case 'text': {
      const numbers = to.numbers.map((one) => parseNumber(one));
      if (numbers.includes(null)) throw new Refusal('invalid', { path: 'to.numbers' });
      return { kind: 'text', label: to.label, numbers: numbers.filter((one) => one !== null) };
    }
    case 'webhook':
      return { kind: 'webhook', label: to.label, url: to.url, secret: newWebhookSecret() };
  }
}
