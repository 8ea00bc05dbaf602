/**
 * Protect. In: a message, its content and one recipient's decision. Out: sealed mail that says how it may travel.
 * Owns the methods, one folder each. Fails with ProtectionUnavailable where the method cannot protect this recipient
 * now; anything else is a fault.
 */
export { protectWithPdf } from './pdf/protect-with-pdf.ts';
export { type PgpPorts, protectWithPgp } from './pgp/protect-with-pgp.ts';
export { protectWithPortal } from './portal/protect-with-portal.ts';
export { createSealing, type Sealing } from './sealing/sealing.ts';
export type { OwnKey } from './smime/open-envelope.ts';
export { type OpenedMessage, openMessage } from './smime/open-message.ts';
export { protectWithSmime } from './smime/protect-with-smime.ts';
export { SmimeRefused } from './smime/refused.ts';
export { protectWithTls } from './tls/protect-with-tls.ts';
export { protectUnderWaiver } from './waiver/protect-under-waiver.ts';
