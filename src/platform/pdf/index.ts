// Room: documents. In: headings, paragraphs, facts, files, perhaps a password; out: the octets of a PDF with embedded
// fonts. Fails as a fault only. Owns nothing. The only door to the PDF library and its fonts.
export { type PdfSheet, startPdf } from './pdf-sheet.ts';
export { type ShownText, showable } from './showable-text.ts';
