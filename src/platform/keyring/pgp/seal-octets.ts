import { createMessage, encrypt, type PrivateKey } from 'openpgp';
import { PGP_CONFIG } from './pgp-config.ts';
import type { KeyVerdict, PublicPgpKey } from './public-key.ts';

export interface SealOptions {
  readonly recipient: PublicPgpKey;
  /** The subkey that the verdict found. */
  readonly verdict: KeyVerdict & { readonly kind: 'usable' };
  readonly signer: PrivateKey;
  readonly now: Date;
}

/**
 * Signs octets and encrypts them together with the signature (RFC 3156 §6.2, the combined method), binary. SEIPD version
 * 2 (AEAD) only where the recipient's key announces it (RFC 9580 §5.2.3.32), else version 1, which gpg 2.2 reads.
 */
export async function signAndEncrypt(octets: Uint8Array, options: SealOptions): Promise<Uint8Array> {
  return encrypt({
    message: await createMessage({ binary: octets, date: options.now }),
    encryptionKeys: options.recipient.key,
    encryptionKeyIDs: options.verdict.subkey.getKeyID(),
    signingKeys: options.signer,
    date: options.now,
    format: 'binary',
    config: PGP_CONFIG,
  });
}
