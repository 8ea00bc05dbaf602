import { catalogue } from './catalogue.ts';

/** Words about how recipients sign in to the portal, and about one whom wrong answers locked out. */
export const portalSignInText = catalogue({
  en: {
    title: 'Signing in to the portal',
    lead: 'What recipients prove before a message opens. High sensitivity always asks for two things of different kinds: a passkey counts as two, a remembered device as none.',
    first: 'What opens a session',
    factors: {
      'mailed-code': 'A code by mail',
      'texted-code': 'A code by text message',
      passkey: 'A passkey',
      device: 'A remembered device',
    },
    hints: {
      'mailed-code': 'Goes to the address that the message was sent to.',
      'texted-code': 'Where a telephone number is on record.',
      passkey: 'Recipients add one after their first visit.',
      device: 'For 90 days no code is asked in the same browser.',
    },
    needsCode: 'Choose at least one of the codes: without one, nobody could come in for the first time.',
    question: 'The security question',
    questions: {
      always: 'Always ask it, beside everything else',
      high: 'Where high sensitivity lacks a second proof',
      never: 'Never ask it',
    },
    questionAlways: 'Recipients without a question on record can open nothing.',
    questionHint:
      'Date of birth or an agreed answer, where staff put one on record. It is never enough alone.',
    wrongAnswers: 'Wrong answers that lock a message',
    wrongAnswersHint: '3 to 10. The sender is told, and staff can unlock it.',
    saved: 'Saved. It takes hold within seconds.',
    loading: 'The rule is being loaded',
    locked: 'Locked after wrong answers',
    lockedLead:
      'The recipient gave too many wrong answers to the security question. Speak with them before you unlock: whoever answered had the notice and a sign-in code.',
    unlock: 'Unlock for this recipient',
    unprovable: 'Could not be opened',
    unprovableLead:
      'The recipient has no second proof on record. Put a telephone number or a security question on record for them; then the link in their notice works.',
  },
});
