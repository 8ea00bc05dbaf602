import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface AccessRulesRow {
  readonly version: number;
  readonly rules: unknown;
}

/** The rules in force; undefined where an organisation never had any. */
export async function readRulesRow(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<AccessRulesRow | undefined> {
  return tx.maybe<AccessRulesRow>({
    name: 'access-rules.read',
    text: `select version, rules from sealpost.access_rules where organisation = $1
           order by version desc limit 1`,
    values: [organisation],
  });
}

/** Stores the next version; false when somebody else has stored it meanwhile. */
export async function insertRulesRow(
  tx: Transaction,
  row: {
    readonly organisation: OrganisationId;
    readonly version: number;
    readonly rules: readonly object[];
    readonly at: Date;
    readonly by: IdentityId | null;
  },
): Promise<boolean> {
  const stored = await tx.execute({
    text: `insert into sealpost.access_rules (organisation, version, rules, changed_at, changed_by)
           values ($1, $2, $3, $4, $5) on conflict do nothing`,
    values: [row.organisation, row.version, JSON.stringify(row.rules), row.at, row.by],
  });
  return stored === 1;
}

/** What rules ask of a person and an organisation beside roles: groups and time zone. */
export async function readStanding(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<{ readonly groups: string[]; readonly timeZone: string }> {
  return tx.one<{ groups: string[]; timeZone: string }>({
    name: 'access-rules.standing',
    text: `select o.time_zone as "timeZone", array(
             select m.access_group::text from sealpost.group_member m
             join sealpost.access_group g on g.id = m.access_group and g.removed_at is null
             where m.organisation = $1 and m.identity = $2) as groups
           from sealpost.organisation o where o.id = $1`,
    values: [organisation, identity],
  });
}
