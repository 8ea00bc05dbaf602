import { randomBytes } from 'node:crypto';
import { createMessage, encrypt, enums, type PrivateKey } from 'openpgp';
import { FULL_CONFIG } from './full-config.ts';
import {
  type HashId,
  type MessageSigner,
  messageSigner,
  onePassSignature,
  signaturePacket,
} from './message-signer.ts';
import { type Cipher, integrityProtected, literalData } from './packets.ts';
import { PGP_CONFIG } from './pgp-config.ts';
import type { KeyVerdict, PublicPgpKey } from './public-key.ts';
import { type SessionKeySealer, sessionKeySealer } from './session-key.ts';

type Usable = KeyVerdict & { readonly kind: 'usable' };

export interface SealOptions {
  readonly recipient: PublicPgpKey;
  /** The subkey that the verdict found. */
  readonly verdict: Usable;
  readonly signer: PrivateKey;
  readonly now: Date;
}

/** An OpenPGP message, binary, and how it is encrypted. */
export interface SealedOctets {
  readonly octets: Uint8Array;
  /** Version 2 is AEAD (RFC 9580 §5.13.2). */
  readonly seipd: 1 | 2;
}

/** What a recipient's key asks for. */
interface Plan {
  readonly seal: SessionKeySealer;
  readonly cipher: Cipher;
  readonly hash: HashId;
}

/** Found out once for a verdict and once for a key of ours; both live as long as what they belong to. */
const plans = new WeakMap<Usable, Promise<Plan | null>>();
const signers = new WeakMap<PrivateKey, MessageSigner | null>();

/**
 * Signs octets and encrypts them together with the signature (RFC 3156 §6.2, the combined method). SEIPD version 2
 * (AEAD) only where the recipient's key announces it (RFC 9580 §5.2.3.32), else version 1, which gpg 2.2 reads. The
 * frequent case, RSA or Curve25519 with version 1, is put together here from the platform's own cryptography; all else
 * goes through the library.
 */
export async function signAndEncrypt(octets: Uint8Array, options: SealOptions): Promise<SealedOctets> {
  const plan = await planOf(options);
  const signer = signerOf(options.signer);
  if (plan !== null && signer !== null)
    return { octets: sealByPlan(octets, plan, signer, options.now), seipd: 1 };
  const sealed = await encrypt({
    message: await createMessage({ binary: octets, date: options.now }),
    encryptionKeys: options.recipient.key,
    encryptionKeyIDs: options.verdict.subkey.getKeyID(),
    signingKeys: options.signer,
    date: options.now,
    format: 'binary',
    config: PGP_CONFIG,
  });
  return { octets: sealed, seipd: firstVersion(sealed) === 6 ? 2 : 1 };
}

function planOf({ recipient, verdict, now }: SealOptions): Promise<Plan | null> {
  const known = plans.get(verdict);
  if (known !== undefined) return known;
  const plan = makePlan(recipient, verdict, now);
  plans.set(verdict, plan);
  return plan;
}

/** Null where the library has to do it. Preferences as RFC 9580 §5.2.3.14 and §5.2.3.16: without them, what all must know. */
async function makePlan({ key }: PublicPgpKey, { subkey }: Usable, now: Date): Promise<Plan | null> {
  const seal = sessionKeySealer(subkey);
  if (seal === null || Reflect.get(key.keyPacket, 'version') !== 4) return null;
  const { selfCertification } = await key.getPrimaryUser(now, undefined, FULL_CONFIG);
  const { features, preferredSymmetricAlgorithms, preferredHashAlgorithms } = selfCertification;
  if (((features?.[0] ?? 0) & enums.features.seipdv2) !== 0) return null;
  return {
    seal,
    cipher: preferredSymmetricAlgorithms?.includes(enums.symmetric.aes256) ? 'aes-256-cfb' : 'aes-128-cfb',
    hash: preferredHashAlgorithms?.includes(enums.hash.sha512) ? 10 : 8,
  };
}

function signerOf(key: PrivateKey): MessageSigner | null {
  const known = signers.get(key);
  if (known !== undefined) return known;
  const signer = messageSigner(key);
  signers.set(key, signer);
  return signer;
}

function sealByPlan(octets: Uint8Array, plan: Plan, signer: MessageSigner, now: Date): Uint8Array {
  const aes256 = plan.cipher === 'aes-256-cfb';
  const key = randomBytes(aes256 ? 32 : 16);
  const checksum = key.reduce((sum, octet) => (sum + octet) & 0xffff, 0);
  const sessionKey = Buffer.concat([
    Uint8Array.of(aes256 ? enums.symmetric.aes256 : enums.symmetric.aes128),
    key,
    Uint8Array.of(checksum >>> 8, checksum & 0xff),
  ]);
  try {
    const signed = [
      ...onePassSignature(signer, plan.hash),
      ...literalData(octets),
      ...signaturePacket(signer, plan.hash, octets, now),
    ];
    return Buffer.concat([...plan.seal(sessionKey), ...integrityProtected(plan.cipher, key, signed)]);
  } finally {
    key.fill(0);
    sessionKey.fill(0);
  }
}

/**
 * Version of the packet that the message begins with, the encrypted session key: 3 goes before SEIPD version 1, 6 before
 * version 2 (RFC 9580 §10.3.2.1). Its body starts behind a length of one octet, or of two (§4.2.1).
 */
function firstVersion(message: Uint8Array): number | undefined {
  return (message[1] ?? 0) < 192 ? message[2] : message[3];
}
