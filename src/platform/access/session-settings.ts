import { z } from 'zod';
import type { Caller } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type AccessPorts, auditEntry } from './ports.ts';
import { readSettingsRow, storeSettingsRow } from './session-settings.store.ts';

const limits = {
  idleMinutes: z.int().min(2).max(240),
  absoluteHours: z.int().min(1).max(24),
};

/** What an organisation asks of the sessions of its people. Of several roles with time-outs of their own the shortest holds. */
export const sessionSettingsSchema = z
  .strictObject({
    /** How long ago a factor may have been proven for acts that ask for it: minutes. */
    stepUpMinutes: z.int().min(1).max(60),
    /** How many sessions a person may have at once; the oldest end when there are more. Null: any number. */
    sessionLimit: z.int().min(1).max(50).nullable(),
    timeOuts: z.strictObject({
      usual: z.strictObject(limits),
      roles: z.array(z.strictObject({ role: z.string().min(1).max(64), ...limits })).max(50),
    }),
  })
  .meta({ id: 'SessionSettings' });

export type SessionSettings = z.output<typeof sessionSettingsSchema>;

export const USUAL_SETTINGS: SessionSettings = {
  stepUpMinutes: 10,
  sessionLimit: null,
  timeOuts: {
    usual: { idleMinutes: 30, absoluteHours: 12 },
    roles: ['administrator', 'it-administrator'].map((role) => ({ role, idleMinutes: 15, absoluteHours: 8 })),
  },
};

export interface TimeOut {
  readonly idleSeconds: number;
  readonly absoluteMs: number;
}

/** The time-outs of somebody with these roles: the shortest of what applies to them. */
export function timeOutOf({ timeOuts }: SessionSettings, roles: readonly string[]): TimeOut {
  const own = timeOuts.roles.filter(({ role }) => roles.includes(role));
  const all = own.length === 0 ? [timeOuts.usual] : own;
  return {
    idleSeconds: Math.min(...all.map(({ idleMinutes }) => idleMinutes)) * 60,
    absoluteMs: Math.min(...all.map(({ absoluteHours }) => absoluteHours)) * 3_600_000,
  };
}

export async function readSettings(tx: Transaction, organisation: OrganisationId): Promise<SessionSettings> {
  const row = await readSettingsRow(tx, organisation);
  if (row === undefined) return USUAL_SETTINGS;
  return sessionSettingsSchema.parse({
    stepUpMinutes: row.step_up_minutes,
    sessionLimit: row.session_limit,
    timeOuts: row.time_outs,
  });
}

/** Stores what the organisation asks from now on; running sessions keep their time-outs where the new ones are longer. */
export async function changeSettings(
  { database, audit, clock }: Pick<AccessPorts, 'database' | 'audit' | 'clock'>,
  caller: Caller,
  settings: SessionSettings,
): Promise<void> {
  const { organisation, actor } = caller;
  await database.tenant([organisation], 'app', async (tx) => {
    await storeSettingsRow(tx, organisation, settings, clock.now());
    const details = {
      stepUpMinutes: settings.stepUpMinutes,
      sessionLimit: settings.sessionLimit ?? 0,
      idleMinutes: settings.timeOuts.usual.idleMinutes,
      absoluteHours: settings.timeOuts.usual.absoluteHours,
    };
    const subjects = [{ kind: 'organisation', id: organisation }];
    const entry = { organisation, action: 'session-settings.changed', actor, subjects, details };
    await audit.append(tx, auditEntry(caller, entry));
  });
}
