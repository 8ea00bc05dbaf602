import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import type { Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import { insertSigningKey, type SigningKeyRow, selectSigningKeys } from './keyring.store.ts';

/** What the keyring needs of the vault. */
interface PrivateKeySeal {
  sealValue(purpose: SealPurpose, binding: Binding, plain: Uint8Array): Promise<Buffer>;
  openValue(binding: Binding, sealed: Uint8Array): Promise<Buffer>;
}

type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** A key that signs mail of one domain (RFC 6376, RFC 8463). */
export interface DkimKey {
  readonly keyId: string;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

type SignerUse = 'proof' | 'audit';

/** An organisation's Ed25519 key for proofs or audit checkpoints. */
interface Signer {
  readonly keyId: string;
  readonly publicKey: KeyObject;
  sign(bytes: Uint8Array): Buffer;
}

export interface Keyring {
  /**
   * Makes RSA-2048 (selector sp1) and Ed25519 (sp2) for the domain unless they are there. Needs the app role. `prefix` takes
   * the place of `sp`, for keys of another use that may share the domain.
   */
  ensureDkim(
    tx: Transaction,
    organisation: OrganisationId,
    domain: string,
    prefix?: string,
  ): Promise<readonly DkimKey[]>;
  /** The domain's keys in use; empty when none were made. Kept for up to a minute. */
  dkimKeys(tx: Transaction, organisation: OrganisationId, domain: string): Promise<readonly DkimKey[]>;
  /** The same when they are in memory, without a transaction; null when they must be looked up. For the hot path. */
  keptDkimKeys(organisation: OrganisationId, domain: string): readonly DkimKey[] | null;
  /** Makes the organisation's key for this use unless it is there. Needs the app role. */
  ensureSigner(tx: Transaction, organisation: OrganisationId, use: SignerUse): Promise<Signer>;
  /** The organisation's key for this use. A missing one is a fault (SignerMissing). */
  signer(tx: Transaction, organisation: OrganisationId, use: SignerUse): Promise<Signer>;
}

export interface KeyringOptions {
  readonly vault: PrivateKeySeal;
  readonly clock: Clock;
}

/** No signing key was made for this organisation and use. */
class SignerMissing extends Error {
  override readonly name = 'SignerMissing';
  constructor(use: SignerUse) {
    super(`no ${use} signing key`);
  }
}

const KEPT_MS = 60_000;
const KEPT_MOST = 2_000;
const SELECTOR_PREFIX = 'sp';
const generate = promisify(generateKeyPair);

type KeyUse = SigningKeyRow['use'];
interface Opened {
  readonly row: SigningKeyRow;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function createKeyring({ vault, clock }: KeyringOptions): Keyring {
  const kept = new Map<string, { readonly keys: readonly Opened[]; readonly until: number }>();

  const peek = (name: string): readonly Opened[] | null => {
    const held = kept.get(name);
    return held !== undefined && held.until > clock.monotonic() ? held.keys : null;
  };

  /** The keys of a use, opened. What is not there is not remembered: it may be made at any moment. */
  const find = async (tx: Transaction, organisation: OrganisationId, use: KeyUse, domain: string) => {
    const name = `${organisation} ${use} ${domain}`;
    const held = peek(name);
    if (held !== null) return held;
    const rows = await selectSigningKeys(tx, organisation, use, domain);
    const keys = await Promise.all(rows.map((row) => open(vault, organisation, row)));
    kept.delete(name);
    if (keys.length > 0) {
      kept.set(name, { keys, until: clock.monotonic() + KEPT_MS });
      const oldest = kept.size > KEPT_MOST ? kept.keys().next() : undefined;
      if (oldest?.done === false) kept.delete(oldest.value);
    }
    return keys;
  };

  /** Makes a key; when another process made it first, that one stays. */
  const make = async (tx: Transaction, organisation: OrganisationId, wanted: WantedKey): Promise<void> => {
    const pair = await generatePair(wanted.algorithm);
    const id = newId(clock);
    await insertSigningKey(tx, organisation, {
      ...wanted,
      id,
      public_key: pair.publicKey.export({ type: 'spki', format: 'der' }),
      private_key: await sealPrivateKey(vault, organisation, id, pair.privateKey),
    });
  };

  const dkim = async (tx: Transaction, organisation: OrganisationId, domain: string) =>
    (await find(tx, organisation, 'dkim', domain)).map(asDkimKey);

  return {
    async ensureDkim(tx, organisation, domain, prefix = SELECTOR_PREFIX) {
      const [rsaSelector, ed25519Selector] = [`${prefix}1`, `${prefix}2`];
      const present = await find(tx, organisation, 'dkim', domain);
      const has = (selector: string): boolean => present.some(({ row }) => row.selector === selector);
      if (!has(rsaSelector)) {
        await make(tx, organisation, {
          use: 'dkim',
          domain,
          selector: rsaSelector,
          algorithm: 'rsa-sha256',
        });
      }
      if (!has(ed25519Selector)) {
        await make(tx, organisation, {
          use: 'dkim',
          domain,
          selector: ed25519Selector,
          algorithm: 'ed25519-sha256',
        });
      }
      if (present.length < 2) kept.delete(`${organisation} dkim ${domain}`);
      return dkim(tx, organisation, domain);
    },
    dkimKeys: dkim,
    keptDkimKeys: (organisation, domain) => peek(`${organisation} dkim ${domain}`)?.map(asDkimKey) ?? null,
    async ensureSigner(tx, organisation, use) {
      const present = await find(tx, organisation, use, '');
      if (present.length === 0) {
        await make(tx, organisation, { use, domain: '', selector: use, algorithm: 'ed25519' });
      }
      return this.signer(tx, organisation, use);
    },
    async signer(tx, organisation, use) {
      const [key] = await find(tx, organisation, use, '');
      if (key === undefined) throw new SignerMissing(use);
      return {
        keyId: key.row.id,
        publicKey: key.publicKey,
        sign: (bytes) => signBytes(null, bytes, key.privateKey),
      };
    },
  };
}

interface WantedKey extends Pick<SigningKeyRow, 'use' | 'domain' | 'selector'> {
  readonly algorithm: Exclude<SigningKeyRow['algorithm'], 'openpgp-v4'>;
}

async function generatePair(algorithm: WantedKey['algorithm']) {
  switch (algorithm) {
    case 'rsa-sha256':
      return generate('rsa', { modulusLength: 2048 });
    case 'ed25519-sha256':
    case 'ed25519':
      return generate('ed25519');
  }
}

function binding(organisation: OrganisationId, row: string): Binding {
  return { organisation, field: 'signing-key.private', row };
}

async function sealPrivateKey(
  vault: PrivateKeySeal,
  organisation: OrganisationId,
  id: string,
  key: KeyObject,
): Promise<Buffer> {
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  try {
    return await vault.sealValue('configuration', binding(organisation, id), plain);
  } finally {
    plain.fill(0);
  }
}

async function open(
  vault: PrivateKeySeal,
  organisation: OrganisationId,
  row: SigningKeyRow,
): Promise<Opened> {
  const plain = await vault.openValue(binding(organisation, row.id), row.private_key);
  try {
    return {
      row,
      privateKey: createPrivateKey({ key: plain, type: 'pkcs8', format: 'der' }),
      publicKey: createPublicKey({ key: row.public_key, type: 'spki', format: 'der' }),
    };
  } finally {
    plain.fill(0);
  }
}

function asDkimKey({ row, privateKey, publicKey }: Opened): DkimKey {
  return {
    keyId: row.id,
    domain: row.domain,
    selector: row.selector,
    algorithm: row.algorithm === 'rsa-sha256' ? 'rsa-sha256' : 'ed25519-sha256',
    privateKey,
    publicKey,
  };
}
