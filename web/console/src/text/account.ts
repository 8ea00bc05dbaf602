import { catalogue } from './catalogue.ts';

/** Words of one's own account, and of the rule by which people sign in. */
export const accountText = catalogue({
  en: {
    title: 'Your sign-in',
    lead: 'What you sign in with. Every change is told to you by mail.',
    loading: 'Your account is being loaded',
    due: 'A stronger way to sign in is needed',
    dueLead: (level: string, by: string) =>
      `Your organisation asks you for ${level}. Add it before ${by}: after that day it is asked for when you sign in.`,
    dueOver: (level: string) =>
      `Your organisation asks you for ${level}. You will be asked to add it when you sign in.`,
    dueGo: 'Add it now',
    levels: {
      any: 'two different proofs',
      'phishing-resistant': 'a passkey or hardware key',
      'device-bound': 'a hardware key, or a passkey that stays in one device',
    },
    ways: 'Ways to sign in',
    kinds: {
      passkey: 'Passkey or hardware key',
      totp: 'Authenticator app',
      certificate: 'Smart card or certificate',
      'texted-code': 'Telephone for codes by text',
    },
    unnamed: {
      passkey: 'Passkey',
      totp: 'Authenticator app',
      certificate: 'Smart card',
      'texted-code': 'Telephone',
    },
    added: 'Added',
    used: 'Last used',
    never: 'not used yet',
    marks: {
      resistant: 'Withstands false sign-in pages',
      phishable: 'Can be tricked out of you by a false page',
      bound: 'Stays in one device',
      synced: 'Copied between your devices',
      notEnough: 'Less than your organisation asks for',
      until: (day: string) => `Good until ${day}`,
    },
    addPasskey: 'Add a passkey or hardware key',
    addPasskeyLead:
      'The browser asks for this device, a telephone or a security key. It checks that it is you by PIN, finger or face.',
    addPasskeyGo: 'Add the passkey',
    unsupported: 'This browser cannot use passkeys here. Open the console by its name over HTTPS.',
    label: 'Name, so that you know it again',
    addTotp: 'Add an authenticator app',
    addTotpGo: 'Add the app',
    addCertificate: 'Add a smart card or certificate',
    addCertificateLead:
      'It counts beside your passphrase. Put the card in before the browser is opened: it chooses a certificate when it connects.',
    addCertificateGo: 'Add this certificate',
    certificateLoading: 'Looking at what the browser shows',
    certificateOf: 'Made out to',
    certificateBy: 'Issued by',
    certificateUntil: 'Good until',
    certificateFaults: {
      'not-allowed': 'Your organisation does not count certificates.',
      'none-shown':
        'The browser shows no certificate. Put the card in, close the browser and open this page again. If it never asks for one, this installation takes none.',
      revoked: 'This certificate was revoked by who issued it.',
      unanswered:
        'Nobody answers whether this certificate was revoked, and this installation wants to know. Try again later.',
      'not-trusted':
        'This certificate is of no authority that this installation trusts, is not meant for signing in, or is out of its time.',
    },
    addTelephone: 'Add a telephone for texted codes',
    addTelephoneLead:
      'Texts can be read on their way and numbers be taken over: use a passkey where you can. The text names no organisation.',
    number: 'Telephone number',
    numberHint: 'With its country, such as +1 555 010 0100.',
    numberWrong: 'This is not a telephone number with its country.',
    addTelephoneText: 'Text me a code',
    addTelephoneSent: (masked: string) => `A code is on its way to ${masked}.`,
    addTelephoneGo: 'Add the telephone',
    rename: 'Rename',
    renameLabel: (name: string) => `Rename ${name}`,
    remove: 'Remove',
    removeLabel: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name}?`,
    removeLead: 'It is no way in any more, and your sessions in other browsers end.',
    recovery: 'Recovery codes',
    recoveryLead: (left: number) =>
      left === 0 ? 'You have none left.' : `${left} of them are left. Each is good for one sign-in.`,
    renew: 'Make new recovery codes',
    renewLead: 'The ones before are no longer good from this moment on.',
    passphrase: 'Passphrase',
    passphraseSince: 'Changed',
    passphraseNone: 'You have none: you sign in by other means.',
    old: 'Passphrase until now',
    change: 'Change the passphrase',
    changed: 'The passphrase was changed, and your other sessions were ended.',
    oldWrong: 'This is not the passphrase until now.',
  },
});

export const signInRuleText = catalogue({
  en: {
    title: 'Sign-in rules',
    lead: 'What people prove when they sign in to the console. It counts from their next sign-in on.',
    loading: 'The rules are being loaded',
    levels: {
      any: 'Passphrase and a second proof',
      'phishing-resistant': 'A passkey or hardware key',
      'device-bound': 'A hardware key, or a passkey that stays in one device',
    },
    everyone: 'Everybody',
    administrators: 'Administrators',
    administratorsHint:
      'Whoever may change roles, people, keys, access, API keys, the organisation, or these rules, whatever their role is called.',
    roles: 'Single roles',
    rolesHint: 'Beside what is asked of everybody. The stricter one counts.',
    role: (name: string) => `Asked of ${name}`,
    asEverybody: 'As everybody',
    allowed: 'What counts as a second proof',
    totp: 'A code of an authenticator app',
    totpHint: 'A false sign-in page can trick it out of somebody.',
    mailed: 'A code by mail',
    mailedHint:
      'NIST SP 800-63B-4 does not count it as a second proof: it shows that somebody reads the mailbox, not what they hold.',
    texted: 'A code by text message',
    textedHint:
      'NIST SP 800-63B-4 restricts it: numbers are taken over and texts are read on their way. It needs a text gateway.',
    certificate: 'Smart cards and client certificates',
    certificateHint:
      'Of the authorities that the operator of this installation named. The passphrase is asked for beside them.',
    certificates: {
      off: 'Do not count',
      'phishing-resistant': 'Count, and withstand false sign-in pages',
      'device-bound': 'Count as hardware: these authorities issue to cards alone',
    },
    grace: 'Days of grace for people who are here already',
    graceHint:
      'When more is asked, they still come in as before for so many days, and see until when. Then they add what is missing on the way in.',
    newGrace: 'Days of grace for new people',
    since: 'The rules last became stricter',
    weak: 'Administrators who sign in with less than a passkey can be phished, and with them the whole organisation.',
    passphrase: 'Passphrases',
    minimum: 'Fewest characters',
    minimumHint: 'Fewer than 15 only where the installation has a list of breached passwords.',
    maxAge: 'Days after which a passphrase must be changed',
    maxAgeHint:
      'Empty: never. NIST SP 800-63B-4 says not to ask for it without a reason: people then choose weaker ones.',
    mixture: 'Ask for lower and upper case, a digit and a sign',
    mixtureHint: 'NIST SP 800-63B-4 says not to: it makes passphrases shorter and alike.',
    saved: 'Saved.',
  },
});

export const recoveryText = catalogue({
  en: {
    start: 'Restore access',
    startLabel: (name: string) => `Restore access of ${name}`,
    startTitle: (name: string) => `Restore the access of ${name}?`,
    startLead:
      'For somebody who has lost their passphrase, key or app. Check first who is asking: speak with them, or see them. They are told by mail that it has begun.',
    startGo: 'Make the link',
    link: 'Hand this link over yourself, not by mail. It is good once, for a day, and asks for a code that is mailed to the person.',
    title: 'Restore your access',
    lead: 'We mail a code to your address. With it you choose a new passphrase and a new second factor; the old ones end then, and so do all your sessions.',
    incomplete: 'This link is not complete. Ask your administrator for a new one.',
    mail: 'Mail the code',
    mailed: 'The code is on its way. It is good for ten minutes.',
    again: 'Mail another code',
    code: 'Code from the mail',
    gone: 'This link was used already, or its time is over. Ask your administrator for a new one.',
    wrong: 'This code is not right, or its time is over.',
    doneTitle: 'New recovery codes',
  },
});
