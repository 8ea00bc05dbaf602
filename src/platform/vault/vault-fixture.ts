// For tests of this room only: a vault in a temporary directory under a clock that the test moves.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUuid, type OrganisationId } from '#core/ids';
import type { Binding } from '#core/seal';
import type { Clock } from '#platform/runtime';
import { createVault, type VaultOptions } from './create-vault.ts';
import { createKeyFile } from './root-key/key-file.ts';
import type { RootKeyProvider } from './root-key/provider.ts';
import type { Vault } from './vault.ts';

interface TestClock extends Clock {
  /** Moves both times by seconds. */
  pass(seconds: number): void;
  set(date: Date): void;
}

function testClock(start = new Date('2026-11-22T10:00:00Z')): TestClock {
  let wall = start.getTime();
  let monotonic = 0;
  return {
    now: () => new Date(wall),
    monotonic: () => monotonic,
    pass(seconds) {
      wall += seconds * 1000;
      monotonic += seconds * 1000;
    },
    set(date) {
      monotonic += Math.max(0, date.getTime() - wall);
      wall = date.getTime();
    },
  };
}

export interface TestHome {
  readonly keys: string;
  readonly data: string;
  readonly rootKeyFile: string;
  readonly clock: TestClock;
  keyFile(): RootKeyProvider;
  /** A vault over these keys, as another process would open it. */
  open(options?: Partial<VaultOptions>): Promise<Vault>;
  remove(): void;
}

export function testHome(): TestHome {
  const root = mkdtempSync(join(tmpdir(), 'sealpost-vault-'));
  const clock = testClock();
  const keys = join(root, 'keys');
  const data = join(root, 'data');
  const rootKeyFile = join(keys, 'root.key');
  const vaults: Vault[] = [];
  const keyFile = () => createKeyFile({ path: rootKeyFile, dataDirectory: data, clock });
  return {
    keys,
    data,
    rootKeyFile,
    clock,
    keyFile,
    async open(options = {}) {
      const vault = await createVault({ keysDirectory: keys, rootKey: keyFile(), clock, ...options });
      vaults.push(vault);
      return vault;
    },
    remove() {
      for (const vault of vaults) vault.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export const CLINIC = organisationId('01900000-0000-7000-8000-000000000001');
export const PRACTICE = organisationId('01900000-0000-7000-8000-000000000002');

export function organisationId(text: string): OrganisationId {
  if (!isOrganisationId(text)) throw new TypeError('not a UUID');
  return text;
}

function isOrganisationId(text: string): text is OrganisationId {
  return isUuid(text);
}

export const SUBJECT: Binding = {
  organisation: CLINIC,
  field: 'message.subject',
  row: '01900000-0000-7000-8000-0000000000aa',
};

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of source) blocks.push(block);
  return Buffer.concat(blocks);
}

/** The octets in pieces of the lengths given, over and over. */
export async function* inPieces(octets: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < octets.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? octets.length;
    yield octets.subarray(at, at + length);
    at += length;
  }
}
