import type { KeyObject } from 'node:crypto';
import type { Binding } from '#core/seal';
import { bindingData } from './associated-data.ts';
import { SealBroken } from './errors.ts';
import { NONCE, openFrom, sealInto, TAG } from './gcm.ts';

/** First octet of a sealed field. */
const SEAL_FORM = 0x01;
/** How much longer a sealed field is than its plain text. */
const SEAL_OVERHEAD = 1 + NONCE + TAG;

/** `01 ‖ nonce(12) ‖ ciphertext ‖ tag(16)`, bound to organisation, field and row. */
export function sealOctets(key: KeyObject, binding: Binding, plain: Uint8Array | string): Buffer {
  const octets = typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain;
  const sealed = Buffer.allocUnsafe(SEAL_OVERHEAD + octets.length);
  sealed[0] = SEAL_FORM;
  sealInto(sealed, 1, key, bindingData('sealpost/seal/1', binding), octets);
  return sealed;
}

/** Throws SealBroken for anything that `sealOctets` did not make with this key and binding. */
export function openOctets(key: KeyObject, binding: Binding, sealed: Uint8Array): Buffer {
  if (sealed[0] !== SEAL_FORM) throw new SealBroken();
  return openFrom(key, bindingData('sealpost/seal/1', binding), sealed.subarray(1));
}
