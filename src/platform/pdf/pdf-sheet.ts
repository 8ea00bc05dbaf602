import {
  beginText,
  endText,
  PDFDocument,
  type PDFFont,
  type PDFName,
  type PDFPage,
  type PDFRef,
  type RGB,
  rgb,
  setFillingColor,
  setFontAndSize,
  setTextMatrix,
  showText,
} from '@cantoo/pdf-lib';
import { embedFile, listFiles, type PdfFile } from './embed-file.ts';
import { embedFaces, type Faces } from './fonts.ts';
import { sealPdf } from './seal-pdf.ts';
import { showable } from './showable-text.ts';
import { wrapText } from './wrap-text.ts';

/** US Letter in points, and what is left of it inside the margins. */
const PAGE = { width: 612, height: 792, margin: 60 } as const;
const INNER = PAGE.width - 2 * PAGE.margin;
const FOOT = 44;
const LABEL_WIDTH = 132;
const INK = rgb(0.09, 0.11, 0.14);
const SOFT = rgb(0.36, 0.39, 0.43);
const LINE = rgb(0.8, 0.82, 0.85);
const LEADING = 1.42;

/** A document under way, written from top to bottom over as many pages as it needs. */
export interface PdfSheet {
  title(text: string): void;
  heading(text: string): void;
  paragraph(
    text: string,
    style?: { readonly size?: number; readonly soft?: boolean; readonly mono?: boolean },
  ): void;
  /** Labels at the left, values at the right; rows without a value are left out. */
  facts(rows: readonly (readonly [label: string, value: string | null, mono?: 'mono'])[]): void;
  list(items: readonly string[]): void;
  rule(): void;
  /** A file inside of the document; equal names get a number. */
  attach(file: PdfFile): Promise<void>;
  /** The octets. With a password: AES-256 (ISO 32000-2, security handler revision 6), attachments included. */
  finish(options: { readonly footer: string; readonly password: string | null }): Promise<Buffer>;
}

/** Begins a document. `title` stands in its properties. */
export async function startPdf(about: { readonly title: string; readonly date: Date }): Promise<PdfSheet> {
  const document = await PDFDocument.create();
  document.setTitle(showable(about.title).text, { showInWindowTitleBar: true });
  document.setProducer('Sealpost');
  document.setCreator('Sealpost');
  document.setLanguage('en');
  document.setCreationDate(about.date);
  document.setModificationDate(about.date);
  return new Sheet(document, await embedFaces(document));
}

class Sheet implements PdfSheet {
  readonly #document: PDFDocument;
  readonly #faces: Faces;
  readonly #files = new Map<string, PDFRef>();
  readonly #fontNames = new Map<PDFPage, Map<PDFFont, PDFName>>();
  #page: PDFPage;
  #y = PAGE.height - PAGE.margin;

  constructor(document: PDFDocument, faces: Faces) {
    this.#document = document;
    this.#faces = faces;
    this.#page = document.addPage([PAGE.width, PAGE.height]);
  }

  title(text: string): void {
    this.#write(text, { font: this.#faces.bold, size: 17, soft: false, x: 0, width: INNER });
    this.#y -= 8;
  }

  heading(text: string): void {
    this.#y -= 8;
    this.#room(48);
    this.#write(text, { font: this.#faces.bold, size: 10.5, soft: false, x: 0, width: INNER });
    this.#y -= 3;
  }

  paragraph(text: string, style: Parameters<PdfSheet['paragraph']>[1] = {}): void {
    const font = style.mono ? this.#faces.mono : this.#faces.text;
    const size = style.size ?? 9.5;
    this.#write(text, { font, size, soft: style.soft ?? false, x: 0, width: INNER });
    this.#y -= size * 0.35;
  }

