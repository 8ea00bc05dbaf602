import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { isUuid } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  type ConnectionRow,
  deleteConnection,
  lockConnection,
  makeDue,
  putConnection,
  selectConnections,
} from './connection.store.ts';
import { type RunRow, selectRun, selectRuns, updateRun } from './run.store.ts';
import { type ConnectionSettings, type SealedSettings, sealedSettings } from './settings.ts';
import { handOf, type PlanLine, planBinding, type SyncPorts, settingsBinding } from './sync.ts';

/** What is set of a connection beside how the directory is reached. */
export interface ConnectionRule {
  readonly enabled: boolean;
  /** At least 1. */
  readonly everyMinutes: number;
  readonly guardPercent: number;
  readonly guardLeast: number;
}

/** What opens the directory. Undefined: as it was. Null: none. */
export interface ConnectionSecrets {
  readonly password?: string | null | undefined;
  readonly identity?: { readonly certificate: string; readonly key: string } | null | undefined;
}

export interface Connection {
  readonly id: string;
  readonly settings: ConnectionSettings;
  readonly hasPassword: boolean;
  readonly hasCertificate: boolean;
  readonly rule: ConnectionRule;
  readonly changedAt: Date;
  readonly dueAt: Date | null;
  readonly running: boolean;
  readonly last: RunRow | null;
}

type Ports = Omit<SyncPorts, 'network' | 'read'>;

const MOST_CONNECTIONS = 5;
const RUNS_SHOWN = 20;

async function opened({ vault }: Ports, caller: Caller, row: ConnectionRow): Promise<SealedSettings> {
  const text = await vault.openValue(settingsBinding(caller.organisation, row.id), row.settings);
  return sealedSettings.parse(JSON.parse(text.toString('utf8')));
}

async function view(ports: Ports, tx: Transaction, caller: Caller, row: ConnectionRow): Promise<Connection> {
  const { password, identity, ...settings } = await opened(ports, caller, row);
  const [last] = await selectRuns(tx, caller.organisation, row.id, 1);
  return {
    ...{ id: row.id, settings, hasPassword: password !== null, hasCertificate: identity !== null },
    rule: {
      ...{ enabled: row.enabled, everyMinutes: row.every_minutes },
      ...{ guardPercent: row.guard_percent, guardLeast: row.guard_least },
    },
    ...{ changedAt: row.changed_at, dueAt: row.due_at, last: last ?? null },
    running: row.held_until !== null && row.held_until > ports.clock.now(),
  };
}

const within = <Result>({ database }: Ports, caller: Caller, work: (tx: Transaction) => Promise<Result>) =>
  database.tenant([caller.organisation], 'app', work);

async function locked(tx: Transaction, caller: Caller, id: string): Promise<ConnectionRow> {
  const row = isUuid(id) ? await lockConnection(tx, caller.organisation, id) : undefined;
  if (row === undefined) throw new Refusal('not-found');
  return row;
}

async function onRecord({ audit }: Ports, tx: Transaction, caller: Caller, id: string, change: string) {
  const subjects = [{ kind: 'provisioning-connection', id }];
  await audit.append(
    tx,
    doneBy(caller, 'provisioning.connection-changed', { subjects, details: { change } }),
  );
}

export const listConnections = (ports: Ports, caller: Caller): Promise<Connection[]> =>
  within(ports, caller, async (tx) => {
    const rows = await selectConnections(tx, caller.organisation);
    return Promise.all(rows.map((row) => view(ports, tx, caller, row)));
  });

/** Adds a connection, or changes one (`id`). Where it is on, its next pass is due at once: within the guard, it acts. */
export function saveConnection(
  ports: Ports,
  caller: Caller,
  id: string | null,
  given: {
    readonly settings: ConnectionSettings;
    readonly secrets: ConnectionSecrets;
    readonly rule: ConnectionRule;
  },
): Promise<Connection> {
  const { organisation } = caller;
  const { settings, secrets, rule } = given;
  return within(ports, caller, async (tx) => {
    const before = id === null ? null : await opened(ports, caller, await locked(tx, caller, id));
    if (id === null && (await selectConnections(tx, organisation)).length >= MOST_CONNECTIONS)
      throw new Refusal('limit-reached');
    const moved =
      before !== null &&
      (before.host !== settings.host || before.port !== settings.port || before.bindDn !== settings.bindDn);
    // What opens one directory is not shown to another: who changes the address must know the secret.
    if (moved && secrets.password === undefined && before.password !== null)
      throw new Refusal('invalid', { path: 'password', reason: 'needed-again' });
    // Who answers for the directory puts people into its groups: nobody points it elsewhere who does not hold what those give.
    if (id !== null) await ports.groups.requireGiven(tx, caller, handOf(caller, id).source);
    const password = secrets.password === undefined ? (before?.password ?? null) : secrets.password;
    const identity = secrets.identity === undefined ? (before?.identity ?? null) : secrets.identity;
    if ((settings.bindDn === null) !== (password === null))
      throw new Refusal('invalid', { path: 'password', reason: 'name-and-password' });
    const row = id ?? newId(ports.clock);
    const now = ports.clock.now();
    const sealed: SealedSettings = { ...settings, password, identity };
    const binding = settingsBinding(organisation, row);
    await putConnection(tx, organisation, {
      ...{ id: row, enabled: rule.enabled, every_minutes: rule.everyMinutes, changed_at: now },
      ...{
        guard_percent: rule.guardPercent,
        guard_least: rule.guardLeast,
        due_at: rule.enabled ? now : null,
      },
      settings: await ports.vault.sealValue('configuration', binding, JSON.stringify(sealed)),
    });
    await onRecord(ports, tx, caller, row, before === null ? 'added' : 'changed');
    return view(ports, tx, caller, await locked(tx, caller, row));
  });
}

