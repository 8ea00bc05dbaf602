import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Content } from '#core/message';
import { ProtectionUnavailable, type Protector, type SealedMail } from '#core/protection';
import type { FoundKey, OwnPgpKey } from '#platform/keyring';
import { contentOf } from '#platform/net';
import type { Clock } from '#platform/runtime';
import { asBuffer, type Sealing } from '../sealing/sealing.ts';
import { createRoom } from './room.ts';

export interface PgpPorts {
  /** The recipient's key, or why there is none. */
  recipientKey(organisation: OrganisationId, recipient: Address): Promise<FoundKey>;
  /** The organisation's own key; null where it cannot have one. */
  ownKey(organisation: OrganisationId): Promise<OwnPgpKey | null>;
  readonly clock: Clock;
  readonly sealing: Pick<Sealing, 'seal'>;
}

/** Octets of messages that are being encrypted at once. Each takes about six times its size while it is. */
const ROOM_OCTETS = 64 * 1024 * 1024;

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
      return room.with(content.size, () => seal(ports, content, found, signer));
    },
  };
}

async function seal(
  { sealing, clock }: PgpPorts,
  content: Content,
  { id, key, verdict }: FoundKey & { readonly kind: 'key' },
  signer: OwnPgpKey,
): Promise<SealedMail> {
  const sealed = await sealing.seal({
    kind: 'pgp',
    message: await wholeOf(content),
    recipient: key.octets,
    subkey: verdict.subkey.getKeyID().toHex(),
    signer: privateOctets(signer),
    at: clock.now(),
  });
  const { algorithm } = verdict.subkey.getAlgorithmInfo();
  return {
    kind: 'self-protected',
    content: contentOf(asBuffer(sealed.message)),
    seal: { key: id, algorithm: `OpenPGP, ${algorithm}, SEIPD version ${sealed.seipd}` },
  };
}

const written = new WeakMap<OwnPgpKey['privateKey'], Uint8Array>();

/** Our key as octets, written once as long as it is kept. */
function privateOctets({ privateKey }: OwnPgpKey): Uint8Array {
  const known = written.get(privateKey);
  if (known !== undefined) return known;
  const octets = privateKey.write();
  written.set(privateKey, octets);
  return octets;
}

async function wholeOf(content: Content): Promise<Buffer> {
  if (content.bytes !== null) return content.bytes;
  const parts: Buffer[] = [];
  for await (const part of content.open()) parts.push(part);
  return Buffer.concat(parts);
}
