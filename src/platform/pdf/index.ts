// Room: documents. In: headings, paragraphs, facts, files, perhaps a password; out: the octets of a PDF with embedded
// fonts. Also pictures of the pages of a stranger's PDF. Fails as a fault only. Owns nothing. The only door to the PDF
// libraries and their fonts.
export { type PdfSheet, startPdf } from './pdf-sheet.ts';
export { createPdfRenderer, type PdfPages, type PdfRenderer, type RenderedPage } from './render-pages.ts';
export { type ShownText, showable } from './showable-text.ts';
