import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '#platform/runtime';
import { createOnce, readIfThere, replaceFile, withLock } from '../durable-files.ts';
import { RootKeyWrong } from '../errors.ts';
import { KEY } from '../gcm.ts';
import { droppable, HeldKeys, takeLocalKey } from './local-key.ts';
import type { RootKeyCopy, RootKeyName, RootKeyOccasion, RootKeyProvider } from './provider.ts';

export interface PassphraseOptions {
  /** At least 15 characters; compared after Unicode NFKC (SP 800-63B-4 §3.1.1.2). */
  readonly passphrase: string;
  /** Salt and parameters are kept here in `root.passphrase.json`: they are not secret, but without them the key is lost. */
  readonly keysDirectory: string;
  readonly clock: Clock;
  /** Cost of Argon2id (RFC 9106). Default: its second recommendation, 64 MiB, 3 passes, 4 lanes. */
  readonly cost?: Argon2Cost;
}

export interface Argon2Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface PassphraseEntry extends Argon2Cost {
  readonly id: string;
  readonly created: Date;
  readonly salt: Buffer;
  /** HMAC of a constant under the derived key: tells a wrong passphrase before anything is opened. */
  readonly check: Buffer;
}

const DEFAULT_COST: Argon2Cost = { memory: 65_536, passes: 3, parallelism: 4 };
/** Bounds on what a file may ask for, so that a changed one can neither weaken the key nor exhaust the memory. */
const LEAST: Argon2Cost = { memory: 8_192, passes: 1, parallelism: 1 };
const MOST: Argon2Cost = { memory: 4_194_304, passes: 64, parallelism: 64 };
const FORMAT = 'sealpost-root-passphrase/1';

/** The root key derived from a passphrase. */
export function createPassphraseKey(options: PassphraseOptions): RootKeyProvider {
  const passphrase = options.passphrase.normalize('NFKC');
  if ([...passphrase].length < 15) {
    throw new RootKeyWrong('root-key-does-not-fit', 'the root passphrase must have at least 15 characters');
  }
  const path = join(options.keysDirectory, 'root.passphrase.json');
  let seen: Buffer | undefined;
  let held = new HeldKeys([]);
  let copies: readonly RootKeyCopy[] = [];

  const makeEntry = async (): Promise<PassphraseEntry> => {
    const salt = randomBytes(16);
    const cost = options.cost ?? DEFAULT_COST;
    const key = await derive(passphrase, salt, cost);
    const check = checkValue(key);
    return {
      id: takeLocalKey(key, options.clock.now()).id,
      created: options.clock.now(),
      salt,
      check,
      ...cost,
    };
  };

  const load = async (): Promise<void> => {
    const octets = await readIfThere(path);
    if (octets === undefined) {
      throw new RootKeyWrong(
        'root-key-missing',
        `${path} (salt and parameters of the root passphrase) is missing, but there are keys that need it: put it back`,
      );
    }
    if (seen?.equals(octets) === true) return;
    const fitting = await deriveFitting(passphrase, parseEntries(path, octets));
    if (fitting.length === 0) {
      throw new RootKeyWrong(
        'root-key-does-not-fit',
        'the root passphrase is not the one that these keys were made with',
      );
    }
    copies = fitting;
    held = new HeldKeys(fitting.map(({ created, key }) => takeLocalKey(Buffer.from(key), created)));
    seen = octets;
  };

  return {
    async prepare(occasion: RootKeyOccasion) {
      if (occasion === 'first' && (await readIfThere(path)) === undefined) {
        await createOnce(path, formatEntries([await makeEntry()]));
      } else if (occasion === 'additional') {
        const entry = await makeEntry();
        await withLock(`${path}.lock`, async () => {
          const octets = await readIfThere(path);
          await replaceFile(path, formatEntries([entry, ...(octets ? parseEntries(path, octets) : [])]));
        });
      }
      await load();
    },
    describe: (): RootKeyName => ({ id: held.newest.id, kind: 'passphrase' }),
    async handles(id) {
      if (!held.has(id)) await load(); // it may have been added by another process
      return held.has(id);
    },
    wrap: async (plain, associated) => held.wrap(plain, associated),
    unwrap: async (wrapped, associated) => held.unwrap(wrapped, associated),
    async dropExcept(used, before) {
      return withLock(`${path}.lock`, async () => {
        const octets = await readIfThere(path);
        if (octets === undefined) return 0;
        const present = parseEntries(path, octets);
        const gone = droppable(present, used, before);
        if (gone.size > 0)
          await replaceFile(path, formatEntries(present.filter((entry) => !gone.has(entry.id))));
        return gone.size;
      });
    },
    exportKeys: async () => copies.map(({ created, key }) => ({ created, key: Buffer.from(key) })),
  };
}

