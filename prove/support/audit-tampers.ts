import type { OrganisationId } from '#core/ids';
import { type FindingKind, leafHash, type NoteSigner } from '#platform/audit';
import { idFloor, newId } from '#platform/runtime';
import { auditOrigin, signCheckpoint } from '../../src/platform/audit/checkpoint.ts';
import { type ForgersDatabase, forgeConsistently } from './audit-forge.ts';
import { freshSigner } from './audit-log.ts';

/** The log that is tampered with, and the tools for it. */
export interface TamperTarget {
  readonly sql: ForgersDatabase;
  readonly organisation: OrganisationId;
  /** Entries placed. */
  readonly size: number;
  /** The organisation's real signing key, for forgers who have it. */
  readonly signer: NoteSigner;
}

export interface Tamper {
  readonly name: string;
  /** Each of these must be among the findings. */
  readonly found: readonly FindingKind[];
  /** True when the finding must name the position `at` gives. */
  readonly at?: (size: number) => number;
  /** Fewest entries at which the tampering can be done. */
  readonly least?: number;
  apply(target: TamperTarget): Promise<unknown>;
}

/** A position in a full tile, well inside of the log. */
const early = (size: number): number => Math.floor(size / 3) - (Math.floor(size / 3) % 256) + 100;
/** The newest position: in the last, unfinished tile. */
const late = (size: number): number => size - 1;

const CHANGED = `convert_to(replace(convert_from(leaf, 'UTF8'), '"result":"done"', '"result":"failed"') || ' ', 'UTF8')`;

const changeEntry = ({ sql, organisation }: TamperTarget, position: number) =>
  sql.query(
    `update sealpost.audit_entry set leaf = ${CHANGED}
     where id = (select entry from sealpost.audit_order where organisation = $1 and position = $2)`,
    [organisation, position],
  );
const removeEntry = ({ sql, organisation }: TamperTarget, position: number) =>
  sql.query(
    `delete from sealpost.audit_entry
     where id = (select entry from sealpost.audit_order where organisation = $1 and position = $2)`,
    [organisation, position],
  );
const removePlace = ({ sql, organisation }: TamperTarget, position: number) =>
  sql.query('delete from sealpost.audit_order where organisation = $1 and position = $2', [
    organisation,
    position,
  ]);

/** Moves every place from `from` on by `by`; over negative numbers, so that no two meet on the way. */
async function shiftPlaces({ sql, organisation }: TamperTarget, from: number, by: number): Promise<void> {
  await sql.query(
    'update sealpost.audit_order set position = -position - 1 where organisation = $1 and position >= $2',
    [organisation, from],
  );
  await sql.query(
    'update sealpost.audit_order set position = -position - 1 + $2 where organisation = $1 and position < 0',
    [organisation, by],
  );
}

async function insertEntry({ sql, organisation }: TamperTarget): Promise<{ id: string; leaf: Buffer }> {
  const id = newId();
  const leaf = Buffer.from(
    JSON.stringify({ format: 'sealpost-audit/1', id, reference: null, note: 'never was' }),
  );
  await sql.query('insert into sealpost.audit_entry (id, organisation, leaf) values ($1, $2, $3)', [
    id,
    organisation,
    leaf,
  ]);
  return { id, leaf };
}

async function insertPlaced(target: TamperTarget, position: number): Promise<void> {
  const { id, leaf } = await insertEntry(target);
  await target.sql.query(
    'insert into sealpost.audit_order (organisation, position, entry, leaf_hash) values ($1, $2, $3, $4)',
    [target.organisation, position, id, leafHash(leaf)],
  );
}

/** Cuts the log back to its first `size` entries, with everything signed after them. */
async function cutBack({ sql, organisation }: TamperTarget, size: number): Promise<void> {
  await sql.query(
    `delete from sealpost.audit_entry where id in
       (select entry from sealpost.audit_order where organisation = $1 and position >= $2)`,
    [organisation, size],
  );
  for (const text of [
    'delete from sealpost.audit_order where organisation = $1 and position >= $2',
    'delete from sealpost.audit_checkpoint where organisation = $1 and size > $2',
    `delete from sealpost.audit_tile
     where organisation = $1 and (index + 1) * power(256::numeric, level + 1) > $2::numeric`,
  ]) {
    await sql.query(text, [organisation, size]);
  }
}

