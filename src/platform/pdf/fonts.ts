import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PDFDocument, PDFFont } from '@cantoo/pdf-lib';
import * as fontkit from 'fontkit';

/** The three faces of a document: text, what stands out, and what is compared letter by letter. */
export interface Faces {
  readonly text: PDFFont;
  readonly bold: PDFFont;
  readonly mono: PDFFont;
}

const FILES = {
  text: 'DejaVuSansCondensed.ttf',
  bold: 'DejaVuSansCondensed-Bold.ttf',
  mono: 'DejaVuSansMono.ttf',
} as const;

const read = new Map<string, Buffer>();
let known: ReadonlySet<number> | null = null;

function octetsOf(face: keyof Faces): Buffer {
  const name = FILES[face];
  const held = read.get(name);
  if (held !== undefined) return held;
  const octets = readFileSync(fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}`)));
  read.set(name, octets);
  return octets;
}

/** Embeds the faces; only the glyphs that are used enter the file. Ligatures stay apart, so that text can be searched. */
export async function embedFaces(document: PDFDocument): Promise<Faces> {
  document.registerFontkit(fontkit);
  const options = { subset: true, features: { liga: false } };
  return {
    text: await document.embedFont(octetsOf('text'), options),
    bold: await document.embedFont(octetsOf('bold'), options),
    mono: await document.embedFont(octetsOf('mono'), options),
  };
}

/** Code points that the text face has a glyph for. */
export function coveredCodePoints(): ReadonlySet<number> {
  known ??= new Set(fontkit.create(octetsOf('text')).characterSet);
  return known;
}
