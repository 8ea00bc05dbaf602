import type { KeyObject } from 'node:crypto';
import type { ContentCipher, RsaTransport } from '../smime/envelop.ts';

/** One copy to be sealed, as plain values: what a thread can be handed. */
export type SealingTask = PgpTask | SmimeTask;

export interface PgpTask {
  readonly kind: 'pgp';
  /** The RFC 5322 message. */
  readonly message: Uint8Array;
  readonly recipient: Uint8Array;
  readonly subkey: string;
  readonly signer: Uint8Array;
  readonly at: Date;
}

export interface SmimeTask {
  readonly kind: 'smime';
  readonly message: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly cipher: ContentCipher;
  readonly rsa: RsaTransport;
  readonly signature: {
    readonly form: 'clear' | 'opaque';
    readonly certificate: Uint8Array;
    readonly others: readonly Uint8Array[];
    readonly privateKey: KeyObject;
  } | null;
  readonly at: Date;
}

export interface Sealed {
  /** The whole sealed message. */
  readonly message: Uint8Array;
  /** Version of the encrypted data packet of OpenPGP (2 is AEAD); 0 for S/MIME. */
  readonly seipd: 0 | 1 | 2;
}