async function middleCheckpoint({ sql, organisation }: TamperTarget): Promise<number> {
  const rows = await sql.query<{ size: number }>(
    'select size from sealpost.audit_checkpoint where organisation = $1 order by size',
    [organisation],
  );
  return rows[Math.floor(rows.length / 2)]?.size ?? 0;
}

/** Exchanges what stands at two positions; over an id that nobody has, because an entry has one place. */
async function swap({ sql, organisation, size }: TamperTarget, withHashes: boolean): Promise<void> {
  const read = async (position: number) => {
    const [row] = await sql.query<{ entry: string; hash: Buffer }>(
      'select entry, leaf_hash as hash from sealpost.audit_order where organisation = $1 and position = $2',
      [organisation, position],
    );
    if (row === undefined) throw new Error('nothing to exchange');
    return row;
  };
  const write = (position: number, entry: string, hash: Buffer) =>
    sql.query(
      'update sealpost.audit_order set entry = $3, leaf_hash = $4 where organisation = $1 and position = $2',
      [organisation, position, entry, hash],
    );
  const [first, second] = [early(size), early(size) + 40];
  const [a, b] = [await read(first), await read(second)];
  await write(first, newId(), a.hash);
  await write(second, a.entry, withHashes ? a.hash : b.hash);
  await write(first, b.entry, withHashes ? b.hash : a.hash);
}

