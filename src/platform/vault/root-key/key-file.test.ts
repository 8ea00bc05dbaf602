import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyMissing } from '../errors.ts';
import { CLINIC, SUBJECT, type TestHome, testHome } from '../vault-fixture.ts';
import { createKeyFile } from './key-file.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

const refusal = async (start: Promise<unknown>) => {
  const error = await start.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error && 'code' in error)) throw new Error('expected a refusal');
  return { code: error.code, text: error.message };
};

describe('the root key file', () => {
  test('is made on the first start with mode 0600, and found again on the next', async () => {
    const vault = await home.open();
    expect(statSync(home.rootKeyFile).mode & 0o777).toBe(0o600);
    const before = readFileSync(home.rootKeyFile);
    const key = await vault.newObjectKey(CLINIC, 'message');
    const sealed = vault.seal(key, SUBJECT, 'content');
    const again = await home.open();
    expect(again.keySet).toBe(vault.keySet);
    expect(again.openText(await again.openObjectKey(CLINIC, key.wrapped), SUBJECT, sealed)).toBe('content');
    expect(readFileSync(home.rootKeyFile)).toEqual(before);
  });

  test('is refused when others may read it', async () => {
    await home.open();
    for (const mode of [0o640, 0o604, 0o660, 0o644, 0o700]) {
      chmodSync(home.rootKeyFile, mode);
      const { code, text } = await refusal(home.open());
      expect(code).toBe('root-key-too-open');
      expect(text).toContain('chmod 600');
    }
    chmodSync(home.rootKeyFile, 0o400);
    await home.open();
  });

  test('missing over existing keys stops the start, and no new one is made', async () => {
    await (await home.open()).newObjectKey(CLINIC, 'message');
    rmSync(home.rootKeyFile);
    for (let tries = 0; tries < 2; tries += 1) {
      const { code, text } = await refusal(home.open());
      expect(code).toBe('root-key-missing');
      expect(text).toContain('recovery kit');
      expect(existsSync(home.rootKeyFile)).toBe(false);
    }
  });

  test('of another installation stops the start and is left as it is', async () => {
    await home.open();
    const other = testHome();
    await other.open();
    const foreign = readFileSync(other.rootKeyFile);
    other.remove();
    writeFileSync(home.rootKeyFile, foreign, { mode: 0o600 });
    expect((await refusal(home.open())).code).toBe('root-key-does-not-fit');
    expect(readFileSync(home.rootKeyFile)).toEqual(foreign);
  });

  test('damaged is told apart from wrong', async () => {
    await home.open();
    const text = readFileSync(home.rootKeyFile, 'latin1');
    const middle = text.length - 20;
    const changed = text.slice(0, middle) + (text[middle] === 'A' ? 'B' : 'A') + text.slice(middle + 1);
    for (const bad of [
      changed,
      '',
      'sealpost-root-key 1\n',
      text.replace('1', '2'),
      `${text}junk\n`,
      text.slice(0, -9),
    ]) {
      writeFileSync(home.rootKeyFile, bad);
      expect((await refusal(home.open())).code).toBe('root-key-damaged');
    }
  });

  test('is refused inside of the data directory, also through a link', async () => {
    mkdirSync(home.data);
    const inside = createKeyFile({
      path: join(home.data, 'root.key'),
      dataDirectory: home.data,
      clock: home.clock,
    });
    expect((await refusal(home.open({ rootKey: inside }))).code).toBe('root-key-inside-data');
    const link = join(dirname(home.data), 'elsewhere');
    symlinkSync(home.data, link);
    const path = join(link, 'deeper', 'root.key');
    const linked = createKeyFile({ path, dataDirectory: home.data, clock: home.clock });
    expect((await refusal(home.open({ rootKey: linked }))).code).toBe('root-key-inside-data');
    expect(existsSync(path)).toBe(false);
    // A neighbour whose name begins alike is not inside.
    const beside = createKeyFile({
      path: `${home.data}-keys/root.key`,
      dataDirectory: home.data,
      clock: home.clock,
    });
    await home.open({ rootKey: beside });
  });
});

describe('the keys directory', () => {
  const record = (value: string | null) => {
    let kept = value;
    return {
      read: async () => kept,
      write: async (keySet: string) => {
        kept = keySet;
      },
      get kept() {
        return kept;
      },
    };
  };

  test('is remembered by the database, and neither emptied nor exchanged without notice', async () => {
    const database = record(null);
    const vault = await home.open({ keySetRecord: database });
    expect(database.kept).toBe(vault.keySet);
    await home.open({ keySetRecord: database });

    renameSync(home.keys, `${home.keys}.away`);
    expect((await refusal(home.open({ keySetRecord: database }))).code).toBe('keys-directory-empty');
    expect(existsSync(home.rootKeyFile)).toBe(false); // nothing was made
    rmSync(home.keys, { recursive: true, force: true });
    await home.open(); // someone founds another set there
    expect((await refusal(home.open({ keySetRecord: database }))).code).toBe('keys-directory-foreign');
    rmSync(home.keys, { recursive: true });
    renameSync(`${home.keys}.away`, home.keys);
    await home.open({ keySetRecord: database });
  });

  test('without its keys.json is not founded again beside old keys', async () => {
    await (await home.open()).newObjectKey(CLINIC, 'message');
    rmSync(join(home.keys, 'keys.json'));
    await expect(home.open()).rejects.toThrow(KeyMissing);
    writeFileSync(join(home.keys, 'keys.json'), '{"format":"sealpost-keys/1"}');
    expect((await refusal(home.open())).code).toBe('key-file-damaged');
  });

  test('is refused when others may write into it, and closed when they may read it', async () => {
    await home.open();
    chmodSync(home.keys, 0o770);
    expect((await refusal(home.open())).code).toBe('keys-directory-unsafe');
    chmodSync(home.keys, 0o755);
    await home.open();
    expect(statSync(home.keys).mode & 0o777).toBe(0o700);
  });
});
