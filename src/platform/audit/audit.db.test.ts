import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '#core/audit-entry';
import type { OrganisationId } from '#core/ids';
import { DatabaseFault } from '#platform/database';
import { newId, systemClock } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner } from '../database/owner-connection.ts';
import { type Audit, type AuditOptions, createAudit } from './audit.ts';
import { auditOrigin, openCheckpoint } from './checkpoint.ts';
import { createFileWitness } from './file-witness.ts';
import { AUDIT_KINDS } from './kind.ts';
import { AuditEntryInvalid } from './leaf.ts';
import { leafHash } from './merkle.ts';
import type { NoteSigner } from './note.ts';
import { verifyConsistency, verifyInclusion } from './proofs.ts';

const keys = generateKeyPairSync('ed25519');
const signerFor = (organisation: OrganisationId): NoteSigner => ({
  keyName: auditOrigin(organisation),
  publicKey: keys.publicKey,
  sign: (bytes) => sign(null, bytes, keys.privateKey),
});

const anOrganisation = (): OrganisationId => newId() as OrganisationId;

function anEntry(organisation: OrganisationId, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    organisation,
    action: 'message.accepted',
    actor: { kind: 'system', component: 'test' },
    origin: { address: '127.0.0.1', channel: 'worker' },
    result: 'done',
    subjects: [{ kind: 'message', id: newId() }],
    details: { recipients: 3, zeta: 'z', alpha: true },
    sealedReference: null,
    request: null,
    ...changes,
  };
}

let fresh: FreshDatabase;
let directory = '';
let audit: Audit;
let options: AuditOptions;
const organisation = anOrganisation();

beforeEach(async () => {
  fresh = await freshDatabase();
  directory = await mkdtemp(join(tmpdir(), 'sealpost-witness-'));
  options = {
    database: fresh.database,
    clock: systemClock,
    signer: (id) => Promise.resolve(signerFor(id)),
    verifiers: (id) => Promise.resolve([signerFor(id)]),
    witness: createFileWitness(directory),
  };
  audit = createAudit(options);
});
afterEach(async () => {
  await fresh.close();
  await rm(directory, { recursive: true, force: true });
});

const write = (count: number, id: OrganisationId = organisation) =>
  fresh.database.tenant([id], 'app', (tx) =>
    audit.appendMany(
      tx,
      Array.from({ length: count }, () => anEntry(id)),
    ),
  );
const state = (id: OrganisationId = organisation) =>
  fresh.database.tenant([id], 'app', (tx) => audit.state(tx, id));

describe('append', () => {
  it('is part of the transaction: nothing of it stays after a rollback', async () => {
    const failing = fresh.database.tenant([organisation], 'app', async (tx) => {
      await audit.append(tx, anEntry(organisation));
      throw new Error('the act failed');
    });
    await expect(failing).rejects.toThrow('the act failed');
    expect((await state()).unplaced).toBe(0);
  });

  it('fails for an organisation that is not the transaction’s', async () => {
    const foreign = fresh.database.tenant([anOrganisation()], 'app', (tx) =>
      audit.append(tx, anEntry(organisation)),
    );
    await expect(foreign).rejects.toBeInstanceOf(DatabaseFault);
  });

  it('refuses an address in the details, and so the act', async () => {
    const leaking = fresh.database.tenant([organisation], 'app', (tx) =>
      audit.append(tx, anEntry(organisation, { details: { to: 'anna@good-tls.test' } })),
    );
    await expect(leaking).rejects.toBeInstanceOf(AuditEntryInvalid);
  });

  it('lets neither working role change or delete an entry', async () => {
    await write(1);
    for (const role of ['app', 'worker'] as const) {
      for (const text of ["update audit_entry set leaf = 'x'", 'delete from audit_entry']) {
        const act = fresh.database.tenant([organisation], role, (tx) => tx.execute({ text }));
        await expect(act).rejects.toMatchObject({ code: '42501' });
      }
    }
    const rewriting = fresh.database.tenant([organisation], 'worker', (tx) =>
      tx.execute({ text: "update audit_checkpoint set note = 'x'" }),
    );
    await expect(rewriting).rejects.toMatchObject({ code: '42501' });
  });
});

