import type { Actor, Origin } from '#core/actor';
import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import { selectTrust } from './pgp-setting.store.ts';
import { judgeKey, mergeKeys, type PublicPgpKey } from './public-key.ts';
import {
  changeSource,
  changeState,
  insertKey,
  type KeySource,
  type KeyState,
  keysOfAddress,
  lockAddress,
  type RecipientKeyRow,
  replaceOthers,
  updateMaterial,
} from './recipient-key.store.ts';
import { fingerprintIndex, type KeySeal, openKey, sealKey, sealMaterial } from './recipient-key.ts';
import { isAccepted, judgeOffer, type KeyOffer } from './trust.ts';

/** Who acts, and from where: enough for the audit entry. */
export interface KeyActing {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly request: string | null;
}

/** An act on a key, to be recorded in its transaction (AU-2). */
export interface KeyAct {
  readonly acting: KeyActing;
  /**
   * `pinned`, `trusted`, `renewed`, `change-held`, `superseded`, `confirmed`, `rejected`, `revoked`, `removed`, `viewed`,
   * `settings-changed`.
   */
  readonly act: string;
  /** Null for an act on no single key. */
  readonly key: { readonly id: string; readonly address: string } | null;
  readonly details: Readonly<Record<string, string | number>>;
}

export interface KeepPorts {
  readonly vault: KeySeal;
  readonly clock: Clock;
  /** Writes the audit entry and the event. */
  record(tx: Transaction, act: KeyAct): Promise<void>;
}

export interface KeyComing {
  readonly address: Address;
  readonly addressIndex: Buffer;
  readonly text: string;
  readonly key: PublicPgpKey;
  readonly source: KeySource;
}

/** Stores what came in as the trust rules say. The id is that of the row that it became or met. */
export async function keepKey(
  ports: KeepPorts,
  tx: Transaction,
  acting: KeyActing,
  coming: KeyComing,
): Promise<{ readonly offer: KeyOffer; readonly id: string }> {
  const { organisation } = acting;
  await lockAddress(tx, coming.addressIndex);
  const rows = await keysOfAddress(tx, organisation, coming.addressIndex);
  const index = await fingerprintIndex(ports.vault, organisation, coming.key.fingerprint);
  const known = rows.map((row) => ({ fingerprint: row.fingerprint_index.toString('hex'), state: row.state }));
  const offer = judgeOffer(known, index.toString('hex'), coming.source);
  const same = rows.find((row) => row.fingerprint_index.equals(index));
  const id = same?.id ?? newId(ports.clock);
  const record = (act: string) =>
    ports.record(tx, {
      acting,
      act,
      key: { id, address: coming.text },
      details: { method: 'pgp', source: coming.source },
    });
  switch (offer) {
    case 'pin':
      // Found by a program: nobody vouches. Handed in at the portal: its owner does, who has proved the mailbox.
      await add(ports, tx, acting, coming, id, 'trusted', coming.source === 'portal' ? acting.actor : null);
      await record('pinned');
      break;
    case 'trust':
      await replaceOthers(tx, organisation, coming.addressIndex);
      if (same) await trustAgain(ports, tx, acting, coming, same);
      else await add(ports, tx, acting, coming, id, 'trusted', acting.actor);
      await record('trusted');
      break;
    case 'renew':
      if (same && (await renewed(ports, tx, organisation, coming, same))) await record('renewed');
      break;
    case 'hold':
      // An earlier key that comes back waits like any other.
      if (same) await changeState(tx, organisation, { id, state: 'pending', voucher: null });
      else await add(ports, tx, acting, coming, id, 'pending', null);
      await record('change-held');
      break;
    case 'waiting':
    case 'refused':
      break;
  }
  return { offer, id };
}

async function add(
  ports: KeepPorts,
  tx: Transaction,
  { organisation }: KeyActing,
  { address, addressIndex, key, source }: KeyComing,
  id: string,
  state: KeyState,
  voucher: Actor | null,
): Promise<void> {
  const now = ports.clock.now();
  await insertKey(tx, organisation, {
    id,
    address_index: addressIndex,
    ...(await sealKey(ports.vault, organisation, id, address, key)),
    source,
    state,
    vouched_by: voucher,
    vouched_at: voucher === null ? null : now,
    expires_at: await expiryOf(key, now),
    checked_at: now,
  });
}

async function trustAgain(
  ports: KeepPorts,
  tx: Transaction,
  { organisation, actor }: KeyActing,
  coming: KeyComing,
  row: RecipientKeyRow,
): Promise<void> {
  await renew(ports, tx, organisation, coming, row);
  const voucher = { by: actor, at: ports.clock.now() };
  await changeState(tx, organisation, { id: row.id, state: 'trusted', voucher });
}

/** The trusted key came again. True where that changed anything: the key, or that it is known from a source that counts. */
async function renewed(
  ports: KeepPorts,
  tx: Transaction,
  organisation: OrganisationId,
  coming: KeyComing,
  row: RecipientKeyRow,
): Promise<boolean> {
  const changed = await renew(ports, tx, organisation, coming, row);
  const trust = await selectTrust(tx, organisation);
  const better = { source: coming.source, vouched_by: row.vouched_by };
  if (isAccepted(row, trust) || !isAccepted(better, trust)) return changed;
  await changeSource(tx, organisation, row.id, coming.source);
  return true;
}

/** Adds what the newer copy brings. True where that was something. */
async function renew(
  ports: KeepPorts,
  tx: Transaction,
  organisation: OrganisationId,
  coming: KeyComing,
  row: RecipientKeyRow,
): Promise<boolean> {
  const known = await openKey(ports.vault, organisation, row);
  const merged = await mergeKeys(known.key, coming.key);
  const now = ports.clock.now();
  await updateMaterial(tx, organisation, {
    id: row.id,
    material: await sealMaterial(ports.vault, organisation, row.id, merged),
    expires_at: await expiryOf(merged, now),
    checked_at: now,
  });
  return !merged.octets.equals(known.key.octets);
}

async function expiryOf(key: PublicPgpKey, now: Date): Promise<Date | null> {
  const verdict = await judgeKey(key, now);
  return verdict.kind === 'usable' ? verdict.expiresAt : null;
}
