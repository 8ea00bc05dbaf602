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
      what: 'This act needs your second factor again.',
      next: 'Repeat it and confirm.',
    },
    'not-permitted': {
      what: 'Your role does not allow this.',
      next: 'Ask an administrator of your organisation for the permission.',
    },
    'not-found': {
      what: 'It was not found.',
      next: 'It may have been removed. Go back and load the list again.',
    },
    'single-sign-on': {
      what: 'Your organisation asks you to sign in with its own account.',
      next: 'Use the sign-in with the account of your organisation.',
    },
    'already-exists': { what: 'Something with this name exists already.', next: 'Choose another name.' },
    'access-rule': {
      what: 'A rule of your organisation does not allow this from here, from this device or at this time.',
      next: 'Ask an administrator which rule it is, or go on from a place that it allows.',
    },
    'proof-missing': {
      what: 'This browser cannot prove itself: the page must be opened by https, with storage allowed.',
      next: 'Open the console at its https address, not in a private window that keeps nothing.',
    },
    'enrolled-elsewhere': {
      what: 'This person cannot be added here: the address belongs to another organisation, or to somebody who has an account in one.',
      next: 'Use another address of theirs, or ask your operator.',
    },
    'last-administrator': {
      what: 'Nobody would be left who can give rights to others.',
      next: 'Make somebody else an administrator first, everywhere and without end.',
    },
    'last-operator': {
      what: 'Nobody would be left who operates the installation.',
      next: 'Have another operator named first.',
    },
    'emergency-role': {
      what: 'This role is what emergency access gives, and cannot be removed.',
      next: 'Change what it gives in the settings of emergency access.',
    },
    'kept-by-directory': {
      what: 'A directory keeps this group.',
      next: 'Change who is in it there.',
    },
    'care-relationship': {
      what: 'This message is none of yours and concerns none of your patients.',
      next: 'Have the care relationship recorded, or take emergency access with a reason.',
    },
    held: {
      what: 'Nothing was done yet: somebody else must approve it.',
      next: 'It waits under “Second person” for 72 hours.',
    },
    'nobody-else': {
      what: 'Only one person here could do or approve one of these acts: it could never be done.',
      next: 'Give somebody else the rights for it first, or leave that kind out.',
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
    'last-factor': {
      what: 'This is your last way to sign in.',
      next: 'Add another one first.',
    },
    'factor-demanded': {
      what: 'An organisation of yours asks for a stronger way to sign in than would be there.',
      next: 'Add a passkey or hardware key under “Your sign-in” first, and sign in with it.',
    },
    'belongs-elsewhere': {
      what: 'This person belongs to another organisation too, and signs in to both with the same things.',
      next: 'Ask the operator of this installation to restore their access.',
    },
    'not-enrolled': {
      what: 'This person has never signed in.',
      next: 'Invite them again.',
    },
    'passphrase-too-old': {
      what: 'That organisation wants passphrases to be changed from time to time, and yours is older.',
      next: 'Change it on the page of your sign-in, then try again.',
    },
    'no-texts': {
      what: 'No text message can be sent to this number now.',
      next: 'Use another way, or ask an administrator whether a text gateway is set up.',
    },
    'needs-client-authorities': {
      what: 'This installation takes no client certificates.',
      next: 'Ask your operator to name the authorities whose certificates are taken.',
    },
    'needs-breached-list': {
      what: 'Shorter passphrases need a list of breached passwords, and this installation has none.',
      next: 'Ask the operator to set one up, or keep 15 characters.',
    },
    'passkeys-need-a-name': {
      what: 'Browsers allow passkeys only where the console is opened by its name over HTTPS.',
      next: 'Open it by its name, not by a number.',
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

/** Reasons that have words of their own; other reasons may have the name of a code and mean another thing. */
const WORDED_REASONS: ReadonlySet<string> = new Set([
  'nobody-else',
  'enrolled-elsewhere',
  'last-administrator',
  'last-operator',
  'emergency-role',
  'kept-by-directory',
  'care-relationship',
  'last-factor',
  'factor-demanded',
  'belongs-elsewhere',
  'not-enrolled',
  'needs-breached-list',
  'needs-client-authorities',
  'no-texts',
  'passphrase-too-old',
  'passkeys-need-a-name',
  'access-rule',
  'proof-missing',
  'single-sign-on',
]);

const UNKNOWN: ProblemWords = { what: 'Something unexpected happened.', next: 'Try again.' };

/** Words for a refusal code, or for its reason where that has words of its own; unknown codes get general ones. */
export function problemWords(code: string, reason?: string): ProblemWords {
  return (
    (reason !== undefined && WORDED_REASONS.has(reason) ? problems[reason] : undefined) ??
    problems[code] ??
    problems.unknown ??
    UNKNOWN
  );
}
