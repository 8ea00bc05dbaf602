import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Definition, Severity } from './rule.ts';

/** An organisation's own rule, or what it changed of a ready one. */
export interface RuleRow {
  readonly id: string;
  /** Code of the ready rule; null for an own one. */
  readonly ready: string | null;
  /** Sealed; null for a ready rule. */
  readonly name: Buffer | null;
  readonly definition: Definition;
  readonly severity: Severity;
  readonly active: boolean;
  /** Channels that are told; null for all. */
  readonly channels: readonly string[] | null;
  readonly revision: number;
  readonly changed_by: Actor;
  readonly changed_at: Date;
}

const COLUMNS = 'id, ready, name, definition, severity, active, channels, revision, changed_by, changed_at';

export async function ruleRows(tx: Transaction, organisation: OrganisationId): Promise<RuleRow[]> {
  return tx.query<RuleRow>({
    name: 'alert-rule.list',
    text: `select ${COLUMNS} from sealpost.alert_rule where organisation = $1 and removed_at is null order by id`,
    values: [organisation],
  });
}

export async function insertRule(
  tx: Transaction,
  organisation: OrganisationId,
  row: RuleRow,
): Promise<boolean> {
  const made = await tx.execute({
    name: 'alert-rule.insert',
    text: `insert into sealpost.alert_rule
        (id, organisation, ready, name, definition, severity, active, channels, revision, changed_by, changed_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8::uuid[], $9, $10, $11)
      on conflict (organisation, ready) where ready is not null do nothing`,
    values: [
      ...[
        row.id,
        organisation,
        row.ready,
        row.name,
        JSON.stringify(row.definition),
        row.severity,
        row.active,
      ],
      ...[row.channels === null ? null : [...row.channels], row.revision],
      ...[JSON.stringify(row.changed_by), row.changed_at],
    ],
  });
  return made === 1;
}

/** False where it was changed meanwhile (`before` is the revision that was read), or is gone. */
export async function updateRule(
  tx: Transaction,
  organisation: OrganisationId,
  row: RuleRow,
  before: number,
): Promise<boolean> {
  const touched = await tx.execute({
    name: 'alert-rule.update',
    text: `update sealpost.alert_rule set name = $3, definition = $4, severity = $5, active = $6, channels = $7::uuid[],
        revision = $8, changed_by = $9, changed_at = $10
      where organisation = $1 and id = $2 and revision = $11 and removed_at is null`,
    values: [
      ...[organisation, row.id, row.name, JSON.stringify(row.definition), row.severity, row.active],
      ...[row.channels === null ? null : [...row.channels], row.revision],
      ...[JSON.stringify(row.changed_by), row.changed_at, before],
    ],
  });
  return touched === 1;
}

export async function removeRule(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    name: 'alert-rule.remove',
    text: `update sealpost.alert_rule set removed_at = $3, active = false
      where organisation = $1 and id = $2 and ready is null and removed_at is null`,
    values: [organisation, id, at],
  });
  return touched === 1;
}
