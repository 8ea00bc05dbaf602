import { isDeepStrictEqual } from 'node:util';
import type { Actor, Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { isUuid, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { channelRows } from './alert.store.ts';
import type { MonitoringPorts } from './ports.ts';
import { READY_RULES, type ReadyRule, readyRule } from './ready-rules.ts';
import { insertRule, type RuleRow, removeRule, ruleRows, updateRule } from './rule.store.ts';
import { type Definition, SEVERITIES, type Severity } from './rule.ts';
import { tellWeakened } from './tell-weakened.ts';

/** A rule as people see it. */
export interface Rule {
  /** Code of a ready rule, or id of an own one. */
  readonly id: string;
  readonly ready: boolean;
  /** What its makers called it; null for a ready rule, whose words go with its code. */
  readonly name: string | null;
  readonly definition: Definition;
  readonly severity: Severity;
  readonly active: boolean;
  readonly channels: readonly string[] | null;
  /** 0 for a ready rule that nobody changed. */
  readonly revision: number;
  readonly changedBy: Actor | null;
  readonly changedAt: Date | null;
}

export interface RuleChange {
  readonly name?: string | undefined;
  readonly definition?: Definition | undefined;
  readonly severity?: Severity | undefined;
  readonly active?: boolean | undefined;
  readonly channels?: readonly string[] | null | undefined;
}

export interface Rules {
  list(caller: Caller): Promise<readonly Rule[]>;
  /** Refusals: `limit-reached`, `invalid` for a channel that is not there. */
  make(
    caller: Caller,
    rule: Pick<Rule, 'definition' | 'severity' | 'active' | 'channels'> & { readonly name: string },
  ): Promise<Rule>;
  /** Refusals: `not-found`, `version-conflict` where it was changed since `revision`, `invalid`. */
  change(caller: Caller, id: string, revision: number, change: RuleChange): Promise<Rule>;
  /** An own rule for good, a ready one to what it was at first. Refusal `not-found`. */
  remove(caller: Caller, id: string): Promise<void>;
}

const MOST_OWN = 100;

const nameBinding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, row },
  field: 'alert_rule.name',
});

export function createRules(ports: MonitoringPorts): Rules {
  const { database, audit, clock } = ports;
  const all = async (tx: Transaction, organisation: OrganisationId): Promise<Rule[]> => {
    const rows = await ruleRows(tx, organisation);
    const own = rows.filter(({ ready }) => ready === null);
    return [
      ...READY_RULES.map((one) =>
        overlaid(
          one,
          rows.find(({ ready }) => ready === one.code),
        ),
      ),
      ...(await Promise.all(own.map((row) => openRule(ports, organisation, row)))),
    ];
  };
  return {
    list: ({ organisation }) => database.tenant([organisation], 'app', (tx) => all(tx, organisation)),
    async make(caller, wanted) {
      const { organisation, actor } = caller;
      const id = newId(clock);
      const at = clock.now();
      const rule: Rule = {
        ...{ ...wanted, id, ready: false, revision: 1, changedBy: actor, changedAt: at },
      };
      await database.tenant([organisation], 'app', async (tx) => {
        const rows = await ruleRows(tx, organisation);
        if (rows.filter(({ ready }) => ready === null).length >= MOST_OWN)
          throw new Refusal('limit-reached', { rules: MOST_OWN });
        await requireChannels(tx, organisation, wanted.channels);
        await insertRule(tx, organisation, await rowOf(ports, organisation, id, rule, actor, at));
        await audit.append(tx, changedEntry(caller, null, rule));
      });
      return rule;
    },
    async change(caller, id, revision, change) {
      const { organisation, actor } = caller;
      const at = clock.now();
      return database.tenant([organisation], 'app', async (tx) => {
        const before = (await all(tx, organisation)).find((one) => one.id === id);
        if (before === undefined) throw new Refusal('not-found');
        if (before.revision !== revision) throw new Refusal('version-conflict', { newest: before.revision });
        await requireChannels(tx, organisation, change.channels ?? null);
        const rule = merged(before, change, { revision: revision + 1, changedBy: actor, changedAt: at });
        if (loosenedBy(before, rule) !== null)
          await tellWeakened(ports, tx, organisation, 'alert-rule.changed');
        const rows = await ruleRows(tx, organisation);
        const row = rows.find((one) => (one.ready ?? one.id) === id);
        const next = await rowOf(ports, organisation, row?.id ?? newId(clock), rule, actor, at);
        const kept =
          row === undefined
            ? await insertRule(tx, organisation, next)
            : await updateRule(tx, organisation, next, revision);
        if (!kept) throw new Refusal('version-conflict', { newest: revision + 1 });
        await audit.append(tx, changedEntry(caller, before, rule));
        return rule;
      });
    },
    async remove(caller, id) {
      const { organisation, actor } = caller;
      const at = clock.now();
      const ready = readyRule(id);
      await database.tenant([organisation], 'app', async (tx) => {
        const before = (await all(tx, organisation)).find((one) => one.id === id);
        if (before === undefined) throw new Refusal('not-found');
        if (ready === undefined) {
          if (before.active) await tellWeakened(ports, tx, organisation, 'alert-rule.changed');
          if (!isUuid(id) || !(await removeRule(tx, organisation, id, at))) throw new Refusal('not-found');
          const details = {
            rule: id,
            active: false,
            removed: true,
            loosened: before.active ? 'removed' : null,
          };
          await audit.append(tx, doneBy(caller, 'alert-rule.changed', { details }));
          return;
        }
        const row = (await ruleRows(tx, organisation)).find((one) => one.ready === id);
        if (row === undefined) return;
        const rule = { ...overlaid(ready, undefined), revision: row.revision + 1 };
        if (loosenedBy(before, rule) !== null)
          await tellWeakened(ports, tx, organisation, 'alert-rule.changed');
        const next = await rowOf(ports, organisation, row.id, rule, actor, at);
        if (!(await updateRule(tx, organisation, next, row.revision))) throw new Refusal('version-conflict');
        await audit.append(tx, changedEntry(caller, before, rule));
      });
    },
  };
}