/** Forgets a connection. Its people stay as if added by hand; its groups go, with the roles that they gave. */
export const removeConnection = (ports: Ports, caller: Caller, id: string): Promise<void> =>
  within(ports, caller, async (tx) => {
    await locked(tx, caller, id);
    const hand = handOf(caller, id);
    // Nobody takes from others what they do not hold themselves.
    await ports.groups.requireGiven(tx, caller, hand.source);
    for (const group of await ports.groups.list(tx, hand, false))
      await ports.groups.remove(tx, hand, group.id);
    await ports.people.release(tx, caller.organisation, hand.source);
    await deleteConnection(tx, caller.organisation, id);
    await onRecord(ports, tx, caller, id, 'removed');
  });

/** Lets a pass begin within seconds: `id` null means every connection that is on. How many that were. */
export const askForPass = (ports: Ports, caller: Caller, id: string | null, dry: boolean): Promise<number> =>
  within(ports, caller, async (tx) => {
    const { organisation } = caller;
    const rows =
      id === null
        ? (await selectConnections(tx, organisation)).filter(({ enabled }) => enabled)
        : [await locked(tx, caller, id)];
    const [off] = rows.filter(({ enabled }) => !enabled);
    if (off !== undefined && !dry) throw new Refusal('wrong-state', { state: 'off' });
    for (const row of rows) await makeDue(tx, organisation, row.id, ports.clock.now(), dry);
    return rows.length;
  });

export const listRuns = (ports: Ports, caller: Caller, id: string): Promise<RunRow[]> =>
  within(ports, caller, async (tx) => {
    await locked(tx, caller, id);
    return selectRuns(tx, caller.organisation, id, RUNS_SHOWN);
  });

/** A pass with what it would do, or did. Refusal `not-found`. */
export const readRun = (
  ports: Ports,
  caller: Caller,
  id: string,
): Promise<{ readonly run: RunRow; readonly lines: readonly PlanLine[] }> =>
  within(ports, caller, async (tx) => {
    const run = isUuid(id) ? await selectRun(tx, caller.organisation, id) : undefined;
    if (run === undefined) throw new Refusal('not-found');
    if (run.plan === null) return { run, lines: [] };
    const text = await ports.vault.openValue(planBinding(caller.organisation, id), run.plan);
    return { run, lines: JSON.parse(text.toString('utf8')) };
  });

/** Somebody's word that a stopped pass is right: the next one may end these people, and nobody else beyond the guard. */
export const confirmRun = (ports: Ports, caller: Caller, id: string): Promise<void> =>
  within(ports, caller, async (tx) => {
    const { organisation } = caller;
    const run = isUuid(id) ? await selectRun(tx, organisation, id) : undefined;
    if (run === undefined) throw new Refusal('not-found');
    const connection = await locked(tx, caller, run.connection);
    const [newest] = await selectRuns(tx, organisation, run.connection, 1);
    if (run.state !== 'stopped' || newest?.id !== id || !connection.enabled)
      throw new Refusal('wrong-state', { state: newest?.id === id ? run.state : 'superseded' });
    const now = ports.clock.now();
    await updateRun(tx, organisation, id, { confirmed_at: now });
    await makeDue(tx, organisation, run.connection, now, false);
    const subjects = [
      { kind: 'provisioning-connection', id: run.connection },
      { kind: 'provisioning-run', id },
    ];
    const details = { change: 'confirmed', ending: run.ending.length };
    await ports.audit.append(tx, doneBy(caller, 'provisioning.connection-changed', { subjects, details }));
  });
