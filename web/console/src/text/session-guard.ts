import { catalogue } from './catalogue.ts';

/** What the console asks over the page: to confirm, to sign in again, to stay. */
export const sessionGuardText = catalogue({
  en: {
    stepUp: {
      title: 'Confirm that it is you',
      lead: 'This act asks for your second factor again. Afterwards it goes on by itself.',
      byRule: (rule: string) =>
        `A rule of your organisation asks for your second factor again: ${rule}. Afterwards the act goes on by itself.`,
      loading: 'Your second factors are being loaded',
      code: 'Six-digit code',
      codeHint: 'From your authenticator app; each code works once.',
      go: 'Confirm',
      passkey: 'Confirm with a passkey',
      useCode: 'Use a code of the app instead',
      usePasskey: 'Use a passkey instead',
      refused: 'That was not accepted. Wait for the next code and try again.',
      none: 'You have neither a passkey nor an authenticator app. Sign out, sign in again and enrol one.',
    },
    signIn: {
      title: 'Sign in again',
      lead: 'Your session has ended. What you had typed is still here: sign in, and it goes on.',
    },
    warning: {
      title: 'Are you still there?',
      idle: (minutes: number) =>
        minutes <= 1
          ? 'You are signed out in less than a minute, because nobody has been at this page.'
          : `You are signed out in ${minutes} minutes, because nobody has been at this page.`,
      absolute: (minutes: number) =>
        minutes <= 1
          ? 'Your session ends in less than a minute. You can sign in again over this page; nothing typed is lost.'
          : `Your session ends in ${minutes} minutes. You can sign in again over this page; nothing typed is lost.`,
      stay: 'Stay signed in',
      understood: 'Understood',
    },
  },
});
