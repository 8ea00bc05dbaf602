import { decrypt, type KeyID, type PrivateKey, type PublicKey, readMessage } from 'openpgp';
import { PGP_CONFIG } from './pgp-config.ts';

export interface OpenOptions {
  readonly decryptionKeys: readonly PrivateKey[];
  /** Keys that may have signed it. */
  readonly verificationKeys: readonly PublicKey[];
  readonly now: Date;
}

/** `good`: every signature verifies, and there is one. `unknown`: signed by a key that we do not have. */
export type SignatureState = 'good' | 'bad' | 'unknown' | 'none';

export type Opened =
  | { readonly kind: 'opened'; readonly octets: Buffer; readonly signature: SignatureState }
  /** One code for everything that can be wrong: the difference would help who tampers (RFC 9580 §13.5, §13.7). */
  | { readonly kind: 'unreadable' };

/**
 * Decrypts a message and checks its signature. Fails closed: not one octet comes out unless the whole of the
 * ciphertext has proved whole (the modification detection code or the last AEAD chunk). A bad signature is told, not
 * hidden: the caller must not show such a message as authentic.
 */
export async function decryptAndVerify(source: Uint8Array | string, options: OpenOptions): Promise<Opened> {
  try {
    const message = await (typeof source === 'string'
      ? readMessage({ armoredMessage: source, config: PGP_CONFIG })
      : readMessage({ binaryMessage: Uint8Array.from(source), config: PGP_CONFIG }));
    const { data, signatures } = await decrypt({
      message,
      decryptionKeys: [...options.decryptionKeys],
      verificationKeys: [...options.verificationKeys],
      date: options.now,
      format: 'binary',
      config: PGP_CONFIG,
    });
    if (!(data instanceof Uint8Array)) return { kind: 'unreadable' };
    const signature = await worstState(signatures, options.verificationKeys);
    return { kind: 'opened', octets: Buffer.from(data), signature };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** What all signatures of a message come to: one that does not verify spoils the others. */
export async function worstState(
  signatures: readonly { readonly keyID: KeyID; readonly verified: Promise<boolean> }[],
  verificationKeys: readonly PublicKey[],
): Promise<SignatureState> {
  const known = new Set(verificationKeys.flatMap((key) => key.getKeyIDs().map((id) => id.toHex())));
  const states = await Promise.all(
    signatures.map(async ({ keyID, verified }): Promise<SignatureState> => {
      const good = await verified.catch(() => false);
      if (good) return 'good';
      return known.has(keyID.toHex()) ? 'bad' : 'unknown';
    }),
  );
  for (const state of ['bad', 'unknown', 'good'] as const) if (states.includes(state)) return state;
  return 'none';
}
