// Product: what staff keep of single recipients: mobile number, a question that only the recipient can answer (PO-1), and
// what is done about messages that are not picked up (PO-6). In: what staff put down; out: number, question and verdict on
// an answer for other rooms, in their transaction. Owns recipient_record. An answer is compared, never read.
export type { RecipientRecord } from './recipient-record.ts';
export { createRecipients, type Recipients } from './recipients.ts';