describe('sequence', () => {
  it('places in the order of ids, signs, and hands the checkpoint to the witness', async () => {
    const ids = [...(await write(3)), ...(await write(2))];
    expect(await audit.sequence()).toEqual({ placed: 5, checkpoints: 1, witnessed: 1, alarms: [] });
    const page = await fresh.database.tenant([organisation], 'app', (tx) =>
      audit.list(tx, organisation, { limit: 10 }),
    );
    expect(page?.lines.map((line) => line.id)).toEqual([...ids].reverse());
    expect(page?.lines.map((line) => line.position)).toEqual([4, 3, 2, 1, 0]);
    const notes: string[] = [];
    for await (const note of createFileWitness(directory).notes(organisation)) notes.push(note);
    const [checkpoint] = notes.map((note) =>
      openCheckpoint(note, auditOrigin(organisation), [signerFor(organisation)]),
    );
    expect(checkpoint?.size).toBe(5);
    expect(await state()).toMatchObject({
      size: 5,
      unplaced: 0,
      lastCheckpoint: { size: 5, root: checkpoint?.root.toString('hex') },
      witnessed: { size: 5 },
    });
  });

  it('keeps organisations apart', async () => {
    const other = anOrganisation();
    await write(4);
    await write(2, other);
    expect((await audit.sequence()).placed).toBe(6);
    expect((await state()).size).toBe(4);
    expect((await state(other)).size).toBe(2);
    expect((await audit.verify(other)).ok).toBe(true);
  });

  it('goes on over tile borders, in several batches, and after a restart, as one log', async () => {
    for (const count of [255, 2, 600, 1]) {
      await write(count);
      await audit.sequence();
    }
    const restarted = createAudit({ ...options, batch: 100 });
    await write(350);
    expect(await restarted.sequence()).toMatchObject({ placed: 350, checkpoints: 4, alarms: [] });
    expect(await audit.verify(organisation)).toMatchObject({ ok: true, size: 1208, witnessedSize: 1208 });
  });

  it('two sequencers at once place every entry once', async () => {
    await write(500);
    const second = createAudit({ ...options, batch: 60 });
    const reports = await Promise.all([audit.sequence(), second.sequence(), audit.sequence()]);
    await audit.sequence();
    expect(reports.flatMap((report) => report.alarms)).toEqual([]);
    expect(await audit.verify(organisation)).toMatchObject({ ok: true, size: 500 });
  });

  it('catches up with the witness after an outage', async () => {
    const blind = createAudit({ ...options, witness: null });
    for (let round = 0; round < 3; round += 1) {
      await write(10);
      await blind.sequence();
    }
    expect((await state()).witnessed).toBeNull();
    expect(await audit.sequence()).toMatchObject({ placed: 0, witnessed: 1, alarms: [] });
    expect((await state()).witnessed?.size).toBe(30);
    await write(1);
    expect(await audit.sequence()).toMatchObject({ witnessed: 1, alarms: [] });
  });

  it('alarms when the witness holds another history, and goes on alarming', async () => {
    await write(3);
    await audit.sequence();
    const owner = await connectOwner(fresh.superuserUrl);
    await owner.script(
      'delete from sealpost.audit_order; delete from sealpost.audit_checkpoint; delete from sealpost.audit_entry',
    );
    await owner.close();
    await write(5);
    const restarted = createAudit(options);
    const refused = [{ organisation, kind: 'witness-refused', reason: 'inconsistent' }];
    expect((await restarted.sequence()).alarms).toEqual(refused);
    expect((await restarted.sequence()).alarms).toEqual(refused);
    expect((await state()).witnessed).toBeNull();
  });

  it('signs nothing over a log whose head is not what was signed, and keeps the entries waiting', async () => {
    await write(3);
    await audit.sequence();
    const owner = await connectOwner(fresh.superuserUrl);
    await owner.script("update sealpost.audit_order set leaf_hash = sha256('x') where position = 1");
    await owner.close();
    await write(2);
    const restarted = createAudit(options);
    expect((await restarted.sequence()).alarms).toEqual([
      { organisation, kind: 'damaged', reason: 'root-differs' },
    ]);
    expect(await state()).toMatchObject({ size: 3, unplaced: 2 });
  });

  it('places a large backlog at the cost per entry of a small one, which is about that of writing it', async () => {
    const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
      const started = performance.now();
      await work();
      return performance.now() - started;
    };
    const place = (count: number) => async () => expect((await audit.sequence()).placed).toBe(count);
    // Measured against what the same machine does just before and after, because others may be busy on it.
    await write(2000);
    const small = [await timeOf(place(2000))];
    const writing = await timeOf(async () => {
      for (let chunk = 0; chunk < 10; chunk += 1) await write(2000);
    });
    const large = await timeOf(place(20_000));
    await write(2000);
    small.push(await timeOf(place(2000)));
    expect(large / 10).toBeLessThan(3 * Math.max(...small));
    expect(large).toBeLessThan(2 * writing);
  });
});

