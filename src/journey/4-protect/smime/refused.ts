/**
 * Why an S/MIME message was not opened. One code for everything that fails while decrypting: which step it was would
 * be an oracle for an attacker (RFC 3218, EFAIL).
 */
export type SmimeRefusal = 'not-smime' | 'not-for-us' | 'broken' | 'unsupported' | 'too-deep';

export class SmimeRefused extends Error {
  override readonly name = 'SmimeRefused';
  readonly code: SmimeRefusal;

  constructor(code: SmimeRefusal) {
    super(code);
    this.code = code;
  }
}
