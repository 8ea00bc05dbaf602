import type { Person } from './person.ts';

/**
 * Whether a person is meant by what was typed: each typed word must stand in the name or the address where a word begins,
 * without regard to case, accents and order. A text without words means nobody.
 */
export function nameMatcher(text: string): (person: Pick<Person, 'displayName' | 'address'>) => boolean {
  const wanted = folded(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  return ({ displayName, address }) => {
    if (wanted.length === 0) return false;
    const own = [folded(displayName), folded(address)];
    return wanted.every((word) => own.some((text) => beginsWord(text, word)));
  };
}

function beginsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (at === 0 || !INSIDE.test(text.charAt(at - 1))) return true;
  return false;
}

const INSIDE = /[\p{L}\p{N}]/u;

/** Compatibility form without accents: `Á` and `á` are `a`, and full-width letters are plain ones. */
function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
}
