/**
 * A telephone number in E.164 (ITU-T E.164 §6: `+`, country code, at most 15 digits), or null. Blanks, dots, dashes and
 * brackets that people write are dropped; `00` stands for `+`. A number without its country is refused: which country
 * it is dialled from nobody knows here.
 */
export function parseNumber(text: string): string | null {
  const bare = text.replace(/[\s().\-/\u00a0\u2010-\u2015]/g, '').replace(/^00/, '+');
  return /^\+[1-9]\d{6,14}$/.test(bare) ? bare : null;
}

/** For a page that somebody without proof may see: at most the last two digits. */
export function maskNumber(number: string): string {
  return `••${number.slice(-2)}`;
}
