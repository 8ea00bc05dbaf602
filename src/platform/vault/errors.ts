/** A ciphertext that does not open: changed, cut, or moved to another organisation, field or row. Says nothing more on purpose. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  readonly code = 'seal-broken';

  constructor() {
    super('sealed bytes do not open');
  }
}

/** The key was destroyed on purpose; what it sealed is gone for good. */
export class KeyShredded extends Error {
  override readonly name = 'KeyShredded';
  readonly code = 'key-shredded';
  /** Purpose, month and generation, such as `message-202611-0`. */
  readonly group: string;

  constructor(group: string) {
    super(`the keys of ${group} were destroyed`);
    this.group = group;
  }
}

/** A key file that should be there is not, or is damaged: a fault of the installation, never an expected outcome. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';
  readonly code: KeyMissingCode;

  constructor(code: KeyMissingCode, text: string) {
    super(text);
    this.code = code;
  }
}

export type KeyMissingCode =
  | 'key-file-missing'
  | 'key-file-damaged'
  | 'keys-directory-empty'
  | 'keys-directory-foreign'
  | 'keys-directory-unsafe'
  | 'key-limit-reached';

/** The root key is absent, refused, or not the one that the keys were wrapped with. Stops the start. */
export class RootKeyWrong extends Error {
  override readonly name = 'RootKeyWrong';
  readonly code: RootKeyWrongCode;

  constructor(code: RootKeyWrongCode, text: string) {
    super(text);
    this.code = code;
  }
}

export type RootKeyWrongCode =
  | 'root-key-missing'
  | 'root-key-does-not-fit'
  | 'root-key-damaged'
  | 'root-key-too-open'
  | 'root-key-inside-data'
  | 'key-service-refused';

/** The key service did not answer in time or is sealed; trying again later may work. */
export class KeyServiceUnavailable extends Error {
  override readonly name = 'KeyServiceUnavailable';
  readonly code: string;

  constructor(code: string) {
    super(`the key service did not answer (${code})`);
    this.code = code;
  }
}
