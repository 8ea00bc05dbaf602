import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { normalisePassphrase } from './passphrase.ts';

interface Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Argon2id, 19 MiB, two passes: about 20 ms here. Kept with each hash, so that it can be raised (RFC 9106). */
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG = 32;

/** The hash as `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function hashPassphrase(passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await derive(passphrase, salt, COST);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain(salt)}$${plain(tag)}`;
}

let dummy: Promise<string> | undefined;

/**
 * Whether the passphrase is the one behind `stored`. Without a stored hash the same work is done, so that the time does
 * not tell whether an account exists.
 */
export async function verifyPassphrase(passphrase: string, stored: string | null): Promise<boolean> {
  dummy ??= hashPassphrase(randomBytes(24).toString('base64'));
  const hash = parse(stored ?? (await dummy));
  if (hash === undefined) throw new Error('a stored passphrase hash cannot be read');
  const tag = await derive(passphrase, hash.salt, hash.cost);
  return timingSafeEqual(tag, hash.tag) && stored !== null;
}

/** True when the hash was made with another cost than is used now. */
export function needsRehash(stored: string): boolean {
  const cost = parse(stored)?.cost;
  return cost?.memory !== COST.memory || cost.passes !== COST.passes || cost.parallelism !== COST.parallelism;
}

const FORMAT =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

function parse(text: string): { cost: Cost; salt: Buffer; tag: Buffer } | undefined {
  const match = FORMAT.exec(text);
  if (match === null) return undefined;
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function plain(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function derive(passphrase: string, nonce: Buffer, cost: Cost): Promise<Buffer> {
  const message = Buffer.from(normalisePassphrase(passphrase), 'utf8');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength: TAG, ...cost }, (error, tag) => {
      if (error === null) resolve(tag);
      else reject(error);
    });
  });
}
