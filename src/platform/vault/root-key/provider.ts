/** Name of one root key. Two keys never share an id; it tells nothing about the key. */
export interface RootKeyName {
  readonly id: string;
  readonly kind: 'file' | 'passphrase' | 'transit';
}

/**
 * When a provider is made ready: `first` over an empty keys directory (it may make its key), `existing` over key
 * material (it must never make one), `additional` for a rotation (a new key beside the old ones).
 */
export type RootKeyOccasion = 'first' | 'existing' | 'additional';

/** The key above all others, wherever it is kept. Only organisation keys are wrapped by it, so it is used rarely. */
export interface RootKeyProvider {
  /** Called once before any other method, and again with `additional` for a rotation. Throws RootKeyWrong. */
  prepare(occasion: RootKeyOccasion): Promise<void>;
  /** The key that `wrap` uses now. */
  describe(): RootKeyName;
  /** True where `unwrap` can open what this root key has wrapped; may look at its storage again. */
  handles(id: string): Promise<boolean>;
  /** Faults: KeyServiceUnavailable. */
  wrap(plain: Buffer, associated: Buffer): Promise<Buffer>;
  /** Faults: RootKeyWrong, KeyServiceUnavailable. The caller wipes the result. */
  unwrap(wrapped: Buffer, associated: Buffer): Promise<Buffer>;
  /** Destroys superseded keys except those named; returns how many went. `before` bounds when they were superseded. */
  dropExcept(used: ReadonlySet<string>, before: Date): Promise<number>;
  /** The root keys themselves, newest first, for the recovery kit; null where the service does not give them out. */
  exportKeys(): Promise<readonly RootKeyCopy[] | null>;
}

export interface RootKeyCopy {
  readonly created: Date;
  /** 32 octets; the receiver wipes it. */
  readonly key: Buffer;
}
