import { coveredCodePoints } from './fonts.ts';

/** A text as the fonts can show it, and what the showing lacks. */
export interface ShownText {
  readonly text: string;
  /** How many characters stand as their Unicode number, such as `[U+1F600]`. */
  readonly replaced: number;
  /** The text holds right-to-left script, which is laid out in the order of its letters only. */
  readonly rightToLeft: boolean;
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Marks that steer other characters and show nothing themselves. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\p{Variation_Selector}/gu;

/**
 * Nothing is dropped without a word: characters without a glyph become their number in brackets. Composed as NFC, line
 * ends as LF, tabs as spaces; other controls are shown by number too.
 */
export function showable(text: string): ShownText {
  const covered = coveredCodePoints();
  const plain = text.normalize('NFC').replace(/\r\n?/g, '\n').replace(/\t/g, '    ').replace(INVISIBLE, '');
  let replaced = 0;
  const parts: string[] = [];
  for (const character of plain) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n' || (code >= 0x20 && covered.has(code))) {
      parts.push(character);
      continue;
    }
    replaced += 1;
    parts.push(`[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`);
  }
  return { text: parts.join(''), replaced, rightToLeft: RIGHT_TO_LEFT.test(plain) };
}
