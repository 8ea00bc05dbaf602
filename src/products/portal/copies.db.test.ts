import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageId, OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';

let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

interface CopyState {
  readonly content: Buffer | null;
  readonly summary: Buffer | null;
  readonly blob: string | null;
  readonly object_key: Buffer;
  readonly destroyed_at: Date | null;
}

const copies = (message: MessageId): Promise<CopyState[]> =>
  stage.database.tenant([clinic], 'app', (tx) =>
    tx.query<CopyState>({ text: 'select * from sealpost.portal_copy where message = $1', values: [message] }),
  );
const states = (message: MessageId): Promise<string[]> =>
  stage.database.tenant([clinic], 'app', async (tx) => {
    const text = 'select state from sealpost.portal_item where message = $1 order by id';
    return (await tx.query<{ state: string }>({ text, values: [message] })).map(({ state }) => state);
  });
const blobFiles = async (): Promise<string[]> =>
  (await readdir(stage.blobDirectory, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
const large = () => [{ name: 'scan.bin', type: 'application/octet-stream', content: randomBytes(200_000) }];
const soon = () => new Date(Date.now() + 60);
const past = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 90));
const audited = (action: string): Promise<number> =>
  stage.database.tenant([clinic], 'app', async (tx) => {
    const rows = await tx.query<{ leaf: Buffer }>({ text: 'select leaf from sealpost.audit_entry' });
    return rows.filter(({ leaf }) => leaf.includes(`"${action}"`)).length;
  });

describe('placing a copy', () => {
  it('keeps one sealed copy for all recipients of a message, each with a link of their own', async () => {
    const canary = 'canary-of-the-inline-copy';
    const placed = await stage.place({ organisation: clinic, to: ['ann@x.test', 'bo@x.test'], text: canary });
    const rows = await copies(placed.message);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.content?.includes(canary)).toBe(false);
    expect(rows[0]?.blob).toBe(null);
    expect(new Set(placed.all.map(({ linkToken }) => linkToken)).size).toBe(2);
    expect(placed.linkToken).toMatch(/^[\w-]{43}$/);
    expect(await states(placed.message)).toEqual(['waiting', 'waiting']);
  });

  it('knows a person again, whatever the case of their address', async () => {
    const one = await stage.place({ organisation: clinic, to: 'Carl@x.test' });
    const two = await stage.place({ organisation: clinic, to: 'carl@x.test' });
    expect(two.person).toBe(one.person);
    const hospital = await stage.organisation('Hospital');
    expect((await stage.place({ organisation: hospital, to: 'carl@x.test' })).person).not.toBe(one.person);
  });

  it('seals large content into a blob', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'dee@x.test', attachments: large() });
    const [row] = await copies(placed.message);
    expect(row?.content).toBe(null);
    expect(await blobFiles()).toContain(row?.blob);
  });

  it('gives a delivery that is placed again a new link, and ends the old one', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'eve@x.test' });
    const links = async (): Promise<number> =>
      stage.database.tenant([clinic], 'app', async (tx) => {
        const text = 'select count(*)::int as n from sealpost.portal_item where delivery = $1';
        return (await tx.one<{ n: number }>({ text, values: [placed.delivery] })).n;
      });
    const message = await stage.messageOf(placed.message);
    const prepared = await stage.portal.copy(message);
    const again = await stage.database.tenant([clinic], 'worker', (tx) =>
      stage.portal.place(
        tx,
        prepared,
        { id: placed.delivery, recipient: { local: 'eve', domain: 'x.test' } },
        new Date(),
      ),
    );
    expect(await links()).toBe(1);
    expect(again.item).toBe(placed.item);
    expect(again.linkToken).not.toBe(placed.linkToken);
  });

  it('leaves nothing when the outcome is rolled back', async () => {
    const before = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query({ text: 'select id from sealpost.portal_item' }),
    );
    const placed = await stage.place({ organisation: clinic, to: 'fay@x.test' });
    const { message, content } = await stage.messageOf(placed.message);
    const other = { message: { ...message, id: newId() as MessageId }, content };
    const prepared = await stage.portal.copy(other);
    const failed = stage.database.tenant([clinic], 'worker', async (tx) => {
      await stage.portal.place(
        tx,
        prepared,
        { id: placed.delivery, recipient: { local: 'g', domain: 'x.test' } },
        new Date(),
      );
      throw new Error('the outcome fails');
    });
    await expect(failed).rejects.toThrow('the outcome fails');
    const after = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query({ text: 'select id from sealpost.portal_item' }),
    );
    expect(after).toHaveLength(before.length + 1);
    expect(await copies(other.message.id)).toEqual([]);
  });
});