  facts(rows: Parameters<PdfSheet['facts']>[0]): void {
    for (const [label, value, mono] of rows) {
      if (value === null || value === '') continue;
      this.#room(14);
      const top = this.#y;
      this.#write(label, { font: this.#faces.text, size: 9, soft: true, x: 0, width: LABEL_WIDTH - 10 });
      const low = this.#y;
      this.#y = top;
      const font = mono ? this.#faces.mono : this.#faces.text;
      this.#write(value, {
        font,
        size: mono ? 7.6 : 9,
        soft: false,
        x: LABEL_WIDTH,
        width: INNER - LABEL_WIDTH,
      });
      this.#y = Math.min(low, this.#y) - 2;
    }
  }

  list(items: readonly string[]): void {
    items.forEach((item, index) => {
      this.#room(14);
      const top = this.#y;
      this.#write(`${index + 1}.`, { font: this.#faces.text, size: 9, soft: true, x: 0, width: 18 });
      this.#y = top;
      this.#write(item, { font: this.#faces.text, size: 9, soft: false, x: 18, width: INNER - 18 });
      this.#y -= 1;
    });
    this.#y -= 5;
  }

  rule(): void {
    this.#y -= 6;
    const from = { x: PAGE.margin, y: this.#y };
    this.#page.drawLine({
      start: from,
      end: { x: PAGE.width - PAGE.margin, y: this.#y },
      thickness: 0.6,
      color: LINE,
    });
    this.#y -= 8;
  }

  async attach(file: PdfFile): Promise<void> {
    const name = this.#freeName(file.name);
    this.#files.set(name, await embedFile(this.#document, { ...file, name }));
  }

  async finish(options: { readonly footer: string; readonly password: string | null }): Promise<Buffer> {
    const pages = this.#document.getPages();
    pages.forEach((page, index) => {
      const font = this.#faces.text;
      const count = `${index + 1} / ${pages.length}`;
      const y = FOOT - 12;
      const right = PAGE.width - PAGE.margin - font.widthOfTextAtSize(count, 7.5);
      this.#draw(page, showable(options.footer).text, { x: PAGE.margin, y, size: 7.5, font, color: SOFT });
      this.#draw(page, count, { x: right, y, size: 7.5, font, color: SOFT });
    });
    listFiles(this.#document, this.#files);
    if (options.password !== null) await sealPdf(this.#document, options.password);
    const written = { addDefaultPage: false, updateFieldAppearances: false, useObjectStreams: false };
    return Buffer.from(await this.#document.save(written));
  }

  #freeName(name: string): string {
    if (!this.#files.has(name)) return name;
    const dot = name.lastIndexOf('.');
    const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    for (let number = 2; ; number += 1) {
      const other = `${stem} (${number})${end}`;
      if (!this.#files.has(other)) return other;
    }
  }

  /** Begins a new page unless so many points are left. */
  #room(points: number): void {
    if (this.#y - points >= PAGE.margin) return;
    this.#page = this.#document.addPage([PAGE.width, PAGE.height]);
    this.#y = PAGE.height - PAGE.margin;
  }

  #write(
    text: string,
    at: {
      readonly font: PDFFont;
      readonly size: number;
      readonly soft: boolean;
      readonly x: number;
      readonly width: number;
    },
  ): void {
    const { font, size } = at;
    const measure = (part: string): number => font.widthOfTextAtSize(part, size);
    for (const line of wrapText(showable(text).text, at.width, measure)) {
      this.#room(size * LEADING);
      this.#y -= size * LEADING;
      if (line === '') continue;
      const color = at.soft ? SOFT : INK;
      this.#draw(this.#page, line, { x: PAGE.margin + at.x, y: this.#y + size * 0.3, size, font, color });
    }
  }

  /** The library's own drawing names the font anew on the page for every line. */
  #draw(
    page: PDFPage,
    line: string,
    at: {
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly font: PDFFont;
      readonly color: RGB;
    },
  ): void {
    const names = this.#fontNames.get(page) ?? new Map<PDFFont, PDFName>();
    this.#fontNames.set(page, names);
    const name = names.get(at.font) ?? page.node.newFontDictionary(at.font.name, at.font.ref);
    names.set(at.font, name);
    page.pushOperators(
      beginText(),
      setFillingColor(at.color),
      setFontAndSize(name, at.size),
      setTextMatrix(1, 0, 0, 1, at.x, at.y),
      showText(at.font.encodeText(line)),
      endText(),
    );
  }
}
