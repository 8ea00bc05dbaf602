import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface ConnectionRow {
  readonly id: string;
  readonly settings: Buffer;
  readonly enabled: boolean;
  readonly every_minutes: number;
  readonly guard_percent: number;
  readonly guard_least: number;
  readonly changed_at: Date;
  readonly due_at: Date | null;
  readonly next_dry: boolean;
  readonly held_until: Date | null;
}

const COLUMNS = `id, settings, enabled, every_minutes, guard_percent, guard_least, changed_at, due_at, next_dry, held_until`;

export async function selectConnections(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<ConnectionRow[]> {
  return tx.query<ConnectionRow>({
    name: 'provisioning-connection.select',
    text: `select ${COLUMNS} from sealpost.provisioning_connection where organisation = $1 order by id`,
    values: [organisation],
  });
}

/** Held until the transaction ends. */
export async function lockConnection(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ConnectionRow | undefined> {
  return tx.maybe<ConnectionRow>({
    name: 'provisioning-connection.lock',
    text: `select ${COLUMNS} from sealpost.provisioning_connection where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function putConnection(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<ConnectionRow, 'next_dry' | 'held_until'>,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.provisioning_connection
             (id, organisation, settings, enabled, every_minutes, guard_percent, guard_least, changed_at, due_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (id) do update set settings = excluded.settings, enabled = excluded.enabled,
             every_minutes = excluded.every_minutes, guard_percent = excluded.guard_percent,
             guard_least = excluded.guard_least, changed_at = excluded.changed_at, due_at = excluded.due_at`,
    values: [
      ...[row.id, organisation, row.settings, row.enabled, row.every_minutes],
      ...[row.guard_percent, row.guard_least, row.changed_at, row.due_at],
    ],
  });
}

export async function deleteConnection(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<void> {
  await tx.execute({
    text: 'delete from sealpost.provisioning_run where organisation = $1 and connection = $2',
    values: [organisation, id],
  });
  await tx.execute({
    text: 'delete from sealpost.provisioning_connection where organisation = $1 and id = $2',
    values: [organisation, id],
  });
}

/** Lets the next pass begin now. */
export async function makeDue(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
  dry: boolean,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.provisioning_connection set due_at = $3, next_dry = $4 where organisation = $1 and id = $2`,
    values: [organisation, id, at, dry],
  });
}

/** Which connections' time has come, over all organisations; ids only. */
export async function dueConnections(
  tx: Transaction,
  at: Date,
): Promise<{ readonly organisation: OrganisationId; readonly connection: string }[]> {
  return tx.query<{ organisation: OrganisationId; connection: string }>({
    name: 'provisioning-connection.due',
    text: 'select organisation, connection from sealpost.due_provisioning($1)',
    values: [at],
  });
}

/** Takes a connection for a pass; undefined when another process has it, or its time has not come. */
export async function holdConnection(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
  until: Date,
): Promise<(ConnectionRow & { readonly dry: boolean }) | undefined> {
  return tx.maybe<ConnectionRow & { dry: boolean }>({
    text: `update sealpost.provisioning_connection c set held_until = $4, next_dry = false,
             due_at = case when c.enabled then $3::timestamptz + make_interval(mins => c.every_minutes) end
           from (select id as held, next_dry as dry from sealpost.provisioning_connection
                 where organisation = $1 and id = $2 for update) before
           where c.organisation = $1 and c.id = before.held and c.due_at <= $3
             and (c.held_until is null or c.held_until < $3)
           returning c.id, c.settings, c.enabled, c.every_minutes, c.guard_percent, c.guard_least, c.changed_at,
             c.due_at, c.next_dry, c.held_until, before.dry`,
    values: [organisation, id, at, until],
  });
}

/** Holds it longer; false when it is no longer this holder's. */
export async function keepHold(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  held: Date,
  until: Date | null,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.provisioning_connection set held_until = $4
           where organisation = $1 and id = $2 and held_until = $3`,
    values: [organisation, id, held, until],
  });
  return touched === 1;
}
