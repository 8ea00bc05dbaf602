import type { KeyObject } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import { canonical } from './associated-data.ts';
import { SealBroken } from './errors.ts';
import { KEY, NONCE, openFrom, sealInto, TAG, takeKey } from './gcm.ts';
import { GROUP_OCTETS, type GroupId, readGroup, writeGroup } from './group-id.ts';
import type { GroupKey } from './group-key.ts';
import { fillRandom } from './random-octets.ts';
import type { ObjectKey } from './vault.ts';

/** First octet of a wrapped object key. */
const OBJECT_KEY_FORM = 0x01;
const HEAD = 1 + GROUP_OCTETS;
/** Octets of a wrapped object key. */
export const WRAPPED_KEY = HEAD + NONCE + KEY + TAG;

/** An object key as the vault made it; others see only `wrapped`. */
export class OpenObjectKey implements ObjectKey {
  readonly wrapped: Buffer;
  readonly #group: GroupKey;
  readonly #key: KeyObject;

  constructor(wrapped: Buffer, group: GroupKey, key: KeyObject) {
    this.wrapped = wrapped;
    this.#group = group;
    this.#key = key;
  }

  get organisation(): OrganisationId {
    return this.#group.organisation;
  }

  /** Throws KeyShredded when the group was destroyed since. */
  get key(): KeyObject {
    this.#group.assertUsable();
    return this.#key;
  }
}

/** Which group a wrapped key belongs to. Throws SealBroken for what no vault has written. */
export function groupOf(wrapped: Uint8Array): GroupId {
  if (wrapped.length !== WRAPPED_KEY || wrapped[0] !== OBJECT_KEY_FORM) throw new SealBroken();
  const group = readGroup(Buffer.from(wrapped.buffer, wrapped.byteOffset, HEAD), 1);
  if (group === undefined) throw new SealBroken();
  return group;
}

/** `01 ‖ purpose(1) ‖ month(2) ‖ generation(2) ‖ nonce(12) ‖ ciphertext(32) ‖ tag(16)`. */
export function makeObjectKey(group: GroupKey): OpenObjectKey {
  const raw = Buffer.allocUnsafe(KEY);
  fillRandom(raw, 0, KEY);
  const wrapped = Buffer.allocUnsafeSlow(WRAPPED_KEY); // of its own memory: it may be kept for long
  wrapped[0] = OBJECT_KEY_FORM;
  writeGroup(wrapped, 1, group.id);
  sealInto(wrapped, HEAD, group.key, wrapData(group.organisation, wrapped), raw);
  return new OpenObjectKey(wrapped, group, takeKey(raw));
}

/** Throws SealBroken, KeyShredded. */
export function unwrapObjectKey(group: GroupKey, wrapped: Uint8Array): OpenObjectKey {
  const octets = Buffer.from(wrapped);
  const raw = openFrom(group.key, wrapData(group.organisation, octets), octets.subarray(HEAD));
  return new OpenObjectKey(octets, group, takeKey(raw));
}

function wrapData(organisation: OrganisationId, wrapped: Buffer): Buffer {
  return canonical(['sealpost/object-key/1', organisation, wrapped.subarray(0, HEAD)]);
}
