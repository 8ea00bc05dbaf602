/** English texts about proving who one is, beyond the mailed code. */
export const PROOF_ENGLISH = {
  'portal.nav.ways': 'Sign-in',

  'portal.link.explain-to':
    'To keep it private, we first check that it is you. We send a six-digit code to {address}, the email address that the message was sent to.',
  'portal.link.alias-title': 'Is that not the address you use?',
  'portal.link.alias':
    'The code always goes to the address that the message was sent to. If that address forwards its mail to you, or is another name of your mailbox, the code reaches you the same way as the notice. If you can no longer read mail at that address, or somebody passed the notice on to you, ask the sender to send the message to the address you use now.',
  'portal.other.title': 'This message was sent to another address',
  'portal.other.explain':
    'You are signed in with a different address. This message was sent to {address}. If that is yours too, ask for a code: it goes to that address. If you would like messages to come to the address you are signed in with, tell the office that wrote to you.',
  'portal.code.sent-to':
    'If a message is waiting, we have just sent a six-digit code to {address}. It is good for {minutes} minutes.',

  'portal.text.send': 'Text the code to {telephone}',
  'portal.text.sent':
    'We have just sent a six-digit code by text message to {telephone}. It is good for {minutes} minutes.',
  'portal.text.hint': 'It may take a minute to arrive.',

  'portal.prove.title': 'One more step',
  'portal.prove.guarded': 'Opens after one more step',
  'portal.prove.explain': 'This message needs more protection. Please prove once more that it is you.',
  'portal.prove.explain-question':
    'This message needs more protection. Please answer what the office that wrote to you knows about you.',
  'portal.prove.birth': 'Your date of birth',
  'portal.prove.birth-hint': 'With day, month and the whole year. For example: March 27, 1958',
  'portal.prove.secret': 'The answer you agreed with the office',
  'portal.prove.secret-hint': 'Capital letters, spaces and accents do not matter.',
  'portal.prove.empty': 'Enter an answer.',
  'portal.prove.wrong': 'That is not the answer we have. Tries left: {left}.',
  'portal.prove.mail': 'Send a code by email',
  'portal.closed.unprovable-title': 'This message cannot be opened yet',
  'portal.closed.unprovable':
    'It needs a second proof that it is you, and the office that wrote to you has none on record: no telephone number and no question.',
  'portal.closed.unprovable-help':
    'We have let the sender know. You can also call the office and ask them to add your telephone number or a question. Then come back with the link in your notice.',
  'portal.closed.unprovable-caregiver-title': 'This message cannot be opened yet',
  'portal.closed.unprovable-caregiver':
    'It needs a second proof that it is you, and the office has no telephone number of yours on record.',
  'portal.closed.unprovable-caregiver-help':
    'Call the office and ask them to add your telephone number to the address that you sign in with. Then come back here.',
  'portal.closed.locked-title': 'This message is locked',
  'portal.closed.locked':
    'There were too many wrong answers. To protect your privacy, the message stays closed.',
  'portal.closed.locked-help':
    'We have let the sender know. Please call the office that wrote to you: they can unlock it.',

  'portal.passkey.use': 'Use a passkey',
  'portal.passkey.failed': 'The passkey did not work, or you stopped. You can try again, or use a code.',
  'portal.passkey.failed-title': 'That passkey did not work',
  'portal.passkey.code-instead': 'Use a code instead',
  'portal.passkey.add': 'Add a passkey',
  'portal.passkey.not-added': 'The passkey was not added. You can try again.',
  'portal.passkey.unable': 'This browser cannot add a passkey here. Signing in with a code always works.',
  'portal.passkey.faster': 'Sign in faster next time',
  'portal.passkey.faster-explain':
    'With a passkey you sign in with your fingerprint, face or screen lock, without waiting for a code.',
  'portal.passkey.set-up': 'Set up a passkey',

  'portal.ways.title': 'How you sign in',
  'portal.ways.passkeys': 'Passkeys',
  'portal.ways.passkeys-explain':
    'A passkey lets you sign in with your fingerprint, face or screen lock. It stays on your device or in your password manager; we never see your fingerprint or face.',
  'portal.ways.not-here':
    'You signed in by your account of a patient portal. Passkeys and remembered devices are shown when you sign in with a code.',
  'portal.ways.code-first': 'To add a passkey, sign out and sign in with a code first.',
  'portal.way.passkey': 'Passkey {n}',
  'portal.way.device': 'Device {n}',
  'portal.ways.here': 'in use here',
  'portal.ways.since': 'Since',
  'portal.ways.used': 'Last used',
  'portal.ways.remove': 'Remove {name}',
  'portal.ways.devices': 'Remembered devices',
  'portal.ways.no-devices': 'No device is remembered.',
  'portal.ways.everywhere': 'Lost a device?',
  'portal.ways.everywhere-explain':
    'This signs you out on all devices, this one too, and forgets all remembered devices. Passkeys stay; remove above what you have lost.',
  'portal.ways.everywhere-press': 'Sign out everywhere',
  'portal.way.added': 'The passkey was added.',
  'portal.way.removed': 'It was removed.',
} as const;
