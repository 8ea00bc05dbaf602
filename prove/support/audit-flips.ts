import type { OrganisationId } from '#core/ids';
import type { SqlValue } from '#platform/database';
import type { ForgersDatabase } from './audit-forge.ts';

type Kind = 'uuid' | 'bigint' | 'smallint' | 'bytea' | 'text';

interface Table {
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Kind>>;
  /** A row at random, by a position of the log where the table has one. */
  readonly pick: string;
}

/**
 * What the log is made of, every column. Left out is `audit_checkpoint.witnessed_at` alone: a note of the sequencer's, set
 * later by right, that is compared with what the witness itself holds.
 */
export const LOG_TABLES: Readonly<Record<string, Table>> = {
  audit_entry: {
    key: ['id'],
    columns: { id: 'uuid', organisation: 'uuid', leaf: 'bytea', sealed_reference: 'bytea' },
    // Every tenth entry of the log that proofs grow has a sealed reference.
    pick: 'id = (select entry from sealpost.audit_order where organisation = $1 and position = $2::bigint - $2::bigint % 10)',
  },
  audit_order: {
    key: ['organisation', 'position'],
    columns: { organisation: 'uuid', position: 'bigint', entry: 'uuid', leaf_hash: 'bytea' },
    pick: 'organisation = $1 and position = $2::bigint',
  },
  audit_tile: {
    key: ['organisation', 'level', 'index'],
    columns: { organisation: 'uuid', level: 'smallint', index: 'bigint', hashes: 'bytea' },
    pick: 'organisation = $1 and level = 0 and index = $2::bigint / 256',
  },
  audit_checkpoint: {
    key: ['organisation', 'size'],
    columns: { organisation: 'uuid', size: 'bigint', root: 'bytea', note: 'text' },
    pick: `organisation = $1 and size = (select min(size) from sealpost.audit_checkpoint
                                        where organisation = $1 and size > $2::bigint)`,
  },
  audit_unordered: {
    key: ['id'],
    columns: { id: 'uuid', organisation: 'uuid' },
    pick: 'organisation = $1 and $2::bigint >= 0',
  },
};

/** A column's value as octets, in SQL. */
const OCTETS: Readonly<Record<Kind, (column: string) => string>> = {
  uuid: (column) => `uuid_send(${column})`,
  bigint: (column) => `int8send(${column})`,
  smallint: (column) => `int2send(${column})`,
  bytea: (column) => column,
  text: (column) => `convert_to(${column}, 'UTF8')`,
};

/** The way back, with the value's parameter. */
const FROM_OCTETS: Readonly<Record<Kind, (parameter: string) => string>> = {
  uuid: (parameter) => `encode(${parameter}::bytea, 'hex')::uuid`,
  bigint: (parameter) => `('x' || encode(${parameter}::bytea, 'hex'))::bit(64)::bigint`,
  smallint: (parameter) =>
    `((('x' || encode(${parameter}::bytea, 'hex'))::bit(16)::integer + 32768) % 65536 - 32768)::smallint`,
  bytea: (parameter) => `${parameter}::bytea`,
  text: (parameter) => `convert_from(${parameter}::bytea, 'UTF8')`,
};

/** One octet of one column of one row. */
export interface Flip {
  readonly table: string;
  readonly column: string;
  /** Which row: a position in the log. */
  readonly position: number;
  /** Which octet, as a share of the value's length: 0 up to and without 1. */
  readonly at: number;
  /** Bits that are turned over, 1 to 255. */
  readonly mask: number;
}

/** A change that was made; `undo` puts the very octets back. */
export interface Flipped {
  undo(): Promise<void>;
}

/**
 * Changes one octet as its superuser would. Null where the database itself cannot hold the result: a value twice in a key,
 * a text that is no UTF-8, a number that does not fit, an id beyond all partitions.
 */
export async function flipOctet(
  sql: ForgersDatabase,
  organisation: OrganisationId,
  flip: Flip,
): Promise<Flipped | null> {
  const table = LOG_TABLES[flip.table];
  const kind = table?.columns[flip.column];
  if (table === undefined || kind === undefined) throw new RangeError('no such column');
  const columns = [...new Set([...table.key, flip.column])];
  const kindOf = (column: string): Kind => table.columns[column] ?? kind;
  const [row] = await sql.query<Record<string, Buffer | null>>(
    `select ${columns.map((column) => `${OCTETS[kindOf(column)](column)} as ${column}`).join(', ')}
     from sealpost.${flip.table} where ${table.pick}`,
    [organisation, flip.position],
  );
  const old = row?.[flip.column];
  if (row === undefined || old == null || old.length === 0) throw new Error(`nothing at ${flip.position}`);
  const changed = Buffer.from(old);
  const octet = Math.floor(flip.at * old.length);
  changed.writeUInt8(old.readUInt8(octet) ^ flip.mask, octet);
  const keyOf = (values: Record<string, Buffer | null>): SqlValue[] =>
    table.key.map((column) => values[column] ?? null);
  const set = (value: Buffer, where: readonly SqlValue[]) =>
    sql.query<{ done: number }>(
      `update sealpost.${flip.table} set ${flip.column} = ${FROM_OCTETS[kind]('$1')}
       where ${table.key.map((column, at) => `${column} = ${FROM_OCTETS[kindOf(column)](`$${at + 2}`)}`).join(' and ')}
       returning 1 as done`,
      [value, ...where],
    );
  try {
    if ((await set(changed, keyOf(row))).length !== 1) throw new Error('the row is not where it was read');
  } catch (error) {
    if (isImpossible(error)) return null;
    throw error;
  }
  return {
    undo: async () => {
      const back = await set(old, keyOf({ ...row, [flip.column]: changed }));
      if (back.length !== 1) throw new Error('the change could not be undone');
    },
  };
}

/** Unique violation, no partition for the row, octets that are no text. */
const IMPOSSIBLE = new Set(['23505', '23514', '22021', '22P05']);

function isImpossible(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && IMPOSSIBLE.has(error.code)
  );
}