describe('expiry', () => {
  it('destroys content, summary, key and blob, and says so once, for unread ones only', async () => {
    const to = ['hal@x.test', 'ida@x.test'];
    const placed = await stage.place({ organisation: clinic, to, attachments: large(), expiresAt: soon() });
    const kept = await stage.place({ organisation: clinic, to: 'hal@x.test' });
    const [first, second] = placed.all;
    await stage.database.tenant([clinic], 'app', (tx) =>
      tx.execute({
        text: `update sealpost.portal_item set state = 'read', first_read_at = now() where delivery = $1`,
        values: [second?.delivery ?? ''],
      }),
    );
    const blob = (await copies(placed.message))[0]?.blob ?? '';
    expect(await blobFiles()).toContain(blob);
    await past();
    expect(await stage.portal.expireDue()).toBe(2);
    expect(await stage.portal.expireDue()).toBe(0);

    const [row] = await copies(placed.message);
    expect(row).toMatchObject({ content: null, summary: null, blob: null });
    expect(row?.object_key).toHaveLength(0);
    expect(row?.destroyed_at).toBeInstanceOf(Date);
    expect(await states(placed.message)).toEqual(['expired', 'expired']);
    expect(stage.expired).toContain(first?.delivery);
    expect(stage.expired).not.toContain(second?.delivery);
    expect(await audited('portal.expired')).toBe(2);
    expect(await states(kept.message)).toEqual(['waiting']);
    await expect.poll(blobFiles).not.toContain(blob);
  });

  it('is done once when two workers meet', async () => {
    const placed = await stage.place({ organisation: clinic, to: 'jo@x.test', expiresAt: soon() });
    await past();
    const ended = await Promise.all([stage.portal.expireDue(), stage.portal.expireDue()]);
    expect(ended.toSorted()).toEqual([0, 1]);
    expect(stage.expired.filter((delivery) => delivery === placed.delivery)).toHaveLength(1);
  });
});

describe('retraction', () => {
  it('ends every entry and destroys the copy, and tells what had been read', async () => {
    const placed = await stage.place({ organisation: clinic, to: ['kim@x.test', 'lou@x.test'] });
    const [unread, read] = placed.all;
    await stage.database.tenant([clinic], 'app', (tx) =>
      tx.execute({
        text: `update sealpost.portal_item set state = 'read', first_read_at = now() where delivery = $1`,
        values: [read?.delivery ?? ''],
      }),
    );
    const result = await stage.database.tenant([clinic], 'app', (tx) =>
      stage.portal.retract(tx, clinic, placed.message),
    );
    expect(result).toEqual({ unread: [unread?.delivery], read: [read?.delivery] });
    expect(await states(placed.message)).toEqual(['retracted', 'retracted']);
    expect((await copies(placed.message))[0]).toMatchObject({ content: null, summary: null });
  });
});

describe('sweeping', () => {
  it('removes what ended more than a day ago and keeps the rest', async () => {
    const now = new Date();
    await stage.database.tenant([clinic], 'app', (tx) =>
      tx.execute({
        text: `insert into sealpost.portal_limit (key, used, ends_at) values ('\\x01', 1, $1), ('\\x02', 1, $2)`,
        values: [new Date(now.getTime() - 2 * 86_400_000), now],
      }),
    );
    expect(await stage.portal.sweep()).toBe(1);
    expect(await stage.portal.sweep()).toBe(0);
  });
});