describe('proofs and pages', () => {
  it('proves every entry against the signed checkpoint, from tiles and from the right edge', async () => {
    const ids = await write(600);
    await audit.sequence();
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      for (const position of [0, 255, 256, 511, 512, 599]) {
        const proof = await audit.proveEntry(tx, organisation, ids[position] ?? '');
        const checkpoint = openCheckpoint(proof?.checkpoint ?? '', auditOrigin(organisation), [
          signerFor(organisation),
        ]);
        const { leaf } = await tx.one<{ leaf: Buffer }>({
          text: 'select leaf from audit_entry where id = $1',
          values: [ids[position] ?? ''],
        });
        if (proof === null || checkpoint === null) throw new Error('no proof');
        const given = { ...proof, leafHash: leafHash(leaf), root: checkpoint.root };
        expect(proof.position).toBe(position);
        expect(verifyInclusion(given)).toBe(true);
      }
    });
  });

  it('proves that the log only grew', async () => {
    await write(300);
    await audit.sequence();
    const before = await state();
    await write(300);
    await audit.sequence();
    const after = await state();
    const path = await fresh.database.tenant([organisation], 'app', (tx) =>
      audit.proveGrowth(tx, organisation, 300, 600),
    );
    const root = (hex: string | undefined): Buffer => Buffer.from(hex ?? '', 'hex');
    const growth = {
      from: 300,
      fromRoot: root(before.lastCheckpoint?.root),
      to: 600,
      toRoot: root(after.lastCheckpoint?.root),
      path,
    };
    expect(verifyConsistency(growth)).toBe(true);
  });

  it('has no proof for an entry that waits or that is not there', async () => {
    const [id] = await write(1);
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      expect(await audit.proveEntry(tx, organisation, id ?? '')).toBeNull();
      expect(await audit.proveEntry(tx, organisation, newId())).toBeNull();
    });
  });

  it('pages from the newest waiting entry to the first, without gap or repetition', async () => {
    const placed = await write(7);
    await audit.sequence();
    const waiting = await write(4);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await fresh.database.tenant([organisation], 'app', (tx) =>
        audit.list(tx, organisation, { cursor, limit: 3 }),
      );
      if (page === null) throw new Error('no page');
      seen.push(...page.lines.map((line) => line.id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual([...placed, ...waiting].reverse());
  });

  it('filters by action, result and subject, and refuses a cursor that is none', async () => {
    const subject = newId();
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      await audit.append(tx, anEntry(organisation, { action: 'session.started' }));
      await audit.append(tx, anEntry(organisation, { action: 'session.ended', result: 'failed' }));
      await audit.append(tx, anEntry(organisation, { subjects: [{ kind: 'message', id: subject }] }));
      const actions = async (query: object) =>
        (await audit.list(tx, organisation, { limit: 10, ...query }))?.lines.map(
          (line) => line.entry?.action,
        );
      expect(await actions({ action: 'session.' })).toEqual(['session.ended', 'session.started']);
      expect(await actions({ action: 'session.started' })).toEqual(['session.started']);
      expect(await actions({ result: 'failed' })).toEqual(['session.ended']);
      expect(await actions({ subject })).toEqual(['message.accepted']);
      expect(await audit.list(tx, organisation, { limit: 10, cursor: 'x.1' })).toBeNull();
    });
  });

  it('lists by kind, pages through a flood of looks, and leaves out no line that cannot be read', async () => {
    const at = (action: string) => anEntry(organisation, { action });
    const kept: string[] = [];
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      kept.push(await audit.append(tx, at('policy.changed')));
      await audit.appendMany(
        tx,
        Array.from({ length: 700 }, (_, n) => at(n % 2 === 0 ? 'message.viewed' : 'messages.listed')),
      );
      kept.push(
        await audit.append(tx, at('session.started')),
        await audit.append(tx, at('message.content-read')),
      );
    });
    await audit.sequence();
    const kinds = new Set(AUDIT_KINDS.filter((kind) => kind !== 'views'));
    const walk = async (query: object): Promise<string[]> => {
      const seen: string[] = [];
      for (let cursor: string | null = null, page = 0; page < 9; page += 1) {
        const found = await fresh.database.tenant([organisation], 'app', (tx) =>
          audit.list(tx, organisation, { cursor, limit: 2, ...query }),
        );
        seen.push(...(found?.lines ?? []).map((line) => line.id));
        cursor = found?.next ?? null;
        if (cursor === null) return seen;
      }
      throw new Error('the pages do not end');
    };
    expect(await walk({ kinds })).toEqual([...kept].reverse());
    expect(await walk({ kinds: new Set(['sign-ins']) })).toEqual([kept[1]]);

    const owner = await connectOwner(fresh.superuserUrl);
    await owner.query(`update sealpost.audit_entry set leaf = 'x' where id = $1`, [kept[0] ?? null]);
    await owner.close();
    expect(await walk({ kinds: new Set(['sign-ins']) })).toEqual([kept[1], kept[0]]);
    expect(await walk({ action: 'no.such' })).toEqual([kept[0]]);
  });

  it('lists what was written in a range of time: from its first millisecond, without its last', async () => {
    const ids: string[] = [];
    // Ids never step back within a process: a time to come.
    const start = Date.now() + 3_600_000;
    let now = start;
    const slow = createAudit({ ...options, clock: { now: () => new Date(now), monotonic: () => now } });
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      for (const step of [0, 1000, 1000, 1000]) {
        now += step;
        ids.push(await slow.append(tx, anEntry(organisation)));
      }
    });
    const between = (from?: number, until?: number) =>
      fresh.database.tenant([organisation], 'app', async (tx) =>
        (
          await audit.list(tx, organisation, {
            limit: 10,
            ...(from === undefined ? {} : { since: new Date(start + from) }),
            ...(until === undefined ? {} : { until: new Date(start + until) }),
          })
        )?.lines.map((line) => ids.indexOf(line.id)),
      );
    expect(await between(1000, 3000)).toEqual([2, 1]);
    expect(await between(undefined, 1000)).toEqual([0]);
    expect(await between(2001)).toEqual([3]);
    expect(await between(3001)).toEqual([]);
  });

  it('gives the sealed reference back, and to nobody of another organisation', async () => {
    const sealedReference = Buffer.from('ciphertext of an address');
    const id = await fresh.database.tenant([organisation], 'app', (tx) =>
      audit.append(tx, anEntry(organisation, { sealedReference })),
    );
    const reference = (as: OrganisationId) =>
      fresh.database.tenant(
        [as],
        'app',
        async (tx) => (await audit.entry(tx, organisation, id))?.sealedReference,
      );
    expect(await reference(organisation)).toEqual(sealedReference);
    expect(await reference(anOrganisation())).toBeUndefined();
  });
});
