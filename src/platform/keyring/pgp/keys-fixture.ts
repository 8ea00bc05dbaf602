// What the database tests of OpenPGP keys stand on: a database, a vault, and a clock that can be set ahead.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller } from '#core/actor';
import { type ApiKeyId, isUuid, type OrganisationId } from '#core/ids';
import { type Clock, newId, systemClock } from '#platform/runtime';
import { createKeyFile, createVault, type Vault } from '#platform/vault';
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts';
import { type PublicPgpKey, readPublicKey } from './public-key.ts';

export const DAY = 86_400_000;

export interface KeysWorld {
  readonly fresh: FreshDatabase;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Days by which the clock is ahead. */
  ahead: number;
  close(): Promise<void>;
}

export async function openKeysWorld(): Promise<KeysWorld> {
  const fresh = await freshDatabase();
  const home = mkdtempSync(join(tmpdir(), 'sealpost-pgp-keys-'));
  const keysDirectory = join(home, 'keys');
  const rootKey = createKeyFile({
    path: join(keysDirectory, 'root.key'),
    dataDirectory: join(home, 'data'),
    clock: systemClock,
  });
  const vault = await createVault({ keysDirectory, rootKey, clock: systemClock });
  const world: KeysWorld = {
    fresh,
    vault,
    ahead: 0,
    clock: {
      now: () => new Date(Date.now() + world.ahead * DAY),
      monotonic: () => systemClock.monotonic() + world.ahead * DAY,
    },
    async close() {
      await fresh.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return world;
}

const isOrganisation = (id: string): id is OrganisationId => isUuid(id);

/** Somebody of an organisation that nobody has used yet. */
export function anyCaller(): Caller {
  const organisation = newId();
  if (!isOrganisation(organisation)) throw new TypeError('not an id');
  return {
    organisation,
    actor: { kind: 'api-key', apiKey: newId() as ApiKeyId },
    origin: { address: null, channel: 'api' },
    permissions: new Set(),
    request: 'test',
  };
}

export async function publicOf(octets: Uint8Array): Promise<PublicPgpKey> {
  const key = await readPublicKey(octets);
  if (typeof key === 'string') throw new Error(key);
  return key;
}
