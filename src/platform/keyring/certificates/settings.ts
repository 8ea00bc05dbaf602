/** An organisation's choices for S/MIME. */
export interface SmimeSettings {
  /** `hard`: a certificate whose revocation cannot be asked for is not used. `soft`: it is, unless it is revoked. */
  readonly revocation: 'soft' | 'hard';
  /** `auto`: GCM where the recipient's software has said that it reads it, else CBC. */
  readonly cipher: 'auto' | 'gcm' | 'cbc';
  /** For RSA keys. `auto`: OAEP where the recipient's software has said that it reads it, else PKCS#1 v1.5. */
  readonly keyTransport: 'auto' | 'oaep' | 'pkcs1';
  readonly signature: 'clear' | 'opaque' | 'none';
}

export const DEFAULT_SETTINGS: SmimeSettings = {
  revocation: 'soft',
  cipher: 'auto',
  keyTransport: 'auto',
  signature: 'clear',
};
