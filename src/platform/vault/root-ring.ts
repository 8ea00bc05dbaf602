import { RootKeyWrong } from './errors.ts';
import type { RootKeyName, RootKeyProvider } from './root-key/provider.ts';

/** The root keys of this process: the one that wraps, and those that are kept to unwrap during a rotation. */
export class RootRing {
  #current: RootKeyProvider;
  #previous: readonly RootKeyProvider[];

  constructor(current: RootKeyProvider, previous: readonly RootKeyProvider[]) {
    this.#current = current;
    this.#previous = previous;
  }

  get current(): RootKeyProvider {
    return this.#current;
  }

  get all(): readonly RootKeyProvider[] {
    return [this.#current, ...this.#previous];
  }

  /** Puts another provider in front; the former ones still unwrap. */
  lead(provider: RootKeyProvider): void {
    if (provider === this.#current) return;
    this.#previous = this.all.filter((one) => one !== provider);
    this.#current = provider;
  }

  /** Looks at the root key's storage again and names the key that wraps now. */
  async name(): Promise<RootKeyName> {
    await this.#current.prepare('existing');
    return this.#current.describe();
  }

  wrap(plain: Buffer, associated: Buffer): Promise<Buffer> {
    return this.#current.wrap(plain, associated);
  }

  /** Faults: RootKeyWrong where no provider has the root key of that id, KeyServiceUnavailable. */
  async unwrap(id: string, wrapped: Buffer, associated: Buffer): Promise<Buffer> {
    for (const provider of this.all) {
      if (await provider.handles(id)) return provider.unwrap(wrapped, associated);
    }
    throw new RootKeyWrong(
      'root-key-does-not-fit',
      `the keys were wrapped by root key ${id}, which is not among those configured: configure it, or restore it`,
    );
  }
}
