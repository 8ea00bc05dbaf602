import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { databaseKeySet } from './key-set.store.ts';
import { type TestHome, testHome } from './vault-fixture.ts';

let fresh: FreshDatabase;
let home: TestHome;
beforeAll(async () => {
  fresh = await freshDatabase();
  home = testHome();
});
afterAll(async () => {
  home.remove();
  await fresh.close();
});

test('the database remembers its set of keys and refuses an emptied keys directory', async () => {
  const keySetRecord = databaseKeySet(fresh.database);
  expect(await keySetRecord.read()).toBeNull();
  const vault = await home.open({ keySetRecord });
  expect(await keySetRecord.read()).toBe(vault.keySet);
  expect((await home.open({ keySetRecord })).keySet).toBe(vault.keySet);
  await keySetRecord.write('0'.repeat(32)); // what is there stays
  expect(await keySetRecord.read()).toBe(vault.keySet);
  rmSync(home.keys, { recursive: true });
  await expect(home.open({ keySetRecord })).rejects.toMatchObject({ code: 'keys-directory-empty' });
});
