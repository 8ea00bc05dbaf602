import type { SearchTerms } from './messages.ts';

/**
 * Search terms by an opaque id. Terms are PHI: the URL carries the id only, and the terms live in memory, not in the
 * browser's storage (which is written to disk), so that they are gone with the tab.
 */
const kept = new Map<string, SearchTerms>();
const MOST = 50;

export function keepTerms(terms: SearchTerms): string {
  // A letter in front, so that the router never takes it for a number.
  const id = `s${crypto.randomUUID().slice(0, 8)}`;
  kept.set(id, terms);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
  }
  return id;
}

/** The terms, or null when the tab was loaded again since. */
export function termsOf(id: string | undefined): SearchTerms | null {
  return id === undefined ? null : (kept.get(id) ?? null);
}

/** Forgets everything, at sign-out. */
export function forgetTerms(): void {
  kept.clear();
}
