import { catalogue } from './catalogue.ts';

interface ProblemWords {
  /** What happened. */
  readonly what: string;
  /** What to do. */
  readonly next: string;
}

/** Refusal codes of the API in the reader's words. */
export const problems = catalogue<Readonly<Record<string, ProblemWords>>>({
  en: {
    'no-answer': {
      what: 'Sealpost did not answer.',
      next: 'Check that you are online and that Sealpost is running, then try again.',
    },
    'not-authenticated': {
      what: 'You are not signed in, or your session has ended.',
      next: 'Sign in again.',
    },
    'step-up-required': {
      what: 'This act needs a fresh sign-in.',
      next: 'Sign out, sign in again and repeat it.',
    },
    'not-permitted': {
      what: 'Your role does not allow this.',
      next: 'Ask an administrator of your organisation for the permission.',
    },
    'not-found': {
      what: 'It was not found.',
      next: 'It may have been removed. Go back and load the list again.',
    },
    'already-exists': { what: 'Something with this name exists already.', next: 'Choose another name.' },
    'enrolled-elsewhere': {
      what: 'This person cannot be added here: the address belongs to another organisation, or to somebody who has an account in one.',
      next: 'Use another address of theirs, or ask your operator.',
    },
    held: {
      what: 'Nothing was done yet: a second person must approve this.',
      next: 'It waits under “Second person” for 72 hours.',
    },
    'wrong-state': {
      what: 'It has moved on in the meantime, so this is no longer possible.',
      next: 'Look at its state now and decide again.',
    },
    'idempotency-key-reused': { what: 'The same request was sent with other contents.', next: 'Try again.' },
    gone: { what: 'It is no longer there.', next: 'Its time is over, or it was used already.' },
    'version-conflict': {
      what: 'Somebody else has saved a newer version.',
      next: 'Look at their version, then save yours on top of it or drop it.',
    },
    'too-large': {
      what: 'The message is too large for this way in.',
      next: 'Up to 10 MB fit here. Remove an attachment, or submit the message by SMTP.',
    },
    invalid: { what: 'Something in the form is not right.', next: 'Correct the fields that are marked.' },
    'invalid-address': {
      what: 'One of the addresses is not a valid mail address.',
      next: 'Look for a missing part, a space or a stray character.',
    },
    'too-many-recipients': { what: 'There are too many recipients.', next: 'Send it in several messages.' },
    'sender-not-allowed': {
      what: 'Your organisation may not send from this address.',
      next: 'Use an address of one of your organisation’s domains.',
    },
    'sandbox-domain-only': {
      what: 'In sandbox mode mail goes to sandbox addresses only.',
      next: 'Use one of the sandbox recipients, so that nobody is mailed by a try.',
    },
    'too-many-requests': { what: 'There were too many tries.', next: 'Wait a minute, then try again.' },
    'limit-reached': {
      what: 'Your organisation’s limit is reached.',
      next: 'Wait for the next hour, or ask your operator.',
    },
    'storage-low': {
      what: 'The disk is nearly full, so nothing new is accepted.',
      next: 'Tell the operator of this installation.',
    },
    unavailable: { what: 'Sealpost cannot do this at the moment.', next: 'Try again in a minute.' },
    fault: {
      what: 'Sealpost met a fault of its own.',
      next: 'Try again. If it stays, give the reference to your operator: the log has the details under it.',
    },
    'passkey-failed': {
      what: 'The browser ended the passkey without a result.',
      next: 'Try again, or use another second factor.',
    },
    unknown: {
      what: 'Something unexpected happened.',
      next: 'Try again. If it stays, give the reference to your operator.',
    },
  },
});

const UNKNOWN: ProblemWords = { what: 'Something unexpected happened.', next: 'Try again.' };

/** Words for a refusal code, or for its reason where that has words of its own; unknown codes get general ones. */
export function problemWords(code: string, reason?: string): ProblemWords {
  return (
    (reason === 'enrolled-elsewhere' ? problems[reason] : undefined) ??
    problems[code] ??
    problems.unknown ??
    UNKNOWN
  );
}
