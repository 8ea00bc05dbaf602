// Product: passwords of recipients for the protected PDF. In: an address and a password agreed outside of mail; out: the
// password for the protector at delivery, and a list without passwords for staff. Owns pdf_password. A password is
// never shown again: whoever has forgotten it sets a new one.

export { passwordsAmong } from './pdf-password.store.ts';
export { createPdfPasswords, type PdfPasswords } from './pdf-passwords.ts';
export { type PdfPasswordRoutePorts, pdfPasswordRoutes } from './routes.ts';
