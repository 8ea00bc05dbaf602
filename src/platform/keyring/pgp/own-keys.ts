import type { PrivateKey } from 'openpgp';
import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { KeyActing } from './keep-keys.ts';
import { certifyBy, extendPgpKey, revokePgpKey } from './make-key.ts';
import {
  extendOwnKey,
  lockOwnKeys,
  noteExtensionFailed,
  type OwnKeyRow,
  type RevocationReason,
  retireOwnKey,
  revokeOwnKey,
  selectOwnKeys,
} from './own-key.store.ts';
import {
  addOwnKey,
  armouredKey,
  endFrom,
  ensureOwnKey,
  makeFor,
  type OwnKeyPorts,
  type OwnPgpKey,
  openOwnKey,
  openPrivateKey,
  publicHalf,
  sealOwnKey,
} from './own-key.ts';

/** A key of the organisation as people see it. */
export interface OwnKeyView
  extends Pick<
    OwnKeyRow,
    'id' | 'retired_at' | 'expires_at' | 'published_until' | 'revoked_at' | 'revocation_reason'
  > {
  /** `current` signs; `retired` and `revoked` still open what was encrypted to them. */
  readonly state: 'current' | 'retired' | 'revoked';
  readonly fingerprint: string;
  readonly address: string;
  readonly createdAt: Date;
  readonly armoured: string;
  /** Since when its end could not be put off; null while all is well. */
  readonly extension_failed_at: Date | null;
}

/** What a Web Key Directory serves of a key. */
export interface PublishedKey {
  readonly address: string;
  /** The transferable public key, binary. */
  readonly octets: Buffer;
}

/** The organisation's own keys, from the making to the revocation. */
export interface OwnKeys {
  /** The key that signs, made at its first use; null for an organisation without a domain. */
  current(organisation: OrganisationId): Promise<OwnPgpKey | null>;
  /** Makes the key in the transaction that makes the organisation. */
  ensure(tx: Transaction, organisation: OrganisationId, domain: string, actor: Actor): Promise<void>;
  /** All keys, the one that signs first. */
  list(organisation: OrganisationId): Promise<readonly OwnKeyView[]>;
  /** Secret keys that open what was encrypted to the organisation, retired and revoked ones too. */
  decryptionKeys(organisation: OrganisationId): Promise<readonly PrivateKey[]>;
  /** What is published: the key that signs, then those before it while their time lasts, revoked ones as such. */
  published(organisation: OrganisationId): Promise<readonly PublishedKey[]>;
  /** A new key in place of the one named by its fingerprint. Refusals: `not-found`, `wrong-state` when another signs by now. */
  rotate(caller: Caller, replaces: string): Promise<void>;
  /** Says to the world that a key is not to be used. The one that signs is replaced at once. Refusals: `not-found`, `wrong-state`. */
  revoke(caller: Caller, id: string, reason: RevocationReason): Promise<void>;
  /** A revocation to keep for the day on which the key is lost: whoever has it can revoke the key. Refusal: `not-found`. */
  revocationCertificate(caller: Caller, id: string): Promise<string>;
  /** Makes the key where there is none, and puts off its end in time. Rejects where it cannot, with that on record. */
  maintain(organisation: OrganisationId): Promise<void>;
}

/** What another process has changed is seen after so long. */
const KEPT_MS = 20_000;
const KEPT_MOST = 1_000;
const DAY_MS = 86_400_000;
/** Put off when less is left, so that copies with the old end are replaced long before it. */
const EXTEND_BELOW_MS = 182 * DAY_MS;
/** After a rotation both keys are published, so that correspondents have met the new one before the old one is gone. */
const OVERLAP_MS = 90 * DAY_MS;

