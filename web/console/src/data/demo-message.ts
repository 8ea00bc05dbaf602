import type { NewMessage } from '../api-types.ts';
import { catalogue } from '../text/catalogue.ts';

const words = catalogue({
  en: {
    subject: 'Your laboratory results of this week',
    text: [
      'Dear patient,',
      '',
      'your results are ready: all values are within their range. The report is attached.',
      'If you have questions, simply answer this message.',
      '',
      'Kind regards',
      'The clinic',
    ].join('\n'),
    fileName: 'laboratory-report.txt',
    file: 'Laboratory report (sandbox)\n\nHaemoglobin  13.9 g/dl  (12.0-15.5)\nPotassium     4.2 mmol/l (3.5-5.1)\nHbA1c         5.4 %      (below 5.7)\n',
  },
});

/** The five temperaments of the sandbox, in the order the page shows them. */
export const DEMO_RECIPIENTS: readonly string[] = [
  'anna@good-tls.test',
  'ben@no-tls.test',
  'carla@wrong-cert.test',
  'dan@slow.test',
  'nobody@good-tls.test',
];

export const SANDBOX_SENDER = 'reception@clinic.test';

/** The first message of every newcomer: one text and one attachment to every kind of receiving server. */
export function demoMessage(): NewMessage {
  return {
    from: SANDBOX_SENDER,
    to: [...DEMO_RECIPIENTS],
    subject: words.subject,
    text: words.text,
    class: 'light',
    stream: 'transactional',
    attachments: [{ name: words.fileName, type: 'text/plain', content: btoa(words.file) }],
  };
}
