/** Texts about signing in with an organisation's own patient portal. */
export const DOOR_ENGLISH = {
  'portal.door.sign-in': 'Sign in with {name}',
  'portal.door.only': 'To read it, sign in with your {name} account.',
  'portal.door.only-messages': 'To read your messages, sign in with your {name} account.',
  'portal.door.beside':
    'You can sign in with your {name} account, or with a code that we send to your email address.',
  'portal.door.prove': 'Your {name} account can prove that it is you.',
  'portal.door.nameless': 'your patient portal',
  'portal.door.own-messages': 'See the messages of this account',
  'portal.door.another-way':
    'Another way: open the link in the email about the message and have a code sent to that email address. Or sign in with a code here.',
  'portal.refused.not-theirs-title': 'This message is not for this account',
  'portal.refused.not-theirs':
    'You are signed in at {name}. The message was sent to another email address than the one of that account, or it is not kept any more. So it was not opened.',
  'portal.refused.not-known-title': 'No messages for this account',
  'portal.refused.not-known':
    'No message was sent to the email address of your {name} account. Messages may have gone to another address of yours.',
  'portal.refused.unverified-title': 'Your email address is not confirmed',
  'portal.refused.unverified':
    '{name} has not confirmed your email address yet. Confirm it there, then sign in again.',
  'portal.refused.cancelled-title': 'You are not signed in',
  'portal.refused.cancelled': 'Signing in with {name} was stopped. You can try again.',
  'portal.refused.unavailable-title': 'That way is closed at the moment',
  'portal.refused.unavailable': 'Signing in with {name} does not work at the moment.',
  'portal.refused.again-title': 'That did not work',
  'portal.refused.again':
    'Signing in with {name} took too long, or was begun in another window. Please try again.',
} as const;
