/** The name of a country (ISO 3166-1) in the reader's language; the code itself where it is unknown. */
export function countryName(code: string, locale?: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code;
  } catch {
    // What a file of places says need not be a code at all.
    return code;
  }
}
