/** English texts of the portal about people: several organisations, caregivers, what one decides for oneself. */
export const PEOPLE_ENGLISH = {
  'portal.list.organisations': 'Organisations',
  'portal.list.all-organisations': 'All organisations',
  'portal.list.others-explain':
    'They have written to your address too. To see their messages you need another code, and you leave what is shown here.',
  'portal.thread.caregiver': 'A caregiver',

  'portal.care.whose': 'Whose message',
  'portal.care.for': 'For {name}',

  'portal.print.explain':
    'This is what will be printed. Paper is not protected: keep it where only you can read it.',
  'portal.print.at': 'Printed',
  'portal.print.conversation': 'The rest of the conversation',

  'portal.nav.preferences': 'Preferences',
  'portal.preferences.title': 'Your preferences',
  'portal.preferences.back': 'Back to your preferences',
  'portal.preferences.language': 'Language',
  'portal.preferences.language-explain': 'In which language these pages and our notices are written.',
  'portal.preferences.access':
    'See who else may read your messages, take that back, and see who opened what and when.',
  'portal.preferences.access-open': 'Show who has access',
  'portal.preferences.notices': 'Notices of new messages',
  'portal.preferences.mail': 'By email to',
  'portal.preferences.text': 'By text message to',
  'portal.preferences.no-text': 'No number is on record, or texts are not offered',
  'portal.preferences.texts-sent':
    'You let this office send texts to {telephone}: notices, sign-in codes and passwords, never what a message says.',
  'portal.preferences.texts-stopped':
    'You have stopped texts to {telephone}. Codes and passwords do not go there either.',
  'portal.preferences.texts-stop': 'Stop texts',
  'portal.preferences.texts-start': 'Let texts be sent again',
  'portal.preferences.notices-explain':
    'A notice never holds what is in a message. To change the address or the number, call the office that writes to you.',
  'portal.access.title': 'Who has access',
  'portal.access.people': 'People who may read your messages',
  'portal.access.nobody': 'Nobody but you can read your messages here.',
  'portal.access.from': 'From',
  'portal.access.until': 'until',
  'portal.access.may-read': 'May read, not answer.',
  'portal.access.may-reply': 'May read and answer for you.',
  'portal.access.no-high': 'Cannot see messages of the most sensitive kind.',
  'portal.access.all-classes': 'Can see messages of the most sensitive kind too.',
  'portal.access.withdraw': 'Take back the access of {name}',
  'portal.access.log': 'Who opened what, and when',
  'portal.access.log-explain': 'The newest 100 entries. The office that wrote to you can see them too.',
  'portal.access.log-empty': 'Nothing has been opened yet.',
  'portal.access.caregiver': 'Caregiver {name}',
  'portal.relation.parent': 'Parent',
  'portal.relation.guardian': 'Guardian',
  'portal.relation.representative': 'Representative',
  'portal.relation.family': 'Family',
  'portal.relation.other': 'Other person',
  'portal.act.opened': 'Opened',
  'portal.act.downloaded': 'Attachment viewed or saved',
  'portal.act.replied': 'Answered',
  'portal.act.printed': 'Printed',
  'portal.keys.title': 'Your keys for encrypted email',
  'portal.keys.explain':
    'If your mail program uses OpenPGP or S/MIME, messages can be sealed so that only it can open them. When a key is used is decided by the office that writes to you.',
  'portal.keys.pgp': 'OpenPGP key',
  'portal.keys.smime': 'S/MIME certificate',
  'portal.keys.state-used': 'In use',
  'portal.keys.state-held': 'Waits until the office has checked it',
  'portal.keys.state-unusable': 'Cannot be used now',
  'portal.keys.by-you': 'Handed in by you',
  'portal.keys.by-office': 'On record at the office, which alone can remove it',
  'portal.keys.add': 'Hand in a key',
  'portal.keys.label': 'Public key or certificate',
  'portal.keys.hint':
    'Paste the text of your public OpenPGP key, or of your certificate (PEM). Never paste a private key.',
  'portal.keys.send': 'Hand in',
  'portal.keys.taken': 'Your key was taken. It is used from now on where the office has chosen so.',
  'portal.keys.known': 'This key is known already.',
  'portal.keys.held':
    'Another key of yours is known or was known before. To protect you, the office has to confirm a change. Please call it.',
  'portal.keys.unreadable': 'This is not a public key or certificate that we can read.',
  'portal.keys.secret':
    'This is a private key. It was thrown away. Paste the public one, and consider replacing the pair.',
  'portal.keys.other-address': 'This key is for another address than the one we write to.',
  'portal.keys.unusable': 'This key cannot be used: it has expired, was revoked, or is too weak.',
  'portal.keys.not-trusted':
    'This certificate is not from an authority that the office trusts, or it has expired.',
  'portal.keys.withdraw': 'Take this key away',
  'portal.keys.withdraw-title': 'Take your key away?',
  'portal.keys.withdraw-explain':
    'Messages are then no longer sealed for this key. They come in the next way that the office has chosen, never unprotected because of this. A new key must be confirmed by the office.',
  'portal.confirm.explain':
    'Because this lowers the protection of your messages, we have just sent a new code to your email address. Enter it to go on.',
  'portal.confirm.wrong': 'That code is not right. Check the newest mail from us.',
  'portal.waiver.title': 'Receiving plain email',
  'portal.waiver.explain':
    'If you do not want protected messages, you can ask for plain email. Please read about the risk first.',
  'portal.waiver.ask': 'Read about the risk',
  'portal.waiver.read': 'Please read this before you decide:',
  'portal.waiver.text':
    'Plain email is not protected on its way. Other people may be able to read it, change it or keep it, also after it was delivered. It may hold details of my health. I was offered protected ways to receive it. I understand this, and I ask to receive my messages by plain email all the same. I can withdraw this at any time.',
  'portal.waiver.limits':
    'It holds for one year, and only for messages that the office counts as less sensitive. Others still come protected.',
  'portal.waiver.give': 'I understand, send plain email',
  'portal.waiver.given': 'You asked for plain email on',
  'portal.waiver.withdraw': 'Protect my messages again',
} as const;
