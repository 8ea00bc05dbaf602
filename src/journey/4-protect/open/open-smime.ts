import type { Address } from '#core/address';
import type { Standing } from '#platform/keyring';
import { findField, parseHeader, parseParameters, splitMessage } from '#platform/mail';
import type { OwnKey } from '../smime/open-envelope.ts';
import { type OpenedMessage, openMessage } from '../smime/open-message.ts';
import { SmimeRefused } from '../smime/refused.ts';
import type { Signer } from '../smime/verify.ts';
import {
  asItCame,
  fromOf,
  type LeftSealed,
  type OpenedInbound,
  type SignatureVerdict,
  sameAuthor,
  sealedBy,
  UNSIGNED,
} from './open-inbound.ts';

export interface SmimeOpening {
  /** Certificates of ours with their private keys that may open this recipient's mail. */
  keys(recipient: Address): Promise<readonly OwnKey[]>;
  /** What a signer's certificate is worth for this author: chain, purpose, address, revocation. */
  standing(signer: Signer, author: Address): Promise<Standing>;
}

/** Opens or verifies S/MIME (RFC 8551). */
export async function openSmime(
  mail: Buffer,
  author: Address | null,
  recipient: Address,
  ports: SmimeOpening,
): Promise<OpenedInbound> {
  const left = (why: LeftSealed) => asItCame(mail, { kind: 'left-sealed', by: 'smime', why });
  const opened = tryOpen(mail, await ports.keys(recipient));
  if (typeof opened === 'string') return left(opened);
  const trusted = opened.signer === null ? null : await judge(opened.signer, author, ports);
  const signature = trusted ?? (opened.signed ? { state: 'bad' as const, reason: null } : UNSIGNED);
  const signer = signature.state === 'good' ? opened.signer : null;
  if (!opened.encrypted) {
    const found = { kind: 'signed', by: 'smime', signature } as const;
    // What is signed in the clear stays as it is: every program shows it. The opaque form is unpacked where its
    // signature fits, because many do not; what does not fit stays as evidence.
    if (isClear(mail) || opened.signer === null || !sameAuthor(fromOf(opened.message), author)) {
      return { ...asItCame(mail, found), signer };
    }
    return { message: opened.message, found, protectedHeaders: opened.protectedHeaders, signer };
  }
  if (opened.integrity === 'none' && !isPlainText(opened.message)) return left('no-integrity');
  // Still packed: compressed data, or a kind of its own that nobody here reads.
  if (isPacked(opened.message)) return left('unsupported');
  if (!sameAuthor(fromOf(opened.message), author)) return left('from-differs');
  return {
    message: opened.message,
    found: { kind: 'opened', by: 'smime', signature },
    protectedHeaders: opened.protectedHeaders,
    signer,
  };
}

function tryOpen(mail: Buffer, keys: readonly OwnKey[]): OpenedMessage | LeftSealed {
  try {
    return openMessage(mail, keys);
  } catch (error) {
    if (!(error instanceof SmimeRefused)) throw error;
    return error.code === 'not-smime' ? 'unsupported' : error.code;
  }
}

async function judge(signer: Signer, author: Address | null, ports: SmimeOpening): Promise<SignatureVerdict> {
  if (author === null) return { state: 'untrusted', reason: 'several-authors' };
  const standing = await ports.standing(signer, author);
  return standing.kind === 'usable'
    ? { state: 'good', reason: null }
    : { state: 'untrusted', reason: standing.reason ?? standing.code };
}

function contentType(mail: Buffer) {
  const { fields } = parseHeader(splitMessage(mail).header);
  return {
    type: parseParameters(findField(fields, 'content-type')?.value ?? 'text/plain'),
    disposition: findField(fields, 'content-disposition')?.value,
  };
}

function isClear(mail: Buffer): boolean {
  return contentType(mail).type.value === 'multipart/signed';
}

function isPacked(mail: Buffer): boolean {
  const { type } = contentType(mail);
  return type.value.endsWith('pkcs7-mime') && sealedBy(type.value) !== null;
}

/**
 * Text that is nothing but text has no way to load or send anything, so a changed ciphertext cannot make it carry away
 * what it holds. One that is named like a file may be opened as what its name says.
 */
function isPlainText(mail: Buffer): boolean {
  const { type, disposition } = contentType(mail);
  return type.value === 'text/plain' && !type.parameters.has('name') && disposition === undefined;
}
