import { catalogue } from './catalogue.ts';

export const composeText = catalogue({
  en: {
    title: 'New message',
    lead: 'Each recipient’s copy is protected in the way that fits them; you need not choose.',
    from: 'From',
    to: 'To',
    toHint: 'One address a line, or with commas between them.',
    toNone: 'At least one address is needed.',
    toWrong: (address: string) => `“${address}” is not a whole mail address.`,
    sandboxPeople: 'Add sandbox recipients',
    subject: 'Subject',
    subjectHint: 'Notices never carry it.',
    text: 'Message',
    attachments: 'Attachments',
    attach: 'Add files',
    attachHint: 'Up to 7 MB in all from here; larger messages go by SMTP.',
    tooLarge: 'These files are larger than 7 MB in all.',
    removeFile: (name: string) => `Remove ${name}`,
    class: 'Sensitivity',
    classHints: {
      ordinary: 'Nothing about health.',
      light: 'Appointments and the like.',
      high: 'Diagnoses, results: the policy may keep it off plain mail even over TLS.',
    },
    stream: 'Stream',
    send: 'Send sealed',
    unreadable: 'A file could not be read. Was it moved or removed?',
  },
});
