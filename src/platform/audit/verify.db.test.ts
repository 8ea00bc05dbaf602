import { randomInt } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { flipOctet, LOG_TABLES } from '../../../prove/support/audit-flips.ts';
import { everydayEntry, freshSigner, growLog } from '../../../prove/support/audit-log.ts';
import { TAMPERS } from '../../../prove/support/audit-tampers.ts';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner, type OwnerConnection } from '../database/owner-connection.ts';
import { type Audit, createAudit } from './audit.ts';
import { createFileWitness } from './file-witness.ts';

const SIZE = 1100;
const organisation = newId() as OrganisationId;
const signer = freshSigner(organisation);

let fresh: FreshDatabase;
let sql: OwnerConnection;
let directory = '';
let audit: Audit;

beforeEach(async () => {
  fresh = await freshDatabase();
  sql = await connectOwner(fresh.superuserUrl);
  directory = await mkdtemp(join(tmpdir(), 'sealpost-witness-'));
  audit = createAudit({
    database: fresh.database,
    clock: systemClock,
    signer: () => Promise.resolve(signer),
    verifiers: () => Promise.resolve([signer]),
    witness: createFileWitness(directory),
  });
  await growLog(fresh.database, audit, organisation, { count: SIZE, checkpoints: 6 });
});
afterEach(async () => {
  await sql.close();
  await fresh.close();
  await rm(directory, { recursive: true, force: true });
});

describe('verify', () => {
  it('finds nothing in a log that nobody touched, nor in an empty one', async () => {
    expect(await audit.verify(organisation)).toMatchObject({
      ok: true,
      size: SIZE,
      signedSize: SIZE,
      witnessedSize: SIZE,
      findings: [],
    });
    const empty = await audit.verify(newId() as OrganisationId);
    expect(empty).toMatchObject({ ok: true, size: 0, witnessedSize: null });
  });

  it.each(TAMPERS.filter((tamper) => (tamper.least ?? 0) <= SIZE))('finds: $name', async (tamper) => {
    await tamper.apply({ sql, organisation, size: SIZE, signer });
    const { ok, findings } = await audit.verify(organisation);
    expect(ok).toBe(false);
    for (const kind of tamper.found) expect(findings.map((finding) => finding.kind)).toContain(kind);
    if (tamper.at !== undefined) {
      const first = findings.find((finding) => finding.kind === tamper.found[0]);
      expect(first?.from).toBe(tamper.at(SIZE));
    }
  });

  it('finds any one bit turned over in any column of the log, and nothing once it is turned back', async () => {
    await fresh.database.tenant([organisation], 'app', (tx) =>
      audit.append(tx, everydayEntry(organisation, SIZE)),
    );
    const columns = Object.entries(LOG_TABLES).flatMap(([table, { columns }]) =>
      Object.keys(columns).map((column) => ({ table, column })),
    );
    let found = 0;
    for (let round = 0; round < 4; round += 1) {
      for (const place of columns) {
        const flip = { ...place, position: randomInt(1024), at: Math.random(), mask: 1 << randomInt(8) };
        const flipped = await flipOctet(sql, organisation, flip);
        if (flipped === null) continue; // nothing that the database can hold
        if ((await audit.verify(organisation)).ok) throw new Error(`missed ${JSON.stringify(flip)}`);
        await flipped.undo();
        found += 1;
      }
      expect((await audit.verify(organisation)).findings).toEqual([]);
    }
    expect(found).toBeGreaterThan(columns.length * 2);
    // The columns are all that there are.
    const rows = await sql.query<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'sealpost' and table_name = any($1)`,
      [Object.keys(LOG_TABLES)],
    );
    const named = columns.map(({ table, column }) => `${table}.${column}`);
    const others = rows.map(({ name }) => name).filter((name) => !named.includes(name));
    expect(others).toEqual(['audit_checkpoint.witnessed_at']);
  }, 60_000);

  it.each([
    [
      'a place',
      'update sealpost.audit_order set position = position + $2 where organisation = $1 and position = 700',
    ],
    ['a tile', 'update sealpost.audit_tile set index = index + $2 where organisation = $1 and index = 2'],
    [
      'a checkpoint',
      'update sealpost.audit_checkpoint set size = size + $2 where organisation = $1 and size < 500',
    ],
  ])('ends, and finds it, when %s is moved to where no log reaches', async (_, text) => {
    for (const far of ['9007199254740000', '4611686018427387904']) {
      await sql.query(text, [organisation, far]);
      const { ok, findings } = await audit.verify(organisation);
      expect(ok).toBe(false);
      expect(() => JSON.stringify(findings)).not.toThrow();
    }
  });

  it('names the one entry that was changed, and nothing else', async () => {
    const [row] = await sql.query<{ entry: string }>(
      'select entry from sealpost.audit_order where position = 300',
    );
    await sql.query("update sealpost.audit_entry set leaf = leaf || ' ' where id = $1", [row?.entry ?? '']);
    const { findings } = await audit.verify(organisation);
    expect(findings).toEqual([
      { kind: 'entry-changed', from: 300, to: 300, count: 1, entries: [row?.entry], detail: null },
    ]);
  });

  it('names the one entry that was removed with its place, the later ones moved up', async () => {
    const removal = TAMPERS.find((tamper) => tamper.name.includes('moved up'));
    await removal?.apply({ sql, organisation, size: SIZE, signer });
    const { findings } = await audit.verify(organisation);
    const content = findings.filter((finding) => /^(entry|entries|place)-/.test(finding.kind));
    expect(content).toMatchObject([{ kind: 'entry-removed', from: removal?.at?.(SIZE), count: 1 }]);
  });

  it('says what a witness would have found, when there is none', async () => {
    const blind = createAudit({
      database: fresh.database,
      clock: systemClock,
      signer: () => Promise.resolve(signer),
      verifiers: () => Promise.resolve([signer]),
      witness: null,
    });
    expect(await blind.verify(organisation)).toMatchObject({
      ok: true,
      witness: 'none',
      witnessedSize: null,
    });
  });

  it('finds a witness that was changed, put back or emptied', async () => {
    const path = join(directory, `${organisation}.notes`);
    const kept = await readFile(path, 'utf8');
    const kinds = async () => (await audit.verify(organisation)).findings.map((finding) => finding.kind);
    await writeFile(path, kept.replace('time 2', 'time 1'));
    expect(await kinds()).toContain('witness-changed');
    await writeFile(path, `${kept.split('\n').slice(0, 3).join('\n')}\n`);
    expect(await kinds()).toEqual(['witness-behind']);
    await writeFile(path, kept);
    await appendFile(path, '"no checkpoint"\n');
    expect(await kinds()).toContain('witness-changed');
  });

  it('does not take a log that grows meanwhile for a tampered one', async () => {
    let growing = true;
    const growth = (async () => {
      while (growing) await growLog(fresh.database, audit, organisation, { count: 40, checkpoints: 4 });
    })();
    try {
      for (let round = 0; round < 8; round += 1) {
        expect((await audit.verify(organisation)).findings).toEqual([]);
      }
    } finally {
      growing = false;
      await growth;
    }
  });
});
