import { createHash } from 'node:crypto';
import { type PrivateKey, readPrivateKey } from 'openpgp';
import { PGP_CONFIG } from './pgp-config.ts';
import { type KeyVerdict, type PublicPgpKey, readPublicKey } from './public-key.ts';
import { type SealedOctets, signAndEncrypt } from './seal-octets.ts';

/** Keys as octets, so that they can be handed to another thread. */
export interface OctetKeys {
  /** The recipient's transferable public key, and the id (hex) of the subkey that was judged usable. */
  readonly recipient: Uint8Array;
  readonly subkey: string;
  /** Our private key. */
  readonly signer: Uint8Array;
}

/** Keys that stay read. A private key among them is in this process's memory anyway. */
const KEPT_MOST = 500;

interface Recipient {
  readonly key: PublicPgpKey;
  readonly verdict: KeyVerdict & { readonly kind: 'usable' };
}

/** `signAndEncrypt` for keys that come as octets: each is read once, and judged by whoever hands it in. */
export function createOctetSealer(): (
  octets: Uint8Array,
  keys: OctetKeys,
  now: Date,
) => Promise<SealedOctets> {
  const recipients = new Map<string, Recipient>();
  const signers = new Map<string, PrivateKey>();
  return async (octets, keys, now) => {
    const { key, verdict } = await kept(recipients, nameOf(keys.recipient) + keys.subkey, () =>
      readRecipient(keys),
    );
    const signer = await kept(signers, nameOf(keys.signer), () =>
      readPrivateKey({ binaryKey: Uint8Array.from(keys.signer), config: PGP_CONFIG }),
    );
    return signAndEncrypt(octets, { recipient: key, verdict, signer, now });
  };
}

function nameOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

async function readRecipient({ recipient, subkey: id }: OctetKeys): Promise<Recipient> {
  const key = await readPublicKey(recipient);
  if (typeof key === 'string') throw new Error(`a key that was read before: ${key}`);
  const subkey = key.key.subkeys.find((one) => one.getKeyID().toHex() === id);
  if (subkey === undefined) throw new Error('a key without the subkey that was chosen');
  return { key, verdict: { kind: 'usable', subkey, expiresAt: null } };
}

async function kept<T>(map: Map<string, T>, name: string, read: () => Promise<T>): Promise<T> {
  const known = map.get(name);
  if (known !== undefined) return known;
  const value = await read();
  map.set(name, value);
  const oldest = map.size > KEPT_MOST ? map.keys().next() : undefined;
  if (oldest?.done === false) map.delete(oldest.value);
  return value;
}
