import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyMissing } from './errors.ts';
import { MOST_BLOCKS } from './group-uses.ts';
import { KeyCache } from './key-cache.ts';
import { CLINIC, organisationId, SUBJECT, type TestHome, testHome } from './vault-fixture.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

const allFiles = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the key tree', () => {
  test('lies in files of 0600 in directories of 0700, and leaves nothing half-written', async () => {
    const vault = await home.open();
    await vault.newObjectKey(CLINIC, 'message');
    await vault.blindIndex(CLINIC, 'address/1', 'x');
    const entries = readdirSync(home.keys, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const { mode } = statSync(join(entry.parentPath, entry.name));
      expect(mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600);
    }
    expect(entries.filter((entry) => /tmp|lock/.test(entry.name))).toEqual([]);
    expect(
      allFiles(join(home.keys, 'organisations', CLINIC)).map((path) => path.slice(home.keys.length)),
    ).toEqual(
      expect.arrayContaining([
        `/organisations/${CLINIC}/organisation.1.key`,
        `/organisations/${CLINIC}/index.1.key`,
        `/organisations/${CLINIC}/groups/message-202611-0.key`,
        `/organisations/${CLINIC}/groups/message-202611-0.uses`,
      ]),
    );
  });

  test('has a group for each purpose and month, by UTC', async () => {
    const vault = await home.open();
    home.clock.set(new Date('2026-11-30T23:59:59.999Z'));
    await vault.newObjectKey(CLINIC, 'message');
    home.clock.set(new Date('2026-12-01T00:00:00Z'));
    await vault.newObjectKey(CLINIC, 'message');
    await vault.newObjectKey(CLINIC, 'portal');
    const names = (await vault.groups(CLINIC)).map((group) => `${group.purpose} ${group.month}`);
    expect(names).toEqual(['message 202611', 'message 202612', 'portal 202612']);
  });

  test('is used only after it is on the disk: another process opens at once what this one sealed', async () => {
    const [a, b] = [await home.open(), await home.open()];
    const key = await a.newObjectKey(CLINIC, 'message');
    const sealed = a.seal(key, SUBJECT, 'content');
    expect(b.openText(await b.openObjectKey(CLINIC, key.wrapped), SUBJECT, sealed)).toBe('content');
  });

  test('stays one tree when processes found it at the same moment', async () => {
    const script = join(home.keys, '..', 'found.mts');
    writeFileSync(script, foundingScript);
    const children = Array.from({ length: 4 }, () =>
      fork(script, [home.keys, home.data, CLINIC], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    const answers = await Promise.all(
      children.map(async (child) => {
        const [message] = await once(child, 'message');
        await once(child, 'exit');
        return message as { readonly wrapped: string; readonly sealed: string; readonly index: string };
      }),
    );
    const vault = await home.open();
    for (const { wrapped, sealed, index } of answers) {
      const key = await vault.openObjectKey(CLINIC, Buffer.from(wrapped, 'hex'));
      expect(vault.openText(key, SUBJECT, Buffer.from(sealed, 'hex'))).toBe('content');
      expect((await vault.blindIndex(CLINIC, 'n', 't')).toString('hex')).toBe(index);
    }
    const files = readdirSync(join(home.keys, 'organisations', CLINIC)).sort();
    expect(files).toEqual(['groups', 'index.1.key', 'organisation.1.key']);
  }, 30_000);

  test('does not make a lost organisation key anew', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'message');
    rmSync(join(home.keys, 'organisations', CLINIC, 'organisation.1.key'));
    const other = await home.open();
    await expect(other.newObjectKey(CLINIC, 'message')).rejects.toThrow(KeyMissing);
    await expect(other.openObjectKey(CLINIC, key.wrapped)).rejects.toThrow(KeyMissing);
    await expect(other.blindIndex(CLINIC, 'n', 't')).rejects.toThrow(KeyMissing);
  });

  test('does not make a lost index key anew', async () => {
    const vault = await home.open();
    await vault.newObjectKey(CLINIC, 'message');
    rmSync(join(home.keys, 'organisations', CLINIC, 'index.1.key'));
    await expect((await home.open()).blindIndex(CLINIC, 'n', 't')).rejects.toThrow(KeyMissing);
  });

  test('completes a founding that a crash has cut short', async () => {
    const vault = await home.open();
    const index = await vault.blindIndex(CLINIC, 'n', 't');
    rmSync(join(home.keys, 'organisations', CLINIC, 'index.1.key')); // as if never written: no group was made yet
    const other = await home.open();
    const key = await other.newObjectKey(CLINIC, 'message');
    await (await home.open()).openObjectKey(CLINIC, key.wrapped);
    expect(await other.blindIndex(CLINIC, 'n', 't')).not.toEqual(index);
  });

  test('notices changed and exchanged key files', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'message');
    await vault.newObjectKey(CLINIC, 'portal');
    const groups = join(home.keys, 'organisations', CLINIC, 'groups');
    const own = join(groups, 'message-202611-0.key');
    const whole = readFileSync(own);
    const changes: Buffer[] = [
      Buffer.alloc(0),
      whole.subarray(0, 20),
      readFileSync(join(groups, 'portal-202611-0.key')),
    ];
    for (const at of [0, 4, 10, 20, 40, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      changes.push(changed);
    }
    for (const change of changes) {
      writeFileSync(own, change);
      await expect((await home.open()).openObjectKey(CLINIC, key.wrapped)).rejects.toThrow(KeyMissing);
    }
    writeFileSync(own, whole);
    await (await home.open()).openObjectKey(CLINIC, key.wrapped);
  });

  test('begins another generation when a group key has been used 2^32 times', async () => {
    const vault = await home.open();
    const first = await vault.newObjectKey(CLINIC, 'message');
    const uses = join(home.keys, 'organisations', CLINIC, 'groups', 'message-202611-0.uses');
    expect(statSync(uses).size).toBe(1); // one octet: a million wraps reserved
    writeFileSync(uses, Buffer.alloc(MOST_BLOCKS, 1));
    const other = await home.open();
    const second = await other.newObjectKey(CLINIC, 'message');
    expect((await other.groups(CLINIC)).map((group) => group.generation)).toEqual([0, 1]);
    expect(second.wrapped.readUInt16BE(4)).toBe(1);
    await other.openObjectKey(CLINIC, first.wrapped);
  });

  test('keeps at most so many groups in memory, and all still open', async () => {
    const vault = await home.open({ cachedGroups: 3 });
    const made = [];
    for (let n = 0; n < 12; n += 1) {
      const organisation = organisationId(`01900000-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`);
      made.push({ organisation, key: await vault.newObjectKey(organisation, 'message') });
    }
    for (const { organisation, key } of made) await vault.openObjectKey(organisation, key.wrapped);
    const warm = made.filter(
      ({ organisation, key }) => vault.tryOpenObjectKey(organisation, key.wrapped) !== null,
    );
    expect(warm.length).toBe(3);
  });
});

