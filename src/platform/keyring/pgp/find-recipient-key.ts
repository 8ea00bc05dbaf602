import type { Address } from '#core/address';
import { addressText } from '#core/address';
import type { FailureCode } from '#core/decision';
import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { type KeepPorts, keepKey } from './keep-keys.ts';
import type { LookedUp, LookUp } from './look-up-key.ts';
import { selectTrust } from './pgp-setting.store.ts';
import { judgeKey, type KeyVerdict, type PublicPgpKey } from './public-key.ts';
import {
  keysOfAddress,
  type LookupRow,
  lastLookup,
  noteLookup,
  type RecipientKeyRow,
} from './recipient-key.store.ts';
import { fingerprintIndex, openKey } from './recipient-key.ts';
import { isAccepted, type TrustSettings } from './trust.ts';

/** The key to encrypt to, or why there is none. */
export type FoundKey =
  | {
      readonly kind: 'key';
      /** The row's id: what records name, since a fingerprint would name the person. */
      readonly id: string;
      readonly key: PublicPgpKey;
      readonly verdict: KeyVerdict & { readonly kind: 'usable' };
    }
  | {
      readonly kind: 'none';
      readonly code: Extract<
        FailureCode,
        'no-key' | 'key-expired' | 'key-revoked' | 'key-unusable' | 'key-untrusted' | 'key-change-unconfirmed'
      >;
      readonly parameters: Readonly<Record<string, string>>;
    };

export interface FindPorts extends KeepPorts {
  readonly database: Database;
  readonly lookUp: LookUp;
  addressIndex(organisation: OrganisationId, address: Address): Promise<Buffer>;
}

export interface KeyFinder {
  find(organisation: OrganisationId, address: Address): Promise<FoundKey>;
  /** What is stored, and nothing else: the network is not asked. */
  known(organisation: OrganisationId, address: Address): Promise<FoundKey>;
  /** Looks again at the next `find`: something was changed in this process. */
  forget(organisation: OrganisationId, addressIndex: Buffer): void;
  /** The same for all addresses: the organisation's rules were changed. */
  forgetAll(organisation: OrganisationId): void;
}

/** What another process has changed is seen after so long. */
const KEPT_MS = 20_000;
const KEPT_MOST = 10_000;
/** After "there is none", after "did not answer", and for a newer copy of a key that was found. */
const AGAIN_MS: Readonly<Record<LookupRow['outcome'], number>> = {
  none: 6 * 3_600_000,
  failed: 10 * 60_000,
  found: 24 * 3_600_000,
};

interface Seen {
  readonly rows: readonly RecipientKeyRow[];
  readonly trust: TrustSettings;
  readonly lookup: LookupRow | undefined;
}

/**
 * Finds the key of a recipient at delivery. What is stored comes first; the network is asked only where nothing usable
 * is stored, or where the copy of an automatic source is a day old, and then once for all who wait, with no
 * transaction open. Answers, negative ones too, are kept in the database, so that a message waits for the network
 * at most once in hours.
 */
export function createKeyFinder(ports: FindPorts): KeyFinder {
  const kept = new Map<string, { readonly found: Promise<FoundKey>; readonly until: number }>();
  const nameOf = (organisation: OrganisationId, index: Buffer) => `${organisation} ${index.toString('hex')}`;
  return {
    async find(organisation, address) {
      const index = await ports.addressIndex(organisation, address);
      const name = nameOf(organisation, index);
      const now = ports.clock.monotonic();
      const held = kept.get(name);
      if (held !== undefined && held.until > now) return held.found;
      const found = search(ports, organisation, address, index);
      kept.delete(name);
      kept.set(name, { found, until: now + KEPT_MS });
      const oldest = kept.size > KEPT_MOST ? kept.keys().next() : undefined;
      if (oldest?.done === false) kept.delete(oldest.value);
      // A fault is not an answer: the next delivery looks again.
      found.catch(() => kept.delete(name));
      return found;
    },
    async known(organisation, address) {
      const index = await ports.addressIndex(organisation, address);
      return answerOf(ports, organisation, await look(ports, organisation, index));
    },
    forget: (organisation, index) => {
      kept.delete(nameOf(organisation, index));
    },
    forgetAll(organisation) {
      for (const name of kept.keys()) if (name.startsWith(`${organisation} `)) kept.delete(name);
    },
  };
}