/** Entries: changed, removed, reordered, inserted, cut off. */
const ENTRY_TAMPERS: readonly Tamper[] = [
  {
    name: 'an old entry’s bytes changed',
    found: ['entry-changed'],
    at: early,
    apply: (target) => changeEntry(target, early(target.size)),
  },
  {
    name: 'the newest entry’s bytes changed',
    found: ['entry-changed'],
    at: late,
    apply: (target) => changeEntry(target, late(target.size)),
  },
  {
    name: 'an entry and the hash in its place changed',
    found: ['entry-changed'],
    at: early,
    apply: async (target) => {
      await changeEntry(target, early(target.size));
      await target.sql.query(
        `update sealpost.audit_order o set leaf_hash = sha256('\\x00'::bytea || e.leaf) from sealpost.audit_entry e
         where e.id = o.entry and o.organisation = $1 and o.position = $2`,
        [target.organisation, early(target.size)],
      );
    },
  },
  {
    name: 'an entry changed, places and tiles made to fit',
    found: ['history-changed', 'differs-from-witness'],
    apply: async (target) => {
      await changeEntry(target, early(target.size));
      await forgeConsistently(target.sql, target.organisation, null);
    },
  },
  {
    name: 'an entry changed, everything made to fit and signed with the stolen key',
    found: ['differs-from-witness'],
    apply: async (target) => {
      await changeEntry(target, early(target.size));
      await forgeConsistently(target.sql, target.organisation, target.signer);
    },
  },
  {
    name: 'an entry changed, everything made to fit and signed with another key',
    found: ['checkpoint-changed', 'differs-from-witness'],
    apply: async (target) => {
      await changeEntry(target, early(target.size));
      await forgeConsistently(target.sql, target.organisation, freshSigner(target.organisation));
    },
  },
  {
    name: 'a sealed reference exchanged',
    found: ['reference-changed'],
    apply: ({ sql, organisation }) =>
      sql.query(
        `update sealpost.audit_entry set sealed_reference = 'another'
         where id = (select id from sealpost.audit_entry
                     where organisation = $1 and sealed_reference is not null order by id limit 1)`,
        [organisation],
      ),
  },
  {
    name: 'an entry removed',
    found: ['entry-removed'],
    at: early,
    apply: (target) => removeEntry(target, early(target.size)),
  },
  {
    name: 'the newest entry removed',
    found: ['entry-removed'],
    at: late,
    apply: (target) => removeEntry(target, late(target.size)),
  },
  {
    name: 'an entry’s place removed',
    found: ['place-removed', 'entry-inserted'],
    at: early,
    apply: (target) => removePlace(target, early(target.size)),
  },
  {
    name: 'an entry and its place removed',
    found: ['place-removed'],
    at: early,
    apply: async (target) => {
      await removeEntry(target, early(target.size));
      await removePlace(target, early(target.size));
    },
  },
  {
    name: 'an entry removed and the later ones moved up',
    found: ['entry-removed', 'log-truncated'],
    at: early,
    apply: async (target) => {
      await removeEntry(target, early(target.size));
      await removePlace(target, early(target.size));
      await shiftPlaces(target, early(target.size), -1);
    },
  },
  {
    name: 'two entries’ places exchanged',
    found: ['entries-reordered'],
    at: early,
    apply: (target) => swap(target, false),
  },
  {
    name: 'two entries’ places exchanged with their hashes',
    found: ['entries-reordered'],
    at: early,
    apply: (target) => swap(target, true),
  },
  {
    name: 'an entry put into the middle',
    found: ['entry-inserted', 'unsigned-entries'],
    at: early,
    apply: async (target) => {
      await shiftPlaces(target, early(target.size), 1);
      await insertPlaced(target, early(target.size));
    },
  },
  {
    name: 'an entry put at the end',
    found: ['unsigned-entries'],
    apply: (target) => insertPlaced(target, target.size),
  },
  {
    name: 'an entry put before the beginning',
    found: ['entry-inserted'],
    apply: (target) => insertPlaced(target, -1),
  },
  {
    name: 'an entry put beside the log',
    found: ['entry-inserted'],
    apply: insertEntry,
  },
  {
    name: 'an entry given to another organisation',
    found: ['entry-removed'],
    at: early,
    apply: ({ sql, organisation, size }) =>
      sql.query(
        `update sealpost.audit_entry set organisation = $3
         where id = (select entry from sealpost.audit_order where organisation = $1 and position = $2)`,
        [organisation, early(size), newId()],
      ),
  },
  {
    name: 'the newest entries cut off',
    found: ['log-truncated', 'rolled-back'],
    apply: async ({ sql, organisation, size }) => {
      await sql.query(
        `delete from sealpost.audit_entry where id in
           (select entry from sealpost.audit_order where organisation = $1 and position >= $2)`,
        [organisation, size - 10],
      );
      await sql.query('delete from sealpost.audit_order where organisation = $1 and position >= $2', [
        organisation,
        size - 10,
      ]);
    },
  },
  {
    name: 'the whole log put back to an older state',
    found: ['rolled-back'],
    apply: async (target) => cutBack(target, await middleCheckpoint(target)),
  },
  {
    name: 'the whole log wiped',
    found: ['rolled-back'],
    apply: (target) => cutBack(target, 0),
  },
];

/** Entries that have no place yet. */
const WAITING_TAMPERS: readonly Tamper[] = [
  {
    name: 'an entry removed before it got its place',
    found: ['unplaced-removed'],
    apply: async ({ sql, organisation }) => {
      await sql.query('insert into sealpost.audit_unordered (id, organisation) values ($1, $2)', [
        newId(),
        organisation,
      ]);
    },
  },
  {
    name: 'an entry kept from getting its place',
    found: ['unplaced-too-long'],
    apply: async ({ sql, organisation }) => {
      const id = idFloor(new Date(Date.now() - 3_600_000));
      await sql.query('insert into sealpost.audit_entry (id, organisation, leaf) values ($1, $2, $3)', [
        id,
        organisation,
        Buffer.from('{}'),
      ]);
      await sql.query('insert into sealpost.audit_unordered (id, organisation) values ($1, $2)', [
        id,
        organisation,
      ]);
    },
  },
];