export function createOwnKeys(ports: OwnKeyPorts): OwnKeys {
  const kept = new Map<OrganisationId, { readonly key: Promise<OwnPgpKey | null>; readonly until: number }>();
  const tenant = <T>(organisation: OrganisationId, work: (tx: Transaction) => Promise<T>) =>
    ports.database.tenant([organisation], 'app', work);
  /** A change of the keys by somebody, alone, and known in this process at once. */
  const change = async <T>(
    organisation: OrganisationId,
    work: (tx: Transaction, rows: readonly OwnKeyRow[]) => Promise<T>,
  ): Promise<T> => {
    const done = await tenant(organisation, async (tx) => {
      await lockOwnKeys(tx, organisation);
      return work(tx, await selectOwnKeys(tx, organisation));
    });
    kept.delete(organisation);
    return done;
  };

  return {
    current(organisation) {
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
    },
    ensure: (tx, organisation, domain, actor) => ensureOwnKey(ports, tx, acting(organisation, actor), domain),
    async list(organisation) {
      const rows = await tenant(organisation, (tx) => selectOwnKeys(tx, organisation));
      return Promise.all(rows.map(view));
    },
    async decryptionKeys(organisation) {
      const rows = await tenant(organisation, (tx) => selectOwnKeys(tx, organisation));
      return Promise.all(rows.map((row) => openPrivateKey(ports, organisation, row)));
    },
    async published(organisation) {
      if ((await this.current(organisation)) === null) return [];
      const now = ports.clock.now();
      const rows = await tenant(organisation, (tx) => selectOwnKeys(tx, organisation));
      return Promise.all(rows.filter((row) => isPublished(row, now)).map(publication));
    },
    async rotate(caller, replaces) {
      const { organisation } = caller;
      const domain = await ports.domain(organisation);
      await change(organisation, async (tx, rows) => {
        const current = rows.find((row) => row.retired_at === null);
        if (current === undefined || domain === null) throw new Refusal('not-found');
        const before = await openPrivateKey(ports, organisation, current);
        if (before.getFingerprint() !== replaces) throw new Refusal('wrong-state');
        const now = ports.clock.now();
        const overlap = new Date(now.getTime() + OVERLAP_MS);
        await retireOwnKey(tx, organisation, { id: current.id, retired_at: now, published_until: overlap });
        const made = await certifyBy(await makeFor(ports, domain), before, now);
        await addOwnKey(ports, tx, caller, made, 'rotated');
      });
    },
    async revoke(caller, id, reason) {
      const { organisation } = caller;
      const domain = await ports.domain(organisation);
      await change(organisation, async (tx, rows) => {
        const row = rows.find((one) => one.id === id);
        if (row === undefined) throw new Refusal('not-found');
        if (row.revoked_at !== null) throw new Refusal('wrong-state');
        const before = await openPrivateKey(ports, organisation, row);
        await revokeRow(ports, tx, organisation, row, before, reason);
        await ports.record(tx, { acting: caller, act: 'revoked', id, details: { reason } });
        if (row.retired_at !== null || domain === null) return;
        const made = await makeFor(ports, domain);
        // Whoever has a compromised key could certify a key of their own with it: its word counts for nothing.
        const next = reason === 'compromised' ? made : await certifyBy(made, before, ports.clock.now());
        await addOwnKey(ports, tx, caller, next, 'rotated');
      });
    },
    async revocationCertificate(caller, id) {
      const { organisation } = caller;
      return tenant(organisation, async (tx) => {
        const row = (await selectOwnKeys(tx, organisation)).find((one) => one.id === id);
        if (row === undefined) throw new Refusal('not-found');
        const key = await openPrivateKey(ports, organisation, row);
        const reason = row.revocation_reason ?? 'none';
        const { certificate } = await revokePgpKey(key, reason, row.revoked_at ?? ports.clock.now());
        await ports.record(tx, { acting: caller, act: 'revocation-exported', id, details: {} });
        return certificate;
      });
    },
    async maintain(organisation) {
      try {
        const present = await change(organisation, async (tx, rows) => {
          await extendDue(ports, tx, organisation, rows);
          return rows.some((row) => row.retired_at === null);
        });
        if (!present) await load(ports, organisation);
      } catch (error) {
        await change(organisation, (tx, rows) => noteFailure(ports, tx, organisation, rows));
        throw error;
      }
    },
  };
}

function acting(organisation: OrganisationId, actor: Actor): KeyActing {
  return { organisation, actor, origin: { address: null, channel: 'worker' }, request: null };
}

const KEEPER: Actor = { kind: 'system', component: 'key-keeper' };

