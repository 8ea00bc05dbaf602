import type { KeyObject } from 'node:crypto';

/** A numbered key in memory: organisation and index keys. */
export class VersionKey {
  readonly version: number;
  readonly created: Date;
  readonly #key: KeyObject;

  constructor(version: number, created: Date, key: KeyObject) {
    this.version = version;
    this.created = created;
    this.#key = key;
  }

  get key(): KeyObject {
    return this.#key;
  }
}
