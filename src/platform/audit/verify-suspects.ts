import type { Findings } from './findings.ts';

/** A position at which not everything agrees. */
export interface Suspect {
  readonly position: number;
  /** Null when the row that gives the place is gone. */
  readonly entry: string | null;
  /** Hash of the bytes that stand there now; null when the entry or its place is gone. */
  readonly found: Buffer | null;
  /** Hash in the place's row. */
  readonly placed: Buffer | null;
  /** Hash in the full tile, where there is one. */
  readonly tiled: Buffer | null;
}

/** Which of the two records a signed root confirmed: the places, the tiles, or neither. */
export type Confirmed = 'places' | 'tiles' | 'neither';

/** A suspect and what should stand at its position; null when no record of it is left. */
export interface JudgedSuspect extends Suspect {
  readonly expected: Buffer | null;
}

/** Adds what should stand at the position: by the record that a signature confirms, by the tiles when none does. */
export function judgeSuspect(suspect: Suspect, confirmed: Confirmed): JudgedSuspect {
  const { placed, tiled } = suspect;
  return { ...suspect, expected: confirmed === 'places' ? (placed ?? tiled) : (tiled ?? placed) };
}

const key = (hash: Buffer): string => hash.toString('latin1');

/**
 * Words what is wrong at suspect positions, which come in ascending order. A hash that should be there and is nowhere
 * among them was removed; one that is there and should be nowhere was inserted; both at one position: changed. What
 * merely stands elsewhere was moved: by itself a reordering, else the trace of a removal or insertion before it.
 */
export function classifySuspects(suspects: readonly JudgedSuspect[], findings: Findings): void {
  const expectedAt = new Map<string, number>();
  const present = new Set<string>();
  for (const suspect of suspects) {
    if (suspect.expected !== null) expectedAt.set(key(suspect.expected), suspect.position);
    if (suspect.found !== null) present.add(key(suspect.found));
  }
  const last = suspects.at(-1)?.position ?? 0;
  const moved: JudgedSuspect[] = [];
  let shift = 0;
  for (const suspect of suspects) {
    const { found, expected, position, entry } = suspect;
    if (found === null || expected === null) {
      findings.add(entry === null ? 'place-removed' : 'entry-removed', position, entry);
      continue;
    }
    if (found.equals(expected)) {
      if (suspect.placed?.equals(expected) === false) findings.add('place-changed', position, entry);
      if (suspect.tiled?.equals(expected) === false) findings.add('tile-changed', position, entry, 'level 0');
      continue;
    }
    const cameFrom = expectedAt.get(key(found));
    const lost = !present.has(key(expected));
    if (cameFrom === undefined && lost) {
      findings.add('entry-changed', position, entry);
    } else if (cameFrom === undefined) {
      // At the far edge a shifted entry comes from beyond the suspects: no insertion.
      if (position > last - shift) continue;
      findings.add('entry-inserted', position, entry);
      shift += 1;
    } else if (lost) {
      // Likewise one that was shifted beyond them: no removal.
      if (position > last - shift) continue;
      findings.add('entry-removed', position, null);
      shift += 1;
    } else {
      moved.push(suspect);
    }
  }
  if (shift > 0) return;
  for (const suspect of moved) findings.add('entries-reordered', suspect.position, suspect.entry);
}
