import type { Address } from '#core/address';
import { decryptAndVerify, type PrivateKey, type SignatureState, verifyDetached } from '#platform/keyring';
import { canonicalLineEnds, openPgpMail, readPgpSigned } from '#platform/mail';
import { asItCame, type OpenedInbound, type SignatureVerdict } from './open-inbound.ts';

type PublicKey = Parameters<typeof verifyDetached>[2][number];

export interface PgpOpening {
  /** Private keys of the organisation that may open its mail. */
  keys(): Promise<readonly PrivateKey[]>;
  /** The key on record for this author, usable now; `vouched` where a person of the organisation stands for it. */
  senderKey(author: Address): Promise<PublicKey | null>;
  now(): Date;
}

/** Opens or verifies PGP/MIME (RFC 3156). */
export async function openPgp(
  mail: Buffer,
  author: Address | null,
  ports: PgpOpening,
): Promise<OpenedInbound> {
  const senderKey = author === null ? null : await ports.senderKey(author);
  const verificationKeys = senderKey === null ? [] : [senderKey];
  const signed = readPgpSigned(mail);
  if (signed !== null) {
    const state = await verifyDetached(signed.signed, signed.armoured, verificationKeys, ports.now());
    return asItCame(mail, { kind: 'signed', by: 'pgp', signature: verdict(state) });
  }
  const decryptionKeys = await ports.keys();
  const opened = await openPgpMail(mail, async (armoured) => {
    const decrypted = await decryptAndVerify(armoured, {
      decryptionKeys,
      verificationKeys,
      now: ports.now(),
    });
    return decrypted.kind === 'opened'
      ? { ...decrypted, octets: canonicalLineEnds(decrypted.octets) }
      : decrypted;
  });
  if (opened.kind === 'not-pgp') {
    return asItCame(mail, { kind: 'left-sealed', by: 'pgp', why: 'unsupported' });
  }
  if (opened.kind === 'unreadable') {
    return asItCame(mail, { kind: 'left-sealed', by: 'pgp', why: 'unreadable' });
  }
  if (opened.fromDiffers) return asItCame(mail, { kind: 'left-sealed', by: 'pgp', why: 'from-differs' });
  // Signed first, then encrypted (RFC 3156 §6.1): the signature is a part of what was decrypted.
  const inside = opened.signature === 'none' ? readPgpSigned(opened.message) : null;
  const state =
    inside === null
      ? opened.signature
      : await verifyDetached(inside.signed, inside.armoured, verificationKeys, ports.now());
  return {
    message: opened.message,
    found: { kind: 'opened', by: 'pgp', signature: verdict(state) },
    protectedHeaders: opened.protectedHeaders,
    signer: null,
  };
}

function verdict(state: SignatureState): SignatureVerdict {
  return { state, reason: null };
}
