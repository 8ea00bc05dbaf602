import { catalogue } from './catalogue.ts';

/** Words of sign-in and of the set-up. */
export const signInText = catalogue({
  en: {
    title: 'Sign in',
    lead: 'The console of your organisation’s secure mail.',
    address: 'Mail address',
    passphrase: 'Passphrase',
    show: 'Show',
    hide: 'Hide',
    go: 'Continue',
    secondTitle: 'Second factor',
    codeLead: 'Enter the six digits that your authenticator app shows now.',
    code: 'Six-digit code',
    codeGo: 'Sign in',
    passkeyLead: 'Use the passkey of this device or your security key.',
    passkeyGo: 'Use the passkey',
    certificateLead:
      'Put your card in. If the browser did not ask for it when this page was opened, close the browser and open the page again.',
    certificateGo: 'Use the card',
    certificateRefused: 'The browser showed no certificate that is good here.',
    recoveryLead: 'Each recovery code works once.',
    recovery: 'Recovery code',
    other: 'Use another way',
    ways: {
      totp: 'Code from the authenticator app',
      passkey: 'Passkey',
      certificate: 'Smart card or certificate',
      'recovery-code': 'Recovery code',
      'mailed-code': 'Code by mail',
      'texted-code': 'Code by text message',
    },
    passkeyAlone: 'Sign in with a passkey',
    passkeyRefused: 'This passkey is not known here, or the account is closed.',
    or: 'or',
    mailGo: 'Mail me a code',
    textGo: 'Text me a code',
    textedLead: 'Enter the six digits from the text message. They are good for ten minutes.',
    mailedLead: 'Enter the six digits from the mail. They are good for ten minutes.',
    dueTitle: 'One more step',
    dueLead: (level: string) => `Your organisation asks for ${level}. Add it now; then you are signed in.`,
    dueGo: 'Add it and sign in',
    dueSynced: 'This passkey is copied between devices. Use a hardware key, or one that stays in one device.',
    renewTitle: 'A new passphrase is due',
    renewLead:
      'Your organisation wants passphrases to be changed from time to time. Your other sessions end.',
    renewGo: 'Change it and sign in',
    renewSame: 'This is the passphrase until now.',
    startAgain: 'Start again',
    refused: 'This address and passphrase do not fit together, or the account is closed.',
    codeRefused: 'This code is not right, or its time was over. Wait for the next one and try again.',
    ended: 'The sign-in took too long. Start again.',
    notSetUp:
      'This Sealpost has no administrator yet. Open the one-time link that was printed when it was started.',
    switchedOrganisation: 'Organisation',
  },
});

export const invitationText = catalogue({
  en: {
    title: 'Welcome to Sealpost',
    lead: 'You were invited. Choose a passphrase, then a second factor.',
    incomplete:
      'The link is not complete. Open the whole link that you were given: it ends with a long code after “#”.',
    refused: 'This invitation is not valid any more: it was used, or its time is over. Ask for a new one.',
    codesTitle: 'You are signed in. Keep your recovery codes',
  },
});

export const setupText = catalogue({
  en: {
    title: 'Set up Sealpost',
    lead: 'Four steps, about three minutes. Nothing is stored before the third is done.',
    step: (now: number, all: number) => `Step ${now} of ${all}`,
    steps: {
      organisation: 'Organisation',
      administrator: 'Administrator',
      factor: 'Second factor',
      recovery: 'Recovery',
    },
    doneTitle: 'Sealpost is set up already',
    done: 'The one-time link was used. Sign in as the administrator that was set up with it.',
    signIn: 'Sign in',
    noTokenTitle: 'The link is not complete',
    noToken:
      'Open the whole one-time link that was printed when Sealpost was started: it ends with a long code after “#”.',
    refusedToken: 'This one-time link is not valid any more. Start Sealpost again to get a new one.',
    organisationName: 'Name of the organisation',
    organisationHint:
      'Recipients see it in the portal. It never stands in mail that could be read on its way.',
    addresses: 'Public addresses',
    addressesLead: 'How browsers reach this Sealpost. For a try on this machine leave them as they are.',
    consoleUrl: 'Address of the console',
    portalUrl: 'Address of the portal',
    portalHint: 'Links in notices lead here, so recipients must be able to open it.',
    displayName: 'Your name',
    address: 'Your mail address',
    passphrase: 'Passphrase',
    passphraseHint: (least: number) =>
      `At least ${least} characters. A handful of unrelated words is easy to remember and hard to guess. Digits and signs are welcome but not asked for; spaces count. It is never asked to be changed without a reason.`,
    passphraseShort: (missing: number) =>
      missing === 1 ? 'One more character is needed.' : `${missing} more characters are needed.`,
    passphraseEnough: 'Long enough.',
    repeat: 'The passphrase again',
    repeatDiffers: 'The two are not the same.',
    factorLead: 'Whoever learns the passphrase still cannot get in without this.',
    totp: 'Authenticator app',
    totpLead: 'Scan the picture with an authenticator app, then enter the six digits it shows.',
    totpQr: 'QR code for the authenticator app',
    totpManual: 'Cannot scan? Enter this key by hand',
    totpGo: 'Confirm and finish',
    passkey: 'Passkey',
    passkeyLead: 'A fingerprint, face, PIN or security key of this device. It cannot be phished.',
    passkeyGo: 'Make a passkey and finish',
    passkeyLabel: 'Name of the passkey',
    passkeyDefault: 'This device',
    passkeyUnsupported: 'This browser offers no passkeys at this address. Use an authenticator app.',
    factorChoice: 'Kind of second factor',
    recoveryTitle: 'You are signed in. Two things to keep',
    codes: 'Your recovery codes',
    codesLead: 'If you lose the second factor, each of these lets you in once. They are not shown again.',
    codesDownload: 'Download the codes',
    kit: 'The recovery kit of this installation',
    kitLead:
      'Without the root key, nothing that was sealed can ever be read again, not even from a backup. The kit holds what is needed to restore it. Keep it off this machine, under lock: who has the kit and the data can read everything.',
    kitCode: 'The code that opens the kit',
    kitCodeLead:
      'Write it down and keep it apart from the kit: neither is of use without the other. It is not shown again.',
    kitElsewhere:
      'The root key of this installation is kept by a key service, so there is no kit to download: its own backup is what counts.',
    kitDownload: 'Download the recovery kit',
    kitAgain: 'Make a new kit with a new code',
    confirm: 'I have put both in a safe place outside this machine',
    confirmFirst: 'Download both first.',
    finish: 'Go to the overview',
    codesFile: 'sealpost-recovery-codes.txt',
  },
});
