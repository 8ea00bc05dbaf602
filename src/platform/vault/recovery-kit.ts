import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import { canonical } from './associated-data.ts';
import { createOnce } from './durable-files.ts';
import { SealBroken } from './errors.ts';
import { KEY, NONCE, openFrom, sealInto, TAG, takeKey } from './gcm.ts';
import { compareWithKeySet } from './key-set.ts';
import { fillRandom } from './random-octets.ts';
import { formatLines, makeCode, readCode, readLines } from './recovery-text.ts';
import { formatKeys } from './root-key/key-file.ts';
import { HeldKeys, takeLocalKey } from './root-key/local-key.ts';
import type { RootKeyCopy } from './root-key/provider.ts';

/** A printable kit and the code that opens it: keep them apart. */
export interface RecoveryKit {
  /** To print or save: the protected root key with instructions. Worthless without the code. */
  readonly text: string;
  /** Shown once: 28 letters and digits in seven groups. */
  readonly code: string;
}

export interface RestoreOptions {
  /** Where the root key file is put; default `root.key` in the keys directory. */
  readonly rootKeyFile?: string;
}

export type Restored =
  | { readonly kind: 'restored'; readonly path: string; readonly keys: number }
  | { readonly kind: 'no-kit' }
  | { readonly kind: 'line-mistyped'; readonly line: number }
  | { readonly kind: 'code-mistyped' }
  /** The code is well-formed, but it does not open this kit. */
  | { readonly kind: 'code-wrong' }
  /** The kit belongs to another installation's keys. */
  | { readonly kind: 'other-keys' }
  /** The root key was rotated since the kit was made. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'file-exists'; readonly path: string };

const FORM = 1;
const SET = 16;
const SALT = 16;
const HEAD = 1 + SET + SALT;
const ENTRY = 6 + KEY;

/** Protects the root keys (newest first, wiped here) with a fresh code. */
export function writeRecoveryKit(keySet: string, keys: readonly RootKeyCopy[], now: Date): RecoveryKit {
  const code = makeCode();
  const payload = Buffer.alloc(keys.length * ENTRY);
  keys.forEach(({ created, key }, index) => {
    payload.writeUIntBE(created.getTime(), index * ENTRY, 6);
    key.copy(payload, index * ENTRY + 6);
    key.fill(0);
  });
  const kit = Buffer.alloc(HEAD + NONCE + payload.length + TAG);
  kit[0] = FORM;
  kit.write(keySet, 1, 'hex');
  fillRandom(kit, 1 + SET, SALT);
  const head = kit.subarray(0, HEAD);
  sealInto(kit, HEAD, kitKey(code, head), canonical(['sealpost/recovery-kit/1', head]), payload);
  payload.fill(0);
  return { code, text: instructions(keySet, now, formatLines(kit)) };
}

/**
 * Writes the root key file anew from a kit and its code. Touches nothing else and never overwrites a file. Whatever
 * is wrong with the input is a result, not a throw.
 */
export async function restoreFromRecoveryKit(
  kit: string,
  code: string,
  keysDirectory: string,
  options: RestoreOptions = {},
): Promise<Restored> {
  const lines = readLines(kit);
  if (lines.kind !== 'read') return lines;
  if (readCode(code) === undefined) return { kind: 'code-mistyped' };
  const keys = openKit(lines.octets, code);
  if (keys === undefined) return { kind: 'code-wrong' };
  const keySet = lines.octets.toString('hex', 1, 1 + SET);
  const held = new HeldKeys(keys.map(({ created, key }) => takeLocalKey(Buffer.from(key), created)));
  const match = await compareWithKeySet(keysDirectory, keySet, {
    handles: async (id) => held.has(id),
    unwrap: async (wrapped, associated) => held.unwrap(wrapped, associated),
  });
  if (match === 'other-keys' || match === 'outdated') return { kind: match };
  const path = options.rootKeyFile ?? join(keysDirectory, 'root.key');
  const made = await createOnce(path, formatKeys(keys));
  for (const { key } of keys) key.fill(0);
  return made ? { kind: 'restored', path, keys: keys.length } : { kind: 'file-exists', path };
}

/** Undefined when the code does not open the kit. */
function openKit(kit: Buffer, typed: string): readonly RootKeyCopy[] | undefined {
  if (kit.length < HEAD + NONCE + ENTRY + TAG || kit[0] !== FORM) return undefined;
  const head = kit.subarray(0, HEAD);
  const associated = canonical(['sealpost/recovery-kit/1', head]);
  let payload: Buffer;
  try {
    payload = openFrom(kitKey(typed, head), associated, kit.subarray(HEAD));
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
  const keys: RootKeyCopy[] = [];
  for (let at = 0; at + ENTRY <= payload.length; at += ENTRY) {
    const created = new Date(payload.readUIntBE(at, 6));
    keys.push({ created, key: Buffer.from(payload.subarray(at + 6, at + ENTRY)) });
  }
  payload.fill(0);
  return keys;
}

/** The code has 130 random bits: a slow derivation would add nothing. */
function kitKey(typed: string, head: Buffer) {
  const letters = readCode(typed) ?? '';
  const salt = head.subarray(1 + SET);
  return takeKey(Buffer.from(hkdfSync('sha256', letters, salt, 'sealpost/recovery-kit/1', KEY)));
}

function instructions(keySet: string, now: Date, lines: string): string {
  return `SEALPOST RECOVERY KIT
made ${now.toISOString()} for key set ${keySet}

With this sheet, its recovery code and a copy of the keys directory, everything that
Sealpost has sealed can be opened again after the root key was lost. Without any one of
the three it cannot. So:

 * Keep this sheet in a safe place away from the server, and the code in another one.
   Anybody who has both, and a copy of the keys directory, can read everything.
 * Back up the keys directory by itself, apart from the backups of the data, and do not
   keep old copies: an old copy brings back keys that were destroyed since.
 * Make a new kit after each rotation of the root key, and destroy the old one.

To restore: put the keys directory back, type the lines below (with their BEGIN and END
lines) into a file, and run

    sealpost keys restore FILE

It asks for the code, checks each line (the two letters at its end), and writes the root
key file. Capitals do not matter; O is read as 0, and I and L as 1.

${lines}
`;
}
