// Product: passwords of protected PDFs. In: an address and a password agreed outside of mail, or the ways by which fresh
// ones may go; out: one password a copy for the protector at delivery, its own way to the recipient in the transaction that
// records the copy as sent, and a list without passwords for staff. Owns pdf_password, pdf_setting, pdf_sending. An agreed
// password is never shown again: whoever has forgotten it sets a new one.

export { passwordsAmong } from './pdf-password.store.ts';
export { createPdfPasswords, type PdfPasswords } from './pdf-passwords.ts';
export { type PdfPasswordRoutePorts, pdfPasswordRoutes } from './routes.ts';
export { sweepSendings } from './sending.store.ts';
export { createPdfSendings, type PdfSendings } from './sendings.ts';
export { type PdfSettingsRoutePorts, pdfSettingsRoutes } from './settings-routes.ts';