async function load(ports: OwnKeyPorts, organisation: OrganisationId): Promise<OwnPgpKey | null> {
  const stored = await ports.database.tenant([organisation], 'app', (tx) => read(ports, tx, organisation));
  if (stored !== null) return stored;
  const domain = await ports.domain(organisation);
  if (domain === null) return null;
  return ports.database.tenant([organisation], 'app', async (tx) => {
    await ensureOwnKey(ports, tx, acting(organisation, KEEPER), domain);
    // An expired one is extended here, should the job not have come to it: a signature by it would be worth nothing.
    await extendDue(ports, tx, organisation, await selectOwnKeys(tx, organisation));
    // Another process may have been faster: its key stays.
    return read(ports, tx, organisation);
  });
}

/** The key that signs, unless there is none or it has expired. */
async function read(
  ports: OwnKeyPorts,
  tx: Transaction,
  organisation: OrganisationId,
): Promise<OwnPgpKey | null> {
  const [row] = await selectOwnKeys(tx, organisation);
  if (row === undefined || row.retired_at !== null) return null;
  if (row.expires_at !== null && row.expires_at <= ports.clock.now()) return null;
  return openOwnKey(ports, organisation, row);
}

/** Gives the key that signs a later end, where less than half a year is left of it, or it has none. */
async function extendDue(
  ports: OwnKeyPorts,
  tx: Transaction,
  organisation: OrganisationId,
  rows: readonly OwnKeyRow[],
): Promise<void> {
  const current = rows.find((row) => row.retired_at === null);
  if (current === undefined) return;
  const now = ports.clock.now();
  const { expires_at: ends } = current;
  if (ends !== null && ends.getTime() - now.getTime() >= EXTEND_BELOW_MS) return;
  const key = await openPrivateKey(ports, organisation, current);
  const end = endFrom(now);
  const extended = await extendPgpKey(key, now, end);
  await extendOwnKey(tx, organisation, await sealOwnKey(ports, organisation, current.id, extended, end));
  await ports.record(tx, {
    acting: acting(organisation, KEEPER),
    act: 'extended',
    id: current.id,
    details: { until: end.toISOString() },
  });
}

/** Once, at the first failure: the page says so from then on, and each failing run is an error in the log. */
async function noteFailure(
  ports: OwnKeyPorts,
  tx: Transaction,
  organisation: OrganisationId,
  rows: readonly OwnKeyRow[],
): Promise<void> {
  const current = rows.find((row) => row.retired_at === null);
  if (current === undefined || current.extension_failed_at !== null) return;
  await noteExtensionFailed(tx, organisation, current.id, ports.clock.now());
  await ports.record(tx, {
    acting: acting(organisation, KEEPER),
    act: 'extension-failed',
    id: current.id,
    details: current.expires_at === null ? {} : { ends: current.expires_at.toISOString() },
  });
}

/** A revocation is published for as long as anybody could still take the key for good, and at least for the overlap. */
async function revokeRow(
  ports: OwnKeyPorts,
  tx: Transaction,
  organisation: OrganisationId,
  row: OwnKeyRow,
  key: PrivateKey,
  reason: RevocationReason,
): Promise<void> {
  const now = ports.clock.now();
  const least = now.getTime() + OVERLAP_MS;
  const ends = row.expires_at?.getTime() ?? endFrom(now).getTime();
  await revokeOwnKey(tx, organisation, {
    id: row.id,
    public_key: (await revokePgpKey(key, reason, now)).octets,
    at: now,
    reason,
    published_until: new Date(Math.max(least, ends)),
  });
}

function isPublished(row: OwnKeyRow, now: Date): boolean {
  return row.retired_at === null || (row.published_until !== null && row.published_until > now);
}

async function publication(row: OwnKeyRow): Promise<PublishedKey> {
  const { key } = await publicHalf(row);
  return { address: key.users[0]?.userID?.email ?? '', octets: row.public_key };
}

async function view(row: OwnKeyRow): Promise<OwnKeyView> {
  const { key, fingerprint, createdAt } = await publicHalf(row);
  const { id, retired_at, expires_at, published_until, revoked_at, revocation_reason } = row;
  const past = revoked_at === null ? 'retired' : 'revoked';
  return {
    id,
    retired_at,
    expires_at,
    published_until,
    revoked_at,
    revocation_reason,
    extension_failed_at: row.extension_failed_at,
    state: retired_at === null ? 'current' : past,
    fingerprint,
    address: key.users[0]?.userID?.email ?? '',
    createdAt,
    armoured: armouredKey(row.public_key),
  };
}
