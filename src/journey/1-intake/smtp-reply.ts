import { REFUSALS, Refusal, type RefusalCode } from '#core/errors';

/** What a client's operator reads beside the codes. ASCII, no parameters: a reply must never quote a message. */
const TEXTS: Readonly<Record<RefusalCode, string>> = {
  'not-authenticated': 'Authentication required',
  'step-up-required': 'Authentication required',
  'not-permitted': 'Not permitted',
  'not-found': 'Not found',
  'method-not-allowed': 'Command not implemented',
  'already-exists': 'Already there',
  'wrong-state': 'Not possible in this state',
  'idempotency-key-reused': 'Key was used for another message',
  gone: 'No longer available',
  'version-conflict': 'Changed meanwhile',
  'too-large': 'Message is too large',
  'unsupported-media-type': 'Media type not supported',
  invalid: 'Message is not valid',
  'invalid-address': 'Address is not valid',
  'invalid-header': 'Message header is not valid',
  'bare-line-ending': 'Bare CR or LF is not allowed, lines end with CRLF',
  'mime-too-deep': 'Message structure is too deep or has too many parts',
  'mime-unreadable': 'Message structure cannot be read',
  'too-many-recipients': 'Too many recipients',
  'sender-not-allowed': 'Sender address is not allowed for this account',
  'sandbox-domain-only': 'This system is in sandbox mode and delivers to sandbox domains only',
  'too-many-requests': 'Too many requests, try again later',
  'limit-reached': 'Sending limit reached, try again later',
  'storage-low': 'Insufficient storage, try again later',
  unavailable: 'Temporary failure, try again later',
};

/**
 * An error that smtp-server turns into a reply: the code, and a text that begins with the enhanced status (RFC 3463).
 */
export class SmtpReplyError extends Error {
  override readonly name = 'SmtpReplyError';
  readonly responseCode: number;

  constructor(responseCode: number, text: string) {
    super(text);
    this.responseCode = responseCode;
  }
}

/** The reply for whatever ended a command: a refusal's own, or 451 for any fault, so that the client tries again. */
export function replyOf(error: unknown): SmtpReplyError {
  if (error instanceof SmtpReplyError) return error;
  const code: RefusalCode = error instanceof Refusal ? error.code : 'unavailable';
  const [reply = '451', enhanced = '4.3.0'] = REFUSALS[code].smtp.split(' ');
  // The reason is a code of ours; it tells an operator which rule it was.
  const reason = error instanceof Refusal ? error.parameters.reason : undefined;
  const why = typeof reason === 'string' && /^[a-z0-9-]{1,40}$/.test(reason) ? ` (${reason})` : '';
  return new SmtpReplyError(Number(reply), `${enhanced} ${TEXTS[code]}${why}`);
}
