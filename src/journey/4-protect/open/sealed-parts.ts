import type { SealedBy } from './open-inbound.ts';

/** A part's Content-Type field with an encryption in it, or an OpenPGP message that stands in a text ("inline"). */
const SEALED =
  /(?:^|\n)(?:content-type:[ \t]*(?:\r\n[ \t]+)?(multipart\/encrypted|application\/(?:x-)?pkcs7-mime)([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)|-----BEGIN PGP MESSAGE-----)/gi;
/** Of these only signatures and certificates are made (RFC 8551 §3.2.2). */
const NOT_ENCRYPTED = /smime-type\s*=\s*"?(certs-only|signed-data)/i;
/** A field is looked at when so much of what follows is there, so that its parameters are. */
const AHEAD = 1_024;

/**
 * Whether some part of a message that is not sealed as a whole is, as far as it can be seen without taking it apart.
 * Only to be told: nothing is opened on its word. Constant memory.
 */
export async function findSealedPart(body: AsyncIterable<Buffer>): Promise<SealedBy | null> {
  let text = '';
  for await (const piece of body) {
    text += piece.toString('latin1');
    const found = sealedIn(text, text.length - AHEAD);
    if (found !== null) return found;
    text = text.slice(-2 * AHEAD);
  }
  return sealedIn(text, text.length);
}

/** The first one that begins before this place. */
function sealedIn(text: string, before: number): SealedBy | null {
  for (const { index, 1: type, 2: parameters = '' } of text.matchAll(SEALED)) {
    if (index >= before) return null;
    if (type === undefined || type.toLowerCase() === 'multipart/encrypted') return 'pgp';
    if (!NOT_ENCRYPTED.test(parameters)) return 'smime';
  }
  return null;
}
