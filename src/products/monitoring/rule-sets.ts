import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { READY_RULES } from './ready-rules.ts';
import { ruleRows } from './rule.store.ts';
import { type ActiveRule, activeRule } from './rule.ts';

/** The rules that look at an organisation's log now. */
export async function activeRules(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly rules: readonly ActiveRule[]; channelsOf(rule: string): readonly string[] | null }> {
  const rows = await ruleRows(tx, organisation);
  const changed = new Map(rows.map((row) => [row.ready ?? row.id, row]));
  const ready = READY_RULES.flatMap((one) => {
    const row = changed.get(one.code) ?? {
      active: one.on,
      severity: one.severity,
      definition: one.definition,
    };
    return row.active ? [activeRule(one.code, row.severity, row.definition)] : [];
  });
  const own = rows.flatMap((row) =>
    row.ready === null && row.active ? [activeRule(row.id, row.severity, row.definition)] : [],
  );
  return { rules: [...ready, ...own], channelsOf: (rule) => changed.get(rule)?.channels ?? null };
}
