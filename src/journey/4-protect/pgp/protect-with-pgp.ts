import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Content } from '#core/message';
import { ProtectionUnavailable, type Protector, type SealedMail } from '#core/protection';
import { armor, type FoundKey, type OwnPgpKey, signAndEncrypt } from '#platform/keyring';
import { buildPgpMime, protectHeaders } from '#platform/mail';
import { contentOf } from '#platform/net';
import type { Clock } from '#platform/runtime';
import { createRoom } from './room.ts';

export interface PgpPorts {
  /** The recipient's key, or why there is none. */
  recipientKey(organisation: OrganisationId, recipient: Address): Promise<FoundKey>;
  /** The organisation's own key; null where it cannot have one. */
  ownKey(organisation: OrganisationId): Promise<OwnPgpKey | null>;
  readonly clock: Clock;
}

/** Octets of messages that are being encrypted at once. Each takes about six times its size while it is. */
const ROOM_OCTETS = 64 * 1024 * 1024;
const LARGE = 1024 * 1024;

/**
 * OpenPGP: the whole message, its header fields included (RFC 9788), signed with the organisation's key and encrypted
 * to the recipient's newest valid subkey, as PGP/MIME (RFC 3156 §6.2). The octets of the message stand inside as they
 * were taken in; no transport sees them, so 8-bit text and long lines stay as they are.
 */
export function protectWithPgp(ports: PgpPorts): Protector {
  const room = createRoom(ROOM_OCTETS);
  return {
    method: 'pgp',
    async protect({ message, content, recipient }) {
      const signer = await ports.ownKey(message.organisation);
      if (signer === null) throw new ProtectionUnavailable('pgp', 'not-configured');
      const found = await ports.recipientKey(message.organisation, recipient);
      if (found.kind === 'none') throw new ProtectionUnavailable('pgp', found.code, found.parameters);
      return room.with(content.size, () => seal(content, found, signer, ports.clock.now()));
    },
  };
}

async function seal(
  content: Content,
  found: FoundKey & { readonly kind: 'key' },
  signer: OwnPgpKey,
  now: Date,
): Promise<SealedMail> {
  const { payload, outer } = protectHeaders(await wholeOf(content));
  const { id, key: recipient, verdict } = found;
  await breathe(content.size);
  const sealed = await signAndEncrypt(payload, { recipient, verdict, signer: signer.privateKey, now });
  await breathe(content.size);
  const armoured = armor('MESSAGE', sealed.octets, sealed.seipd === 1);
  const { algorithm } = verdict.subkey.getAlgorithmInfo();
  return {
    kind: 'self-protected',
    content: contentOf(buildPgpMime(outer, armoured)),
    seal: { key: id, algorithm: `OpenPGP, ${algorithm}, SEIPD version ${sealed.seipd}` },
  };
}

/** Between the steps over a large message others get their turn: each step holds the event loop for its whole length. */
async function breathe(size: number): Promise<void> {
  if (size > LARGE) await new Promise((resolve) => setImmediate(resolve));
}

async function wholeOf(content: Content): Promise<Buffer> {
  if (content.bytes !== null) return content.bytes;
  const parts: Buffer[] = [];
  for await (const part of content.open()) parts.push(part);
  return Buffer.concat(parts);
}
