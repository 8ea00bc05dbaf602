import { PROOF_ENGLISH } from './catalogue-proof-en.ts';

/** English texts of the portal. Plain words, short sentences; nothing here names an organisation before sign-in. */
export const ENGLISH = {
  ...PROOF_ENGLISH,
  'portal.name': 'Secure messages',
  'portal.skip': 'Skip to the content',
  'portal.nav': 'Main',
  'portal.nav.messages': 'Messages',
  'portal.nav.help': 'Help',
  'portal.nav.sign-out': 'Sign out',
  'portal.language.other': 'Español',
  'portal.error.title': 'Error: {title}',
  'portal.error.heading': 'Please check this',
  'portal.back-to-messages': 'Back to messages',
  'portal.size.bytes': '{n} bytes',
  'portal.size.kb': '{n} KB',
  'portal.size.mb': '{n} MB',

  'portal.link.title': 'A secure message is waiting',
  'portal.link.explain':
    'To keep it private, we first check that it is you. We send a six-digit code to the email address that received the notice.',
  'portal.link.send': 'Send me a code',
  'portal.link.known': 'This device is remembered. You can open the message right away.',
  'portal.link.open': 'Open message',
  'portal.link.not-me': 'Not your device, or you share it? Ask for a code instead.',

  'portal.sign-in.title': 'Sign in to your messages',
  'portal.sign-in.explain':
    'Enter the email address that received the notice. We send a six-digit code to it.',
  'portal.sign-in.address': 'Email address',
  'portal.sign-in.send': 'Send me a code',
  'portal.sign-in.address-missing': 'Enter an email address, such as name@example.org.',
  'portal.sign-in.link-better': 'The link in your notice is the quickest way to a message.',

  'portal.code.title': 'Enter your code',
  'portal.code.sent':
    'If a message is waiting for you, we have just sent a six-digit code to your email address. It is good for {minutes} minutes.',
  'portal.code.label': 'Six-digit code',
  'portal.code.hint': 'It may take a minute to arrive. Look in your spam folder too.',
  'portal.code.remember': 'Remember this device for {days} days',
  'portal.code.remember-hint': 'Do not choose this on a shared or public computer.',
  'portal.code.continue': 'Continue',
  'portal.code.again': 'Send a new code',
  'portal.code.again-note': 'A new code replaces the one before.',
  'portal.code.malformed': 'Enter the six digits of the code.',
  'portal.code.wrong': 'That code is not right. Check the newest mail from us. Tries left: {left}.',
  'portal.code.over': 'This code cannot be used any more. Ask for a new one.',
  'portal.code.over-title': 'Please ask for a new code',
  'portal.code.sign-in-again': 'Start again',

  'portal.slow.title': 'Please wait a little',
  'portal.slow.until-one': 'There were too many tries. You can go on in about one minute.',
  'portal.slow.until': 'There were too many tries. You can go on in about {minutes} minutes.',
  'portal.slow.hour': 'Too many codes were asked for. Please try again in an hour.',
  'portal.slow.urgent': 'If it is urgent, call the office that wrote to you.',

  'portal.form.stale':
    'This page had been open for a long time, or its button was pressed before. Please press again.',

  'portal.list.title': 'Your messages',
  'portal.list.empty': 'There are no messages for you here.',
  'portal.list.empty-explain':
    'When somebody sends you a secure message, you get a notice by email and find the message here.',
  'portal.list.from': 'From',
  'portal.list.subject': 'Subject',
  'portal.list.date': 'Received',
  'portal.list.state': 'State',
  'portal.list.expires': 'Available until',
  'portal.list.older': 'Older messages',
  'portal.list.newest': 'Newest messages',
  'portal.list.no-subject': '(no subject)',
  'portal.list.ended-subject': 'No longer available',
  'portal.list.others': 'Organisations with a sign-in of their own',
  'portal.list.switch': 'Go to {name}',
  'portal.state.waiting': 'New',
  'portal.state.read': 'Read',
  'portal.state.expired': 'Expired',
  'portal.state.retracted': 'Taken back',

  'portal.list.count': '{n} messages',
  'portal.list.count-new': '{n} new',

  'portal.list.to': 'To {name}',
  'portal.state.sent': 'Sent',

  'portal.write.title': 'Write a message',
  'portal.write.text': 'Your message',
  'portal.write.send': 'Send message',
  'portal.write.written': 'Written',
  'portal.write.choose': 'Choose who it is for',
  'portal.write.nobody': 'Choose who the message is for.',
  'portal.write.no-subject': 'Write in a few words what it is about.',
  'portal.write.subject-too-long': 'The subject is too long. At most {most} characters can be sent.',
  'portal.write.urgent': 'Do not write here in an emergency. Call your local emergency number.',
  'portal.write.empty':
    'You can write to those whose messages you can open here. At the moment there are none. Please call the office.',

  'portal.pdf-passwords.title': 'PDF passwords',
  'portal.pdf-passwords.one-title': 'Password of your PDF',
  'portal.pdf-passwords.explain':
    'These protected PDFs came to you by email. Choose one to read the password that opens it.',
  'portal.pdf-passwords.empty': 'No passwords wait for you here at the moment.',
  'portal.pdf-passwords.sent': 'Sent',
  'portal.pdf-passwords.opens': 'The protected PDF that came to you by email opens with this password:',
  'portal.pdf-passwords.typing':
    'Small letters only; the dashes belong to it. The same password opens every PDF of this message.',
  'portal.pdf-passwords.back': 'Back to the list',

  'portal.search.title': 'Search',
  'portal.search.words': 'Words to look for',
  'portal.search.hint':
    'We look in your newest messages that are still available. Messages you have not opened are found by subject and sender only.',
  'portal.search.no-words': 'Enter a word with at least two letters.',
  'portal.search.too-often': 'You have searched very often. Please try again in an hour.',
  'portal.search.nothing': 'Nothing was found. Try another word, or only the first part of a word.',
  'portal.search.found': 'Found: {n}',
  'portal.search.before': 'Older than {date}',
  'portal.search.older-left': 'Messages since {date} were searched. There are older ones.',
  'portal.search.older': 'Search older messages',
  'portal.search.reply': 'Your reply',

  'portal.thread.earlier': 'Earlier in this conversation ({n})',
  'portal.thread.later': 'Later in this conversation',
  'portal.thread.you': 'You',
  'portal.thread.open': 'Open this message',
  'portal.thread.open-new': 'Open this new message',
  'portal.thread.attachments': 'Attachments: {n}',

  'portal.message.from': 'From',
  'portal.message.received': 'Received',
  'portal.message.expires': 'Available until',
  'portal.message.body': 'Message',
  'portal.message.body-frame': 'Text of the message',
  'portal.message.as-text': 'Show as plain text',
  'portal.message.as-sent': 'Show as it was formatted',
  'portal.message.own-page': 'Show on a page of its own',
  'portal.message.empty': 'This message has no text.',
  'portal.message.pictures': 'Pictures from the internet are never loaded, to protect your privacy.',
  'portal.message.attachments': 'Attachments',
  'portal.message.download': 'Download {name}',
  'portal.message.view': 'View {name}',
  'portal.preview.page': 'Page {page} of {total}',
  'portal.preview.pages': 'Pages {from} to {to} of {total}',
  'portal.preview.earlier': 'Earlier pages',
  'portal.preview.later': 'Next pages',
  'portal.preview.locked': 'This PDF has a password of its own. Save it, and open it with that password.',
  'portal.preview.unreadable': 'This PDF cannot be shown here. Save it to open it in a program of yours.',
  'portal.message.reply': 'Reply',
  'portal.message.print': 'Print',
  'portal.message.replies': 'Your replies',
  'portal.message.reply-sent': 'Sent',
  'portal.message.reply-sending': 'Being sent',
  'portal.message.reply-unsure': 'We could not confirm that this reply was sent. Please send it again.',
  'portal.message.reply-files': 'With: {names}',

  'portal.reply.title': 'Reply',
  'portal.reply.to': 'To',
  'portal.reply.subject': 'Subject',
  'portal.reply.text': 'Your reply',
  'portal.reply.files': 'Attachments',
  'portal.reply.files-hint': 'Up to {files} files, {size} MB together.',
  'portal.reply.send': 'Send reply',
  'portal.reply.cancel': 'Cancel',
  'portal.reply.empty': 'Write something, or add an attachment.',
  'portal.reply.too-long': 'The text is too long. At most {most} characters can be sent.',
  'portal.reply.too-large':
    'The attachments are too large. Together they may have {size} MB. Please choose them again.',
  'portal.reply.too-many-files':
    'There are too many attachments. At most {files} can be sent. Please choose them again.',
  'portal.reply.files-again': 'Please choose your attachments again.',
  'portal.reply.too-often': 'You have sent many replies in a short time. Please try again in an hour.',
  'portal.reply.refused':
    'Your reply could not be sent. Please try again later, or call the office that wrote to you.',
  'portal.reply.not-possible': 'This message cannot be answered here.',
  'portal.reply.sent-title': 'Your reply was sent',
  'portal.reply.sent-explain': 'It travels protected to the person who wrote to you.',
  'portal.reply.back': 'Back to the message',

  'portal.ended.expired-title': 'This message has expired',
  'portal.ended.expired-explain':
    'It was available until {date} and has been destroyed here, as its sender had arranged. Ask the office that wrote to you to send it again.',
  'portal.ended.retracted-title': 'This message was taken back',
  'portal.ended.retracted-explain':
    'Its sender has taken it back. It can no longer be opened here. If you have questions, contact the office that wrote to you.',

  'portal.missing.title': 'This page does not exist',
  'portal.missing.explain': 'It may have been for somebody else, or the address is not complete.',
  'portal.problem.title': 'That did not work',
  'portal.problem.explain':
    'Please try again in a moment. If it happens again, tell us this reference: {request}.',
  'portal.problem.too-large': 'What you sent is too large.',

  'portal.signed-out.title': 'You are signed out',
  'portal.signed-out.explain': 'On a shared computer, close all windows of the browser as well.',
  'portal.signed-out.again': 'Sign in again',
  'portal.sign-out.title': 'Sign out',
  'portal.sign-out.explain': 'A remembered device needs no code next time.',
  'portal.sign-out.keep': 'Sign out',
  'portal.sign-out.forget': 'Sign out and forget this device',

  'portal.help.title': 'Help',
  'portal.help.why-title': 'Why is the message here and not in my email?',
  'portal.help.why':
    'The way to your mailbox could not be proved to be private. So the message stays here, protected, and only a notice without any content went out.',
  'portal.help.code-title': 'The code does not arrive',
  'portal.help.code':
    'Wait a minute and look in your spam folder. Ask for a new code; only the newest one works. The code goes to the address that received the notice. If you forward your mail, or use several addresses, look in the mailbox of that address.',
  'portal.help.expired-title': 'My message has expired',
  'portal.help.expired':
    'Messages are kept for a limited time, often 30 days. Ask the office that wrote to you to send it again.',
  'portal.help.device-title': 'What does it mean to remember a device?',
  'portal.help.device':
    'For 90 days you need no code on that device. When you change the browser, we ask again. You can make us forget the device when you sign out.',
  'portal.help.trust-title': 'How do I know that a notice is genuine?',
  'portal.help.trust':
    'We never ask for a password, for money or for personal details in a notice. The link leads to this site. When in doubt, call the office that you expect the message from.',
} as const;
