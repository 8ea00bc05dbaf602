/**
 * An expected refusal that ends a request. It carries a public code and parameters (worded from a catalogue when
 * read) and an HTTP status; SMTP maps it to a reply code. The message text never holds content or addresses.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly parameters: Readonly<Record<string, string | number>>;

  constructor(code: RefusalCode, parameters: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.code = code;
    this.parameters = parameters;
  }
}

/** Every refusal code with its HTTP status (RFC 9110) and SMTP reply (RFC 5321 §4.2, RFC 3463). */
export const REFUSALS = {
  'not-authenticated': { status: 401, smtp: '530 5.7.0' },
  'step-up-required': { status: 401, smtp: '530 5.7.0' },
  'not-permitted': { status: 403, smtp: '550 5.7.1' },
  'not-found': { status: 404, smtp: '550 5.1.1' },
  'method-not-allowed': { status: 405, smtp: '502 5.5.1' },
  'already-exists': { status: 409, smtp: '550 5.7.0' },
  'wrong-state': { status: 409, smtp: '550 5.7.0' },
  'idempotency-key-reused': { status: 409, smtp: '550 5.7.0' },
  gone: { status: 410, smtp: '550 5.7.0' },
  'version-conflict': { status: 412, smtp: '550 5.7.0' },
  'too-large': { status: 413, smtp: '552 5.3.4' },
  'unsupported-media-type': { status: 415, smtp: '554 5.6.1' },
  invalid: { status: 422, smtp: '550 5.6.0' },
  'invalid-address': { status: 422, smtp: '553 5.1.3' },
  'invalid-header': { status: 422, smtp: '550 5.6.0' },
  'bare-line-ending': { status: 422, smtp: '550 5.6.11' },
  'mime-too-deep': { status: 422, smtp: '550 5.6.0' },
  'mime-unreadable': { status: 422, smtp: '550 5.6.0' },
  'too-many-recipients': { status: 422, smtp: '452 4.5.3' },
  'sender-not-allowed': { status: 422, smtp: '550 5.7.1' },
  'sandbox-domain-only': { status: 422, smtp: '550 5.7.1' },
  'too-many-requests': { status: 429, smtp: '450 4.7.1' },
  'limit-reached': { status: 429, smtp: '452 4.5.3' },
  'storage-low': { status: 503, smtp: '452 4.3.1' },
  unavailable: { status: 503, smtp: '451 4.3.0' },
} as const satisfies Record<string, { readonly status: number; readonly smtp: string }>;

export type RefusalCode = keyof typeof REFUSALS;
