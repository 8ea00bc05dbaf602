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

interface Face {
  readonly octets: Buffer;
  readonly font: fontkit.Font;
}

const loaded = new Map<keyof Faces, Face>();
let known: ReadonlySet<number> | null = null;

/** Read and parsed once in the life of the process. */
function faceOf(name: keyof Faces): Face {
  const held = loaded.get(name);
  if (held !== undefined) return held;
  const path = fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${FILES[name]}`));
  const octets = readFileSync(path);
  const face = { octets, font: plainLayout(fontkit.create(octets)) };
  loaded.set(name, face);
  return face;
}

/**
 * The same font with a layout of one glyph a character: our text has no need of shaping (ligatures would only hide
 * letters from a search), and shaping each word takes twenty times as long.
 */
function plainLayout(font: fontkit.Font): fontkit.Font {
  const glyphs = new Map<string, fontkit.Glyph>();
  const glyphOf = (character: string): fontkit.Glyph => {
    const held = glyphs.get(character);
    if (held !== undefined) return held;
    const glyph = font.glyphForCodePoint(character.codePointAt(0) ?? 0);
    if (glyph === null) throw new Error('a font without its glyph for what is missing');
    glyphs.set(character, glyph);
    return glyph;
  };
  const layout = (text: string) => ({ glyphs: Array.from(text, glyphOf) });
  return Object.create(font, { layout: { value: layout } });
}

/** Embeds the faces; only the glyphs that are used enter the file. */
export async function embedFaces(document: PDFDocument): Promise<Faces> {
  const faces = { text: faceOf('text'), bold: faceOf('bold'), mono: faceOf('mono') };
  document.registerFontkit({
    create(octets) {
      const face = Object.values(faces).find((one) => one.octets === octets);
      if (face === undefined) throw new Error('a font that is not one of ours');
      return face.font;
    },
  });
  const embed = (face: Face) => document.embedFont(face.octets, { subset: true });
  return { text: await embed(faces.text), bold: await embed(faces.bold), mono: await embed(faces.mono) };
}

/** Code points that the text face has a glyph for. */
export function coveredCodePoints(): ReadonlySet<number> {
  known ??= new Set(faceOf('text').font.characterSet);
  return known;
}