function overlaid(ready: ReadyRule, row: RuleRow | undefined): Rule {
  return {
    id: ready.code,
    ready: true,
    name: null,
    definition: row?.definition ?? ready.definition,
    severity: row?.severity ?? ready.severity,
    active: row?.active ?? ready.on,
    channels: row?.channels ?? null,
    revision: row?.revision ?? 0,
    changedBy: row?.changed_by ?? null,
    changedAt: row?.changed_at ?? null,
  };
}

function merged(
  before: Rule,
  change: RuleChange,
  last: Pick<Rule, 'revision' | 'changedBy' | 'changedAt'>,
): Rule {
  return {
    ...before,
    ...last,
    name: before.ready ? null : (change.name ?? before.name),
    definition: change.definition ?? before.definition,
    severity: change.severity ?? before.severity,
    active: change.active ?? before.active,
    channels: change.channels === undefined ? before.channels : change.channels,
  };
}

async function openRule(
  { vault }: MonitoringPorts,
  organisation: OrganisationId,
  row: RuleRow,
): Promise<Rule> {
  const { id, name, definition, severity, active, channels, revision } = row;
  const opened = name === null ? '' : await vault.openValue(nameBinding(organisation, id), name);
  return {
    ...{ id, ready: false, name: opened.toString(), definition, severity, active, channels, revision },
    changedBy: row.changed_by,
    changedAt: row.changed_at,
  };
}

async function rowOf(
  { vault }: MonitoringPorts,
  organisation: OrganisationId,
  id: string,
  rule: Rule,
  by: Actor,
  at: Date,
): Promise<RuleRow> {
  const { definition, severity, active, channels, name } = rule;
  return {
    ...{ id, definition, severity, active, channels },
    ready: rule.ready ? rule.id : null,
    name:
      rule.ready || name === null
        ? null
        : await vault.sealValue('configuration', nameBinding(organisation, id), name),
    revision: Math.max(rule.revision, 1),
    changed_by: by,
    changed_at: at,
  };
}

async function requireChannels(
  tx: Transaction,
  organisation: OrganisationId,
  channels: readonly string[] | null,
): Promise<void> {
  if (channels === null) return;
  const known = new Set((await channelRows(tx, organisation)).map(({ id }) => id));
  if (!channels.every((one) => known.has(one))) throw new Refusal('invalid', { path: 'channels' });
}

/** What makes a rule find less is said so, for the rule that watches over the rules. */
function changedEntry(caller: Caller, before: Rule | null, rule: Rule) {
  const details = {
    rule: rule.id,
    active: rule.active,
    severity: rule.severity,
    ...limitsOf(rule.definition),
    loosened: before === null ? null : loosenedBy(before, rule),
  };
  return doneBy(caller, 'alert-rule.changed', { details });
}

function limitsOf({ detector: one }: Definition): Record<string, number | string> {
  if (one.kind === 'count')
    return { detector: one.kind, threshold: one.threshold, window: one.windowSeconds };
  if (one.kind === 'baseline')
    return { detector: one.kind, threshold: one.floor, deviations: one.deviations };
  return { detector: one.kind };
}

function loosenedBy(before: Rule, rule: Rule): string | null {
  if (before.active && !rule.active) return 'off';
  if (SEVERITIES.indexOf(rule.severity) < SEVERITIES.indexOf(before.severity)) return 'severity';
  if (narrower(before.channels, rule.channels)) return 'channels';
  const [was, is] = [before.definition.detector, rule.definition.detector];
  if (was.kind !== is.kind) return 'detector';
  if (was.kind === 'count' && is.kind === 'count') {
    if (is.threshold > was.threshold || is.windowSeconds < was.windowSeconds) return 'threshold';
  }
  if (was.kind === 'baseline' && is.kind === 'baseline') {
    if (is.floor > was.floor || is.deviations > was.deviations) return 'threshold';
  }
  // What a rule looks at is not compared for more and less: another look may pass over what the one before saw.
  return isDeepStrictEqual(looksAt(before.definition), looksAt(rule.definition)) ? null : 'definition';
}

/** Null is every channel. */
function narrower(was: readonly string[] | null, is: readonly string[] | null): boolean {
  return is !== null && (was === null || !was.every((one) => is.includes(one)));
}

/** A definition but for the limits that are compared one by one, as it would come back from the database. */
function looksAt(definition: Definition): unknown {
  const limits = { threshold: 0, windowSeconds: 0, floor: 0, deviations: 0 };
  const { detector } = definition;
  const limited = detector.kind === 'count' || detector.kind === 'baseline';
  return JSON.parse(
    JSON.stringify({ ...definition, detector: limited ? { ...detector, ...limits } : detector }),
  );
}
