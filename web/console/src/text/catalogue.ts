/** Languages the console has words for. Another one is added here and then in every catalogue. */
export type Language = 'en';

/** The reader's language: the first of the browser's that we have. */
export function pickLanguage(wanted: readonly string[], known: readonly Language[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    const found = known.find((language) => language === base);
    if (found) return found;
  }
  return 'en';
}

/** Chooses the words of one area. Every language has the same shape, so a missing text does not compile. */
export function catalogue<Words>(words: Readonly<Record<Language, Words>>): Words {
  const wanted = typeof navigator === 'undefined' ? [] : navigator.languages;
  return words[pickLanguage(wanted, ['en'])];
}
