import { type PrivateKey, readPrivateKey } from 'openpgp';
import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import type { Database, Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import { armor } from './armor.ts';
import type { KeyActing } from './keep-keys.ts';
import { makePgpKey } from './make-key.ts';
import { insertOwnKey, lockOwnKeys, type OwnKeyRow, selectOwnKeys } from './own-key.store.ts';
import { PGP_CONFIG } from './pgp-config.ts';
import { type PublicPgpKey, readPublicKey } from './public-key.ts';

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

/** An act on a key of the organisation, to be recorded in its transaction. */
export interface OwnKeyAct {
  readonly acting: KeyActing;
  readonly act: 'made' | 'extended' | 'extension-failed' | 'rotated' | 'revoked' | 'revocation-exported';
  readonly id: string;
  readonly details: Readonly<Record<string, string>>;
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
  /** Writes the audit entry and the event. */
  record(tx: Transaction, act: OwnKeyAct): Promise<void>;
}

/** The mailbox that our own mail is sent from where nobody else is named. */
const LOCAL_PART = 'office';
/** A key lives so long, and is given as long again when the job finds that less than half a year is left. */
export const LIFETIME_MS = 2 * 365 * 86_400_000;

/** The end of a key that is made or extended now, in whole seconds as the format has them. */
export function endFrom(now: Date): Date {
  return new Date(Math.floor((now.getTime() + LIFETIME_MS) / 1_000) * 1_000);
}

/** Makes the organisation's key unless it has one. To be called under the lock. */
export async function ensureOwnKey(
  ports: OwnKeyPorts,
  tx: Transaction,
  acting: KeyActing,
  domain: string,
): Promise<void> {
  await lockOwnKeys(tx, acting.organisation);
  const [first] = await selectOwnKeys(tx, acting.organisation);
  if (first !== undefined && first.retired_at === null) return;
  await addOwnKey(ports, tx, acting, await makeFor(ports, domain), 'made');
}

/** A key for the organisation's domain that nobody has seen yet. */
export function makeFor({ clock }: Pick<OwnKeyPorts, 'clock'>, domain: string): Promise<PrivateKey> {
  const now = clock.now();
  return makePgpKey(domain, `${LOCAL_PART}@${domain}`, now, endFrom(now));
}

/** Stores a key as the one that signs from now on. */
export async function addOwnKey(
  ports: OwnKeyPorts,
  tx: Transaction,
  acting: KeyActing,
  key: PrivateKey,
  act: 'made' | 'rotated',
): Promise<void> {
  const id = newId(ports.clock);
  const row = await sealOwnKey(ports, acting.organisation, id, key, endFrom(key.getCreationTime()));
  await insertOwnKey(tx, acting.organisation, row);
  await ports.record(tx, { acting, act, id, details: {} });
}

/** A key as its row holds it. */
export async function sealOwnKey(
  { vault }: Pick<OwnKeyPorts, 'vault'>,
  organisation: OrganisationId,
  id: string,
  key: PrivateKey,
  expiresAt: Date,
): Promise<Pick<OwnKeyRow, 'id' | 'public_key' | 'private_key' | 'expires_at'>> {
  const plain = key.write();
  try {
    return {
      id,
      public_key: Buffer.from(key.toPublic().write()),
      private_key: await vault.sealValue('configuration', binding(organisation, id), plain),
      expires_at: expiresAt,
    };
  } finally {
    plain.fill(0);
  }
}

export async function openPrivateKey(
  { vault }: Pick<OwnKeyPorts, 'vault'>,
  organisation: OrganisationId,
  row: OwnKeyRow,
): Promise<PrivateKey> {
  const plain = await vault.openValue(binding(organisation, row.id), row.private_key);
  try {
    return await readPrivateKey({ binaryKey: Uint8Array.from(plain), config: PGP_CONFIG });
  } finally {
    plain.fill(0);
  }
}

export async function openOwnKey(
  ports: Pick<OwnKeyPorts, 'vault'>,
  organisation: OrganisationId,
  row: OwnKeyRow,
): Promise<OwnPgpKey> {
  const privateKey = await openPrivateKey(ports, organisation, row);
  return {
    fingerprint: privateKey.getFingerprint(),
    address: privateKey.users[0]?.userID?.email ?? '',
    createdAt: privateKey.getCreationTime(),
    privateKey,
    octets: row.public_key,
    armoured: armouredKey(row.public_key),
  };
}

/** The public half as it stands in its row. One that cannot be read was readable when it was stored: a fault. */
export async function publicHalf(row: OwnKeyRow): Promise<PublicPgpKey> {
  const key = await readPublicKey(row.public_key);
  if (typeof key === 'string') throw new TypeError(`a stored key of the organisation is ${key}`);
  return key;
}

export function armouredKey(octets: Buffer): string {
  return armor('PUBLIC KEY BLOCK', octets, true).toString('latin1');
}

function binding(organisation: OrganisationId, row: string): Binding {
  return { organisation, field: 'signing-key.private', row };
}
