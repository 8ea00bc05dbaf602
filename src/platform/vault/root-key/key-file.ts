import { randomBytes } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { type Clock, fileErrorCode } from '#platform/runtime';
import { createOnce, replaceFile, withLock } from '../durable-files.ts';
import { RootKeyWrong } from '../errors.ts';
import { KEY } from '../gcm.ts';
import { droppable, HeldKeys, takeLocalKey } from './local-key.ts';
import type { RootKeyCopy, RootKeyName, RootKeyOccasion, RootKeyProvider } from './provider.ts';

export interface KeyFileOptions {
  /** The file; made with mode 0600 on the first start. Keep it on another volume than backups of the data. */
  readonly path: string;
  /** The file is refused inside of this directory: a backup of the data must not bring the key along. */
  readonly dataDirectory: string;
  readonly clock: Clock;
}

const TITLE = 'sealpost-root-key 1';

/** The root key in a file: one line a key, newest first: `id created key`, the key in base64url. */
export function createKeyFile(options: KeyFileOptions): RootKeyProvider {
  const { path, clock } = options;
  let held = new HeldKeys([]);

  const load = async (): Promise<void> => {
    held = new HeldKeys((await readKeys(path)).map(({ created, key }) => takeLocalKey(key, created)));
  };

  return {
    async prepare(occasion: RootKeyOccasion) {
      await refuseInsideData(path, options.dataDirectory);
      if (occasion === 'first') {
        // Where the file is there already, its owner has put it there beforehand, or another process was faster.
        if (!(await exists(path))) await createOnce(path, formatKeys([freshKey(clock)]));
      } else if (occasion === 'additional') {
        await withLock(`${path}.lock`, async () => {
          await replaceFile(path, formatKeys([freshKey(clock), ...(await readKeys(path))]));
        });
      }
      await load();
    },
    describe: (): RootKeyName => ({ id: held.newest.id, kind: 'file' }),
    async handles(id) {
      if (!held.has(id)) await load(); // it may have been added by another process
      return held.has(id);
    },
    wrap: async (plain, associated) => held.wrap(plain, associated),
    unwrap: async (wrapped, associated) => held.unwrap(wrapped, associated),
    async dropExcept(used, before) {
      return withLock(`${path}.lock`, async () => {
        const present = await readKeys(path);
        const named = present.map((copy) => ({
          id: takeLocalKey(Buffer.from(copy.key), copy.created).id,
          created: copy.created,
        }));
        const gone = droppable(named, used, before);
        const kept = present.filter((_, index) => !gone.has(named[index]?.id ?? ''));
        const dropped = present.length - kept.length;
        if (dropped > 0) await replaceFile(path, formatKeys(kept));
        await load();
        return dropped;
      });
    },
    exportKeys: () => readKeys(path),
  };
}

function freshKey(clock: Clock): RootKeyCopy {
  return { created: clock.now(), key: randomBytes(KEY) };
}

/** The text of a root key file, also written by recovery. Wipes nothing: the caller owns the keys. */
export function formatKeys(keys: readonly RootKeyCopy[]): Buffer {
  const lines = keys.map(({ created, key }) => {
    const id = takeLocalKey(Buffer.from(key), created).id;
    return `${id} ${created.toISOString()} ${key.toString('base64url')}`;
  });
  return Buffer.from(`${[TITLE, ...lines].join('\n')}\n`, 'latin1');
}

/** Reads a root key file and checks its mode. Throws RootKeyWrong. */
async function readKeys(path: string): Promise<readonly RootKeyCopy[]> {
  const octets = await readGuarded(path);
  const [title, ...lines] = octets.toString('latin1').trimEnd().split('\n');
  octets.fill(0);
  const keys = lines.map(parseLine);
  if (title !== TITLE || keys.length === 0) throw damaged(path);
  return keys.map((key) => {
    if (key === undefined) throw damaged(path);
    return key;
  });
}

function parseLine(line: string): RootKeyCopy | undefined {
  const [id, created = '', text = '', ...rest] = line.trim().split(' ');
  const key = Buffer.from(text, 'base64url');
  const date = new Date(created);
  if (rest.length > 0 || key.length !== KEY || Number.isNaN(date.getTime())) return undefined;
  // The id is a hash of the key, so a changed letter is noticed here and not at the first message.
  return takeLocalKey(Buffer.from(key), date).id === id ? { created: date, key } : undefined;
}

function damaged(path: string): RootKeyWrong {
  return new RootKeyWrong(
    'root-key-damaged',
    `the root key file ${path} is damaged: put back a copy of it, or restore it from the recovery kit`,
  );
}

async function readGuarded(path: string): Promise<Buffer> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') throw error;
    throw new RootKeyWrong(
      'root-key-missing',
      `the root key file ${path} is missing, but there are keys that need it: put it back, ` +
        'or restore it from the recovery kit (sealpost keys restore). No new one is made over existing data.',
    );
  }
  try {
    const { mode } = await handle.stat(); // of the open file, so that it cannot be exchanged in between
    if ((mode & 0o177) !== 0) {
      const seen = (mode & 0o777).toString(8).padStart(4, '0');
      throw new RootKeyWrong('root-key-too-open', `${path} has mode ${seen}: set it to 0600 (chmod 600)`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await (await open(path, 'r')).close();
    return true;
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function refuseInsideData(path: string, dataDirectory: string): Promise<void> {
  const data = await realpathOrNearest(dataDirectory);
  const file = await realpathOrNearest(path);
  const way = relative(data, file);
  if (way === '' || (!way.startsWith('..') && !isAbsolute(way))) {
    throw new RootKeyWrong(
      'root-key-inside-data',
      `the root key file ${path} lies inside of the data directory: backups of the data would bring it along`,
    );
  }
}

/** The real path, with links resolved as far as the path exists. */
async function realpathOrNearest(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch (error) {
    const parent = dirname(whole);
    if (fileErrorCode(error) !== 'ENOENT' || parent === whole) throw error;
    return join(await realpathOrNearest(parent), basename(whole));
  }
}
