import { createHash } from 'node:crypto';

/** How a recipient stands in a proof: SHA-256 of salt and address (`local@domain` as it was sent to), in hex. */
export function recipientHash(salt: Uint8Array, address: string): string {
  return createHash('sha256').update(salt).update(address).digest('hex');
}
