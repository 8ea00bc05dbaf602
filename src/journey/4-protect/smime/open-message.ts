import { canonicalLineEnds } from '#platform/mail';
import { decodedBody, type Entity, readEntity, signedParts } from './entity.ts';
import { type OwnKey, openEnvelope } from './open-envelope.ts';
import { SmimeRefused } from './refused.ts';
import { restoreHeaders } from './restore-headers.ts';
import { openSignature, type Signer } from './verify.ts';

/** A message as it was before S/MIME. */
export interface OpenedMessage {
  /** RFC 5322, with the protected header where there was one. */
  readonly message: Buffer;
  readonly encrypted: boolean;
  readonly protectedHeaders: boolean;
  /** `none`: encrypted without protection against change, and not signed: not to be shown as coming from anybody. */
  readonly integrity: 'authenticated' | 'signed' | 'none';
  /** Whether a signature was there, and whose it was when it fits. Trust in that certificate is another question. */
  readonly signed: boolean;
  readonly signer: Signer | null;
}

const DEEPEST = 4;

/**
 * Opens an S/MIME message: decrypts, verifies, restores the header. Against EFAIL: only the message as a whole is
 * opened, never a part of a multipart beside others, so clear and decrypted text cannot end up in one document; and
 * nothing comes out of an envelope that is broken anywhere. Throws SmimeRefused.
 */
export function openMessage(message: Buffer, keys: readonly OwnKey[]): OpenedMessage {
  const outer = readEntity(message);
  let entity = outer;
  let [encrypted, signed, authenticated, changeable] = [false, false, false, false];
  let signer: Signer | null = null;
  for (let depth = 0; ; depth += 1) {
    const kind = layerOf(entity);
    if (kind === 'plain') break;
    if (depth === DEEPEST) throw new SmimeRefused('too-deep');
    if (kind === 'encrypted') {
      const opened = openEnvelope(decodedBody(entity), keys);
      // What stands around an envelope says nothing of what is in it: anybody can take a ciphertext, change it, and sign or
      // encrypt the outcome (EFAIL). Only what is inside of an envelope without integrity can make up for it.
      authenticated = opened.integrity === 'authenticated';
      changeable = !authenticated;
      if (changeable) signer = null;
      encrypted = true;
      entity = readEntity(canonicalLineEnds(opened.content));
    } else {
      const opened = kind === 'opaque' ? openSignature(decodedBody(entity), null) : openClear(entity);
      // The innermost signature is the author's; a list's or gateway's may stand around it.
      signed = true;
      signer = opened.signer;
      if (signer !== null) changeable = false;
      entity = readEntity(opened.content);
    }
  }
  if (!encrypted && !signed) throw new SmimeRefused('not-smime');
  const integrity = changeable
    ? 'none'
    : authenticated
      ? 'authenticated'
      : signer !== null
        ? 'signed'
        : 'none';
  return { ...restoreHeaders(outer, entity.octets), encrypted, integrity, signed, signer };
}

function layerOf({ type }: Entity): 'plain' | 'encrypted' | 'opaque' | 'clear' {
  const kind = type.value.toLowerCase();
  const { parameters } = type;
  if (kind === 'multipart/signed') {
    return /^application\/(x-)?pkcs7-signature$/i.test(parameters.get('protocol') ?? '') ? 'clear' : 'plain';
  }
  if (!/^application\/(x-)?pkcs7-mime$/.test(kind)) return 'plain';
  switch (parameters.get('smime-type')?.toLowerCase()) {
    case 'signed-data':
      return 'opaque';
    case 'certs-only':
    case 'compressed-data':
      return 'plain';
    default:
      return 'encrypted';
  }
}

function openClear(entity: Entity) {
  const parts = signedParts(entity);
  if (parts === null) throw new SmimeRefused('broken');
  return openSignature(decodedBody(parts.signature), parts.content);
}
