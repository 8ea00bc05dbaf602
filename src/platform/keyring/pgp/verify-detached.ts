import { createMessage, type PublicKey, readSignature, verify } from 'openpgp';
import { type SignatureState, worstState } from './open-octets.ts';
import { PGP_CONFIG } from './pgp-config.ts';

/**
 * Checks a detached signature over these octets (RFC 3156 §5): `good` where every signature of it verifies. What cannot be
 * read is `bad`: it does not show that anybody has signed.
 */
export async function verifyDetached(
  octets: Uint8Array,
  armoured: string,
  verificationKeys: readonly PublicKey[],
  now: Date,
): Promise<SignatureState> {
  try {
    const signature = await readSignature({ armoredSignature: armoured, config: PGP_CONFIG });
    const message = await createMessage({ binary: Uint8Array.from(octets) });
    const { signatures } = await verify({
      message,
      signature,
      verificationKeys: [...verificationKeys],
      date: now,
      format: 'binary',
      config: PGP_CONFIG,
    });
    const state = await worstState(signatures, verificationKeys);
    return state === 'none' ? 'bad' : state;
  } catch {
    return 'bad';
  }
}
