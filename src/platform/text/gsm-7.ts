// The default alphabet and its extension (3GPP TS 23.038 §6.2.1). One character of another alphabet turns the whole text
// into UCS-2, with 70 characters a segment in place of 160.
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENSION = new Set('\f^{}\\[~]|€');

/** Septets that the text takes in the default alphabet, or null where a character does not stand in it. */
export function septets(text: string): number | null {
  let count = 0;
  for (const character of text) {
    if (BASIC.has(character)) count += 1;
    else if (EXTENSION.has(character)) count += 2;
    else return null;
  }
  return count;
}

/** Segments that carriers make of the text: 160 septets, or 153 each where it is several (TS 23.040 §9.2.3.24.1). */
export function segments(text: string): number {
  const count = septets(text);
  if (count === null) return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
  return count <= 160 ? 1 : Math.ceil(count / 153);
}
