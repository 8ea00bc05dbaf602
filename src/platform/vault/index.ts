// Room: vault. In: plain octets with a binding; out: sealed octets. Owns the keys directory and vault_state. Fails
// closed: what does not authenticate is SealBroken, what was destroyed is KeyShredded, and without the right root key
// nothing starts. The octet formats are written down in docs/reference/vault-format.md.
export { createVault, type VaultOptions } from './create-vault.ts';
export {
  KeyMissing,
  type KeyMissingCode,
  KeyServiceUnavailable,
  KeyShredded,
  RootKeyWrong,
  type RootKeyWrongCode,
  SealBroken,
} from './errors.ts';
export { databaseKeySet } from './key-set.store.ts';
export type { KeySetRecord } from './key-set.ts';
export {
  type RecoveryKit,
  type Restored,
  type RestoreOptions,
  restoreFromRecoveryKit,
} from './recovery-kit.ts';
export { createRootKey } from './root-key/from-config.ts';
export { createKeyFile, type KeyFileOptions } from './root-key/key-file.ts';
export { type Argon2Cost, createPassphraseKey, type PassphraseOptions } from './root-key/passphrase.ts';
export type { RootKeyName, RootKeyOccasion, RootKeyProvider } from './root-key/provider.ts';
export { createTransitKey, type TransitOptions } from './root-key/transit.ts';
export { type RotationReport, type RotationScope, rotateKeys } from './rotate-keys.ts';
export { sealedStreamSize } from './seal-stream.ts';
export type {
  DroppedKeys,
  Month,
  ObjectKey,
  OrganisationRotation,
  RootRotation,
  ShredGroup,
  Vault,
} from './vault.ts';
