import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import type { RecoveryKit } from './recovery-kit.ts';
import type { RootKeyProvider } from './root-key/provider.ts';

/**
 * A data key that is open in memory. `wrapped` (66 octets) is what the row keeps in `object_key`; the key itself
 * cannot be read from here. Hold it for one piece of work, not in a cache of your own.
 */
export interface ObjectKey {
  readonly wrapped: Buffer;
}

/** A calendar month in UTC as `YYYYMM`, such as `202611`. */
export type Month = string;

/** One shred group as it stands in the keys directory. */
export interface ShredGroup {
  readonly purpose: SealPurpose;
  readonly month: Month;
  /** 0 at first; a new one begins when the one before was shredded or has reached its limit of wraps. */
  readonly generation: number;
  readonly state: 'usable' | 'shredded';
}

export interface RootRotation {
  readonly root: string;
  /** Organisation keys that were wrapped anew. */
  readonly rewrapped: number;
}

export interface OrganisationRotation {
  readonly version: number;
  /** Group and index keys that were wrapped anew. */
  readonly rewrapped: number;
}

export interface DroppedKeys {
  readonly roots: number;
  readonly organisationKeys: number;
}

/**
 * Seals and opens. Faults thrown by the opening methods: SealBroken, KeyShredded, KeyMissing, RootKeyWrong,
 * KeyServiceUnavailable. None of them carries content, key material or a binding.
 */
export interface Vault {
  /** Random id of this set of keys; not secret. */
  readonly keySet: string;

  /** A fresh random data key, wrapped by the shred-group key of organisation × purpose × this month (UTC). */
  newObjectKey(organisation: OrganisationId, purpose: SealPurpose): Promise<ObjectKey>;
  /** The same without waiting, when the group key is warm; else null: then call newObjectKey. */
  tryNewObjectKey(organisation: OrganisationId, purpose: SealPurpose): ObjectKey | null;
  openObjectKey(organisation: OrganisationId, wrapped: Uint8Array): Promise<ObjectKey>;
  /** The same without waiting, when the group key is warm; else null: then call openObjectKey. */
  tryOpenObjectKey(organisation: OrganisationId, wrapped: Uint8Array): ObjectKey | null;

  /** AES-256-GCM with a random nonce; 29 octets longer than the plain text. Strings as UTF-8. */
  seal(key: ObjectKey, binding: Binding, plain: Uint8Array | string): Buffer;
  open(key: ObjectKey, binding: Binding, sealed: Uint8Array): Buffer;
  openText(key: ObjectKey, binding: Binding, sealed: Uint8Array): string;

  /** Chunks of 64 KiB; memory does not grow with the length. `sealedStreamSize` gives the length beforehand. */
  sealStream(key: ObjectKey, binding: Binding, source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer>;
  /**
   * Releases authenticated chunks only. A cut stream throws SealBroken at its end: what was released before is
   * genuine but not whole, so a reader must not treat it as complete until the iteration has ended without a throw.
   */
  openStream(key: ObjectKey, binding: Binding, source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer>;

  /** Self-contained: wrapped key and ciphertext in one (96 octets more), for columns without an object_key beside. */
  sealValue(purpose: SealPurpose, binding: Binding, plain: Uint8Array | string): Promise<Buffer>;
  openValue(binding: Binding, sealed: Uint8Array): Promise<Buffer>;

  /**
   * 16 octets of keyed HMAC-SHA-256 for equality look-ups; `name` separates uses and should carry the version of
   * the normalisation (`address/1`). Without `version` the current index key version is used: see indexVersion.
   */
  blindIndex(
    organisation: OrganisationId,
    name: string,
    normalised: string,
    version?: number,
  ): Promise<Buffer>;
  /** One keyed hash of 63 bits per word, in the order given, for integer-array search. */
  blindTerms(organisation: OrganisationId, words: readonly string[], version?: number): Promise<bigint[]>;
  /** 32 octets of keyed HMAC-SHA-256, for secrets that are only compared (compare in constant time). */
  mac(
    organisation: OrganisationId,
    name: string,
    data: Uint8Array | string,
    version?: number,
  ): Promise<Buffer>;
  /** The index key version that blindIndex, blindTerms and mac use when none is named. Starts at 1. */
  indexVersion(organisation: OrganisationId): Promise<number>;
  /** Makes the key of the next index version, so that re-indexing can begin; does not switch to it. */
  addIndexVersion(organisation: OrganisationId): Promise<number>;

  /** Destroys every generation of a group for good. Opening fails at once here, elsewhere within the cache time. */
  shred(organisation: OrganisationId, purpose: SealPurpose, month: Month): Promise<readonly ShredGroup[]>;
  groups(organisation: OrganisationId): Promise<readonly ShredGroup[]>;
  /** Organisations that have keys. */
  organisations(): Promise<readonly OrganisationId[]>;

  /** A new version of the organisation key; all its group and index keys are wrapped anew. Reads go on meanwhile. */
  rotateOrganisation(organisation: OrganisationId): Promise<OrganisationRotation>;
  /** A new root key (default: a new version of the present provider); all organisation keys are wrapped anew. */
  rotateRoot(provider?: RootKeyProvider): Promise<RootRotation>;
  /** Destroys superseded organisation and root keys that nothing uses and whose successor is older than the grace time. */
  dropUnusedKeys(): Promise<DroppedKeys>;

  /** The root key protected by a fresh code, as text to print. Null where a key service keeps the root key. */
  makeRecoveryKit(): Promise<RecoveryKit | null>;

  /** Forgets all keys held in memory. */
  close(): void;
}