/** Hashes, tiles and checkpoints. */
const TREE_TAMPERS: readonly Tamper[] = [
  {
    name: 'a place’s hash changed',
    found: ['place-changed'],
    at: early,
    apply: ({ sql, organisation, size }) =>
      sql.query(
        `update sealpost.audit_order set leaf_hash = sha256('x') where organisation = $1 and position = $2`,
        [organisation, early(size)],
      ),
  },
  {
    name: 'a hash in a tile changed',
    found: ['tile-changed'],
    apply: ({ sql, organisation }) =>
      sql.query(
        `update sealpost.audit_tile set hashes = overlay(hashes placing sha256('x') from 33 for 32)
         where organisation = $1 and level = 0 and index = 0`,
        [organisation],
      ),
  },
  {
    name: 'a hash in an upper tile changed',
    found: ['tile-changed'],
    least: 65_536,
    apply: ({ sql, organisation }) =>
      sql.query(
        `update sealpost.audit_tile set hashes = overlay(hashes placing sha256('x') from 65 for 32)
         where organisation = $1 and level = 1 and index = 0`,
        [organisation],
      ),
  },
  {
    name: 'a tile cut short',
    found: ['tile-changed'],
    apply: ({ sql, organisation }) =>
      sql.query(
        `update sealpost.audit_tile set hashes = substr(hashes, 1, 64)
         where organisation = $1 and level = 0 and index = 0`,
        [organisation],
      ),
  },
  {
    name: 'a tile removed',
    found: ['tile-removed'],
    apply: ({ sql, organisation }) =>
      sql.query('delete from sealpost.audit_tile where organisation = $1 and level = 0 and index = 1', [
        organisation,
      ]),
  },
  {
    name: 'a tile added',
    found: ['tile-inserted'],
    apply: ({ sql, organisation }) =>
      sql.query(`insert into sealpost.audit_tile values ($1, 0, 1000000, '')`, [organisation]),
  },
  {
    name: 'a checkpoint’s root changed',
    found: ['checkpoint-changed'],
    apply: async (target) =>
      target.sql.query(
        `update sealpost.audit_checkpoint set root = sha256('x') where organisation = $1 and size = $2`,
        [target.organisation, await middleCheckpoint(target)],
      ),
  },
  {
    name: 'a checkpoint’s note changed',
    found: ['checkpoint-changed'],
    apply: async (target) =>
      target.sql.query(
        `update sealpost.audit_checkpoint set note = replace(note, 'time 2', 'time 1')
         where organisation = $1 and size = $2`,
        [target.organisation, await middleCheckpoint(target)],
      ),
  },
  {
    name: 'a checkpoint signed over another root with the stolen key',
    found: ['checkpoint-changed'],
    apply: async ({ sql, organisation, signer, ...rest }) => {
      const size = await middleCheckpoint({ sql, organisation, signer, ...rest });
      const [before] = await sql.query<{ size: number }>(
        `select coalesce(max(size), 0) as size from sealpost.audit_checkpoint where organisation = $1 and size < $2`,
        [organisation, size],
      );
      const root = leafHash(Buffer.from('another history'));
      const note = signCheckpoint(
        { origin: auditOrigin(organisation), size, root, previous: before?.size ?? 0, time: new Date() },
        signer,
      );
      await sql.query(
        'update sealpost.audit_checkpoint set root = $3, note = $4 where organisation = $1 and size = $2',
        [organisation, size, root, note],
      );
    },
  },
  {
    name: 'a checkpoint removed',
    found: ['checkpoint-removed'],
    apply: async (target) =>
      target.sql.query('delete from sealpost.audit_checkpoint where organisation = $1 and size = $2', [
        target.organisation,
        await middleCheckpoint(target),
      ]),
  },
  {
    name: 'the newest checkpoint removed',
    found: ['checkpoint-removed', 'unsigned-entries'],
    apply: ({ sql, organisation, size }) =>
      sql.query('delete from sealpost.audit_checkpoint where organisation = $1 and size = $2', [
        organisation,
        size,
      ]),
  },
];

/** Every kind of tampering that verification must find. */
export const TAMPERS: readonly Tamper[] = [...ENTRY_TAMPERS, ...WAITING_TAMPERS, ...TREE_TAMPERS];
