import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { WindowState } from './detectors.ts';

export interface CursorRow {
  readonly position: number;
  /** What was written before this is learnt from, and opens nothing. */
  readonly live_since: Date;
}

/** Begins to read a log; nothing where that has been done. */
export async function beginCursor(
  tx: Transaction,
  organisation: OrganisationId,
  position: number,
  liveSince: Date,
  now: Date,
): Promise<void> {
  await tx.execute({
    name: 'monitor.begin',
    text: `insert into sealpost.monitor_cursor (organisation, position, live_since, read_at) values ($1, $2, $3, $4)
      on conflict (organisation) do nothing`,
    values: [organisation, position, liveSince, now],
  });
}

export async function hasCursor(tx: Transaction, organisation: OrganisationId): Promise<boolean> {
  const row = await tx.maybe({
    name: 'monitor.has-cursor',
    text: 'select 1 as one from sealpost.monitor_cursor where organisation = $1',
    values: [organisation],
  });
  return row !== undefined;
}

/** Held until the transaction ends; undefined where another worker holds it. */
export async function takeCursor(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<CursorRow | undefined> {
  return tx.maybe<CursorRow>({
    name: 'monitor.take',
    text: `select position, live_since from sealpost.monitor_cursor where organisation = $1 for update skip locked`,
    values: [organisation],
  });
}

/** False where somebody else moved it: the transaction must then not commit. */
export async function moveCursor(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  to: number,
  at: Date,
): Promise<boolean> {
  const moved = await tx.execute({
    name: 'monitor.move',
    text: `update sealpost.monitor_cursor set position = $3, read_at = $4 where organisation = $1 and position = $2`,
    values: [organisation, from, to, at],
  });
  return moved === 1;
}

export async function loadWindows(
  tx: Transaction,
  organisation: OrganisationId,
  names: readonly string[],
  now: Date,
): Promise<Map<string, WindowState>> {
  if (names.length === 0) return new Map();
  const rows = await tx.query<{ name: string; state: WindowState }>({
    name: 'monitor.windows',
    text: `select name, state from sealpost.monitor_window
      where organisation = $1 and name = any ($2::text[]) and expires_at > $3`,
    values: [organisation, [...names], now],
  });
  return new Map(rows.map(({ name, state }) => [name, state]));
}

export interface WindowRow {
  readonly name: string;
  readonly state: WindowState;
  readonly expiresAt: Date;
}

export async function saveWindows(
  tx: Transaction,
  organisation: OrganisationId,
  rows: readonly WindowRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute({
    name: 'monitor.keep-windows',
    text: `insert into sealpost.monitor_window (organisation, name, state, expires_at)
      select $1, t.name, t.state::jsonb, t.expires_at
      from unnest($2::text[], $3::text[], $4::timestamptz[]) as t (name, state, expires_at)
      on conflict (organisation, name) do update set state = excluded.state, expires_at = excluded.expires_at`,
    values: [
      organisation,
      rows.map(({ name }) => name),
      rows.map(({ state }) => JSON.stringify(state)),
      rows.map(({ expiresAt }) => expiresAt),
    ],
  });
}

export async function sweepWindows(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<number> {
  return tx.execute({
    name: 'monitor.sweep',
    text: 'delete from sealpost.monitor_window where organisation = $1 and expires_at < $2',
    values: [organisation, now],
  });
}

/** Organisations whose log goes on beyond what was read; ids only. */
export async function organisationsBehind(tx: Transaction, most: number): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    name: 'monitor.behind',
    text: 'select id from sealpost.monitor_behind($1) as t (id)',
    values: [most],
  });
  return rows.map(({ id }) => id);
}