describe('the key cache', () => {
  test('shares one load among concurrent callers and forgets failures', async () => {
    let loads = 0;
    const cache = new KeyCache<string, number>({ lifeMs: 1000, most: 10, now: () => 0 });
    const load = async () => {
      loads += 1;
      if (loads === 1) throw new Error('first fails');
      return loads;
    };
    const first = await Promise.allSettled([cache.get('a', load), cache.get('a', load)]);
    expect(first.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([cache.get('a', load), cache.get('a', load), cache.get('a', load)])).toEqual([
      2, 2, 2,
    ]);
    expect(loads).toBe(2);
  });

  test('expires by age from before the load, and does not keep what was deleted during it', async () => {
    let now = 0;
    const cache = new KeyCache<string, string>({ lifeMs: 30, most: 10, now: () => now });
    await cache.get('a', async () => {
      now = 10;
      return 'key';
    });
    now = 29;
    expect(cache.peek('a')).toBe('key');
    now = 30;
    expect(cache.peek('a')).toBeUndefined();
    const { promise, resolve } = Promise.withResolvers<string>();
    const loading = cache.get('b', () => promise);
    cache.delete('b');
    resolve('late');
    expect(await loading).toBe('late');
    expect(cache.peek('b')).toBeUndefined();
  });

  test('drops the least recently used first', async () => {
    const cache = new KeyCache<string, string>({ lifeMs: 1000, most: 2, now: () => 0 });
    for (const id of ['a', 'b']) await cache.get(id, async () => id);
    await cache.get('a', async () => 'a');
    await cache.get('c', async () => 'c');
    expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual(['a', undefined, 'c']);
    cache.clear();
    expect(cache.size).toBe(0);
  });
});

/** What each founding process runs. Node strips its types; it speaks to the test over the IPC channel. */
const foundingScript = `
import { createKeyFile, createVault } from '${new URL('./index.ts', import.meta.url).pathname}';
const [keys = '', data = '', organisation = ''] = process.argv.slice(2);
const clock = { now: () => new Date('2026-11-22T10:00:00Z'), monotonic: () => performance.now() };
const rootKey = createKeyFile({ path: keys + '/root.key', dataDirectory: data, clock });
const vault = await createVault({ keysDirectory: keys, rootKey, clock });
const key = await vault.newObjectKey(organisation, 'message');
const sealed = vault.seal(key, ${JSON.stringify(SUBJECT)}, 'content');
const index = await vault.blindIndex(organisation, 'n', 't');
vault.close();
const answer = { wrapped: key.wrapped.toString('hex'), sealed: sealed.toString('hex'), index: index.toString('hex') };
process.send(answer, () => process.disconnect());
`;