/** The keys of those entries that were made with this passphrase, in the file's order. */
async function deriveFitting(
  passphrase: string,
  entries: readonly PassphraseEntry[],
): Promise<readonly RootKeyCopy[]> {
  const fitting: RootKeyCopy[] = [];
  for (const entry of entries) {
    const key = await derive(passphrase, entry.salt, entry);
    if (timingSafeEqual(checkValue(key), entry.check)) fitting.push({ created: entry.created, key });
    else key.fill(0);
  }
  return fitting;
}

function derive(passphrase: string, salt: Buffer, cost: Argon2Cost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parameters = {
    message: passphrase,
    nonce: salt,
    memory: cost.memory,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: KEY,
  };
  argon2('argon2id', parameters, (error, key) => (error === null ? resolve(key) : reject(error)));
  return promise;
}

function checkValue(key: Buffer): Buffer {
  return createHmac('sha256', key).update('sealpost/root-passphrase-check/1').digest();
}

function formatEntries(entries: readonly PassphraseEntry[]): Buffer {
  const keys = entries.map((entry) => ({
    id: entry.id,
    created: entry.created.toISOString(),
    algorithm: 'argon2id',
    memoryKiB: entry.memory,
    passes: entry.passes,
    parallelism: entry.parallelism,
    salt: entry.salt.toString('base64'),
    check: entry.check.toString('base64'),
  }));
  return Buffer.from(`${JSON.stringify({ format: FORMAT, keys }, null, 2)}\n`);
}

function parseEntries(path: string, octets: Buffer): PassphraseEntry[] {
  const damaged = new RootKeyWrong('root-key-damaged', `${path} is damaged: put back a copy of it`);
  let document: unknown;
  try {
    document = JSON.parse(octets.toString('utf8'));
  } catch {
    throw damaged;
  }
  if (!isObject(document) || document.format !== FORMAT || !Array.isArray(document.keys)) throw damaged;
  const entries = document.keys.map(parseEntry);
  return entries.map((entry) => {
    if (entry === undefined) throw damaged;
    return entry;
  });
}

function parseEntry(value: unknown): PassphraseEntry | undefined {
  if (!isObject(value) || value.algorithm !== 'argon2id') return undefined;
  const { id, created, memoryKiB: memory, passes, parallelism, salt, check } = value;
  if (typeof id !== 'string' || typeof created !== 'string') return undefined;
  if (typeof salt !== 'string' || typeof check !== 'string') return undefined;
  if (!within(memory, 'memory') || !within(passes, 'passes') || !within(parallelism, 'parallelism'))
    return undefined;
  const date = new Date(created);
  const checkOctets = Buffer.from(check, 'base64');
  const saltOctets = Buffer.from(salt, 'base64');
  if (Number.isNaN(date.getTime()) || checkOctets.length !== 32 || saltOctets.length < 16) return undefined;
  return { id, created: date, salt: saltOctets, check: checkOctets, memory, passes, parallelism };
}

function within(value: unknown, name: keyof Argon2Cost): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= LEAST[name] && value <= MOST[name];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
