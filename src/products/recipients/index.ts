// Product: what staff keep of single recipients: mobile number, a question that only the recipient can answer (PO-1), and
// what is done about messages that are not picked up (PO-6). In: what staff put down, copies that nobody opened; out: number,
// question and verdict on an answer for other rooms, in their transaction; a further notice, a text, or a letter for staff to
// write. Owns recipient_record, pickup_fallback. An answer is compared, never read.
export { createPickups, type Pickups, type UnreadCopy } from './pickups.ts';
export { createRecipients, type Recipients } from './recipients.ts';
export { type RecipientRoutePorts, recipientRoutes } from './routes.ts';
