/**
 * Protect. In: a message, its content and one recipient's decision. Out: sealed mail that says how it may travel.
 * Owns the methods, one folder each; PGP and S/MIME come in as further folders. Fails with
 * ProtectionUnavailable where the method cannot protect this recipient now; anything else is a fault.
 */
export { protectWithPdf } from './pdf/protect-with-pdf.ts';
export { protectWithPortal } from './portal/protect-with-portal.ts';
export { protectWithTls } from './tls/protect-with-tls.ts';
