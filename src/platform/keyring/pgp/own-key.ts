import { type PrivateKey, readPrivateKey } from 'openpgp';
import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import type { Database, Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import { insertSigningKey, selectSigningKeys } from '../keyring.store.ts';
import { armor } from './armor.ts';
import { makePgpKey } from './make-key.ts';
import { PGP_CONFIG } from './pgp-config.ts';

/** The organisation's own OpenPGP key: signs what leaves, and its public half is published. */
export interface OwnPgpKey {
  readonly fingerprint: string;
  /** The address that its user id names. */
  readonly address: string;
  readonly createdAt: Date;
  readonly privateKey: PrivateKey;
  /** The transferable public key, binary and armoured. */
  readonly octets: Buffer;
  readonly armoured: string;
}

export interface OwnKeyPorts {
  readonly database: Database;
  readonly vault: {
    sealValue(purpose: SealPurpose, binding: Binding, plain: Uint8Array): Promise<Buffer>;
    openValue(binding: Binding, sealed: Uint8Array): Promise<Buffer>;
  };
  readonly clock: Clock;
  /** The organisation's first domain; null where it has none, and so no address to make a key for. */
  domain(organisation: OrganisationId): Promise<string | null>;
}

/** The mailbox that our own mail is sent from where nobody else is named. */
const LOCAL_PART = 'office';
const KEPT_MS = 60_000;
const KEPT_MOST = 1_000;
const SELECTOR = 'pgp';

/** Gives the organisation's key, made at its first use; null for an organisation without a domain. */
export function createOwnKeys(
  ports: OwnKeyPorts,
): (organisation: OrganisationId) => Promise<OwnPgpKey | null> {
  const kept = new Map<OrganisationId, { readonly key: Promise<OwnPgpKey | null>; readonly until: number }>();
  return (organisation) => {
    const now = ports.clock.monotonic();
    const held = kept.get(organisation);
    if (held !== undefined && held.until > now) return held.key;
    const key = load(ports, organisation);
    kept.delete(organisation);
    kept.set(organisation, { key, until: now + KEPT_MS });
    const oldest = kept.size > KEPT_MOST ? kept.keys().next() : undefined;
    if (oldest?.done === false) kept.delete(oldest.value);
    key.then(
      (found) => found === null && kept.delete(organisation),
      () => kept.delete(organisation),
    );
    return key;
  };
}

async function load(ports: OwnKeyPorts, organisation: OrganisationId): Promise<OwnPgpKey | null> {
  const stored = await ports.database.tenant([organisation], 'app', (tx) => read(ports, tx, organisation));
  if (stored !== null) return stored;
  const domain = await ports.domain(organisation);
  if (domain === null) return null;
  const made = await makePgpKey(domain, `${LOCAL_PART}@${domain}`, ports.clock.now());
  return ports.database.tenant([organisation], 'app', async (tx) => {
    await store(ports, tx, organisation, made);
    // Another process may have been faster: its key stays.
    return read(ports, tx, organisation);
  });
}

function binding(organisation: OrganisationId, row: string): Binding {
  return { organisation, field: 'signing-key.private', row };
}

async function store(
  { vault, clock }: OwnKeyPorts,
  tx: Transaction,
  organisation: OrganisationId,
  key: PrivateKey,
): Promise<void> {
  const id = newId(clock);
  const plain = key.write();
  try {
    await insertSigningKey(tx, organisation, {
      id,
      use: 'pgp',
      algorithm: 'openpgp-v4',
      domain: '',
      selector: SELECTOR,
      public_key: Buffer.from(key.toPublic().write()),
      private_key: await vault.sealValue('configuration', binding(organisation, id), plain),
    });
  } finally {
    plain.fill(0);
  }
}

async function read(
  { vault }: OwnKeyPorts,
  tx: Transaction,
  organisation: OrganisationId,
): Promise<OwnPgpKey | null> {
  const [row] = await selectSigningKeys(tx, organisation, 'pgp', '');
  if (row === undefined) return null;
  const plain = await vault.openValue(binding(organisation, row.id), row.private_key);
  try {
    const privateKey = await readPrivateKey({ binaryKey: Uint8Array.from(plain), config: PGP_CONFIG });
    const octets = Buffer.from(privateKey.toPublic().write());
    return {
      fingerprint: privateKey.getFingerprint(),
      address: privateKey.users[0]?.userID?.email ?? '',
      createdAt: privateKey.getCreationTime(),
      privateKey,
      octets,
      armoured: armor('PUBLIC KEY BLOCK', octets, true).toString('latin1'),
    };
  } finally {
    plain.fill(0);
  }
}
