import type { Clock, RootKeyConfig } from '#platform/runtime';
import { createKeyFile } from './key-file.ts';
import { createPassphraseKey } from './passphrase.ts';
import type { RootKeyProvider } from './provider.ts';
import { createTransitKey } from './transit.ts';

/** The root key provider that the configuration asks for. Nothing is read or made before its `prepare`. */
export function createRootKey(
  config: RootKeyConfig,
  home: { readonly keys: string; readonly data: string },
  clock: Clock,
): RootKeyProvider {
  switch (config.provider) {
    case 'file':
      return createKeyFile({ path: config.path, dataDirectory: home.data, clock });
    case 'passphrase':
      return createPassphraseKey({ passphrase: config.passphrase, keysDirectory: home.keys, clock });
    case 'vault':
      return createTransitKey({ address: config.address, token: config.token, key: config.key });
  }
}
