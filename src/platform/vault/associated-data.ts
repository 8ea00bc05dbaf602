import type { OrganisationId } from '#core/ids';
import { isUuid } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';

/**
 * Canonical octets of a list of texts and byte strings: each with its length (32 bit, big-endian) before it, so that
 * no two different lists have the same encoding. Texts as UTF-8; unpaired surrogates are refused because they have none.
 */
export function canonical(parts: readonly (string | Uint8Array)[]): Buffer {
  let length = 0;
  for (const part of parts) length += 4 + (typeof part === 'string' ? Buffer.byteLength(part) : part.length);
  const encoded = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'string') {
      if (!part.isWellFormed()) throw new TypeError('text with unpaired surrogates');
      const written = encoded.write(part, at + 4);
      encoded.writeUInt32BE(written, at);
      at += 4 + written;
    } else {
      encoded.writeUInt32BE(part.length, at);
      encoded.set(part, at + 4);
      at += 4 + part.length;
    }
  }
  return encoded;
}

/** What a ciphertext is bound to, as associated data. `form` names the format and its version. */
export function bindingData(form: 'sealpost/seal/1' | 'sealpost/stream/1', binding: Binding): Buffer {
  return canonical([form, binding.organisation, binding.field, binding.row]);
}

/** Refuses an organisation that is not a canonical UUID: it becomes part of a path. */
export function requireOrganisation(organisation: OrganisationId): void {
  if (!isUuid(organisation)) throw new TypeError('organisation is not a UUID');
}

/** Octet that stands for each purpose in wrapped object keys. Never reuse or renumber one. */
export const PURPOSE_CODES: Readonly<Record<SealPurpose, number>> = {
  message: 1,
  portal: 2,
  archive: 3,
  record: 4,
  identity: 5,
  configuration: 6,
};

const PURPOSES = new Map<number, SealPurpose>([
  [1, 'message'],
  [2, 'portal'],
  [3, 'archive'],
  [4, 'record'],
  [5, 'identity'],
  [6, 'configuration'],
]);

export function purposeOf(code: number): SealPurpose | undefined {
  return PURPOSES.get(code);
}

/** True for one of the purposes; for names read from the disk or a command line. */
export function isPurpose(text: string): text is SealPurpose {
  return Object.hasOwn(PURPOSE_CODES, text);
}