async function search(
  ports: FindPorts,
  organisation: OrganisationId,
  address: Address,
  index: Buffer,
): Promise<FoundKey> {
  const seen = await look(ports, organisation, index);
  const stored = await answerOf(ports, organisation, seen);
  if (!mustAsk(ports, seen, stored)) return stored;
  const looked = await ports.lookUp(address);
  await keep(ports, organisation, address, index, looked);
  if (looked.kind !== 'found') return stored;
  return answerOf(ports, organisation, await look(ports, organisation, index));
}

function look(ports: FindPorts, organisation: OrganisationId, index: Buffer): Promise<Seen> {
  return ports.database.tenant([organisation], 'worker', async (tx) => ({
    rows: await keysOfAddress(tx, organisation, index),
    lookup: await lastLookup(tx, organisation, index),
    trust: await selectTrust(tx, organisation),
  }));
}

/** A change that waits for a person is not looked behind, and a person's own choice is not questioned while it works. */
function mustAsk(ports: FindPorts, { rows, lookup }: Seen, stored: FoundKey): boolean {
  if (stored.kind === 'none' && stored.code === 'key-change-unconfirmed') return false;
  const now = ports.clock.now().getTime();
  const trusted = rows.find((row) => row.state === 'trusted');
  if (stored.kind === 'key') {
    if (trusted === undefined || trusted.vouched_by !== null) return false;
    if (trusted.source !== 'wkd' && trusted.source !== 'hkps') return false;
  }
  return lookup === undefined || now - lookup.looked_at.getTime() >= againAfter(lookup, stored);
}

/** An unusable key that was found a moment ago is asked for again as often as a missing one. */
function againAfter(lookup: LookupRow, stored: FoundKey): number {
  return stored.kind === 'none' && lookup.outcome === 'found' ? AGAIN_MS.none : AGAIN_MS[lookup.outcome];
}

async function keep(
  ports: FindPorts,
  organisation: OrganisationId,
  address: Address,
  index: Buffer,
  looked: LookedUp,
): Promise<void> {
  const now = ports.clock.now();
  const acting = {
    organisation,
    actor: { kind: 'system', component: 'key-look-up' },
    origin: { address: null, channel: 'worker' },
    request: null,
  } as const;
  await ports.database.tenant([organisation], 'worker', async (tx) => {
    await noteLookup(tx, organisation, index, { outcome: looked.kind, looked_at: now });
    if (looked.kind !== 'found') return;
    const { source } = looked;
    for (const key of await chosen(ports, tx, organisation, index, looked.keys))
      await keepKey(ports, tx, acting, {
        address,
        addressIndex: index,
        text: addressText(address),
        key,
        source,
      });
  });
}

/**
 * Which keys of an answer to take: a copy of the one that is trusted, for its new end or its revocation; beside that, or
 * where it is not among them, the best one. While the trusted one works the others are left alone: the
 * owner is on the way from one key to the next.
 */
async function chosen(
  ports: FindPorts,
  tx: Transaction,
  organisation: OrganisationId,
  index: Buffer,
  keys: readonly PublicPgpKey[],
): Promise<readonly PublicPgpKey[]> {
  const best = keys.slice(0, 1);
  const rows = await keysOfAddress(tx, organisation, index);
  const trusted = rows.find((row) => row.state === 'trusted');
  if (trusted === undefined) return best;
  const indices = await Promise.all(
    keys.map((key) => fingerprintIndex(ports.vault, organisation, key.fingerprint)),
  );
  const copy = keys.find((_, at) => indices[at]?.equals(trusted.fingerprint_index));
  if (copy === undefined) return best;
  const usable = (await judgeKey(copy, ports.clock.now())).kind === 'usable';
  return usable || copy === best[0] ? [copy] : [copy, ...best];
}

async function answerOf(
  ports: FindPorts,
  organisation: OrganisationId,
  { rows, trust }: Pick<Seen, 'rows' | 'trust'>,
): Promise<FoundKey> {
  if (rows.some((row) => row.state === 'pending')) return none('key-change-unconfirmed');
  const trusted = rows.find((row) => row.state === 'trusted');
  if (trusted === undefined)
    return none(rows.some((row) => row.state === 'revoked') ? 'key-revoked' : 'no-key');
  const { key } = await openKey(ports.vault, organisation, trusted);
  const verdict = await judgeKey(key, ports.clock.now());
  if (verdict.kind === 'unusable') return none(verdict.code, { reason: verdict.reason });
  if (!isAccepted(trusted, trust)) return none('key-untrusted', { source: trusted.source });
  return { kind: 'key', id: trusted.id, key, verdict };
}

function none(
  code: (FoundKey & { readonly kind: 'none' })['code'],
  parameters: Readonly<Record<string, string>> = {},
): FoundKey {
  return { kind: 'none', code, parameters };
}
