import type { Address } from '#core/address';
import { addressText } from '#core/address';
import {
  findField,
  type HeaderField,
  parseHeader,
  parseMailboxes,
  parseParameters,
  scanBuffer,
  splitMessage,
} from '#platform/mail';
import type { Signer } from '../smime/verify.ts';
import { openPgp, type PgpOpening } from './open-pgp.ts';
import { openSmime, type SmimeOpening } from './open-smime.ts';

/** What a signature is worth: `good` only where it verifies and its key belongs to the address in From. */
export interface SignatureVerdict {
  readonly state: 'good' | 'bad' | 'unknown' | 'untrusted' | 'none';
  /** Why a certificate is not trusted, or how a good one was (`vouched`…); a code of ours. */
  readonly reason: string | null;
}

export const UNSIGNED: SignatureVerdict = { state: 'none', reason: null };

export type SealedBy = 'pgp' | 'smime';

/** Why something sealed was handed on as it came. */
export type LeftSealed =
  /** For a key that we do not have; OpenPGP does not tell this from broken. */
  | 'not-for-us'
  | 'broken'
  | 'unreadable'
  | 'unsupported'
  | 'too-deep'
  | 'too-large'
  /** Encrypted so that anybody could have changed it, not signed inside, and more than plain text (EFAIL). */
  | 'no-integrity'
  /** The protected From names somebody else than the one outside (RFC 9788 §4.4). */
  | 'from-differs'
  /** Only a part of the message is encrypted: what stands around it could carry its text away (EFAIL). */
  | 'nested';

export type Found =
  | { readonly kind: 'plain' }
  | { readonly kind: 'signed'; readonly by: SealedBy; readonly signature: SignatureVerdict }
  | { readonly kind: 'opened'; readonly by: SealedBy; readonly signature: SignatureVerdict }
  | { readonly kind: 'left-sealed'; readonly by: SealedBy; readonly why: LeftSealed };

export interface OpenedInbound {
  /** What goes on: the opened message, or the very octets that came. */
  readonly message: Buffer;
  readonly found: Found;
  /** Its header came from inside the encryption (RFC 9788): of what stood outside, only the trace goes with it. */
  readonly protectedHeaders: boolean;
  /** Who signed by S/MIME, where the signature is good. */
  readonly signer: Signer | null;
}

export interface OpenInboundPorts {
  readonly pgp: PgpOpening;
  readonly smime: SmimeOpening;
}

/** Whether a message with this Content-Type has something to open or verify as a whole. */
export function sealedBy(contentType: string): { readonly by: SealedBy; readonly encrypted: boolean } | null {
  const { value, parameters } = parseParameters(contentType);
  const protocol = parameters.get('protocol')?.toLowerCase() ?? '';
  if (value === 'multipart/encrypted' && protocol === 'application/pgp-encrypted') {
    return { by: 'pgp', encrypted: true };
  }
  if (value === 'multipart/signed') {
    if (protocol === 'application/pgp-signature') return { by: 'pgp', encrypted: false };
    return /^application\/(x-)?pkcs7-signature$/.test(protocol) ? { by: 'smime', encrypted: false } : null;
  }
  if (!/^application\/(x-)?pkcs7-mime$/.test(value)) return null;
  const kind = parameters.get('smime-type')?.toLowerCase();
  return kind === 'certs-only' ? null : { by: 'smime', encrypted: kind !== 'signed-data' };
}

/**
 * Opens a message that came in, for one recipient. Only the message as a whole is opened, in the shapes of RFC 3156 and
 * RFC 8551; nothing comes out of it unless all of it proved whole; what cannot be opened is handed back octet by octet.
 * Never throws for what a message holds.
 */
export async function openInbound(
  mail: Buffer,
  recipient: Address,
  ports: OpenInboundPorts,
): Promise<OpenedInbound> {
  const { header } = splitMessage(mail);
  const { fields } = parseHeader(header);
  const sealed = sealedBy(findField(fields, 'content-type')?.value ?? '');
  if (sealed === null) return asItCame(mail, { kind: 'plain' });
  const sender = fromOf(mail);
  const opened =
    sealed.by === 'pgp'
      ? await openPgp(mail, sender, ports.pgp)
      : await openSmime(mail, sender, recipient, ports.smime);
  if (opened.message === mail || scanBuffer(opened.message).ok) return opened;
  // What comes out of an encryption has passed no intake: line ends, controls and doubled fields that two readers take
  // in two ways are not passed on (they could smuggle a second message into the session that hands it over).
  return asItCame(mail, { kind: 'left-sealed', by: sealed.by, why: 'unsupported' });
}

export function asItCame(mail: Buffer, found: Found): OpenedInbound {
  return { message: mail, found, protectedHeaders: false, signer: null };
}

/** The one author in From; null where there are several: then a signature is nobody's. */
export function fromOf(mail: Buffer): Address | null {
  return authorOf(parseHeader(splitMessage(mail).header).fields);
}

export function authorOf(fields: readonly HeaderField[]): Address | null {
  const { mailboxes, broken } = parseMailboxes(findField(fields, 'from')?.value ?? '');
  const [only, ...more] = mailboxes;
  return only === undefined || more.length > 0 || broken > 0 ? null : only;
}

/** Both name the same mailbox, or neither one. */
export function sameAuthor(one: Address | null, other: Address | null): boolean {
  const text = (address: Address | null) => (address === null ? '' : addressText(address).toLowerCase());
  return text(one) === text(other);
}
