import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Pattern } from './canary-set.ts';

export interface Hit {
  readonly place: string;
  readonly encoding: string;
  /** Some octets from the hit on. */
  readonly around: Buffer;
}

export interface Searched {
  readonly files: number;
  readonly bytes: number;
  readonly hits: readonly Hit[];
}

const PIECE = 8 * 1024 * 1024;
/** More than the longest shape, so that none is missed where two pieces meet. */
const OVERLAP = 1024;

/** Searches every file below the directories: their octets, their names, and where links lead. */
export function searchFiles(roots: readonly string[], patterns: readonly Pattern[]): Searched {
  const state = { files: 0, bytes: 0, hits: [] as Hit[] };
  // One for all files: to make and clear a new one for each takes longer than reading most of them.
  const piece = Buffer.alloc(PIECE);
  const walk = (path: string): void => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry === undefined) return;
    state.hits.push(...searchOctets(Buffer.from(path), `name of ${path}`, patterns));
    if (entry.isSymbolicLink()) {
      state.hits.push(...searchOctets(Buffer.from(readlinkSync(path)), `link ${path}`, patterns));
    } else if (entry.isDirectory()) {
      for (const name of readdirSync(path)) walk(join(path, name));
    } else if (entry.isFile()) {
      state.files += 1;
      state.bytes += searchFile(path, piece, patterns, state.hits);
    }
  };
  for (const root of roots) walk(root);
  return state;
}

function searchFile(path: string, piece: Buffer, patterns: readonly Pattern[], hits: Hit[]): number {
  const handle = openSync(path, 'r');
  let kept = 0;
  let total = 0;
  const found = new Set<string>();
  try {
    for (;;) {
      const read = readSync(handle, piece, kept, PIECE - kept, null);
      if (read === 0) break;
      total += read;
      const filled = piece.subarray(0, kept + read);
      for (const hit of searchOctets(filled, path, patterns)) {
        // One report for each shape and feature of a file is enough.
        const mark = `${hit.encoding} ${hit.around.subarray(0, 64).toString('latin1')}`;
        if (!found.has(mark)) hits.push(hit);
        found.add(mark);
      }
      kept = Math.min(OVERLAP, filled.length);
      piece.copy(piece, 0, filled.length - kept, filled.length);
    }
  } finally {
    closeSync(handle);
  }
  return total;
}

/** All hits in some octets, at most 200 of one shape. */
export function searchOctets(octets: Buffer, place: string, patterns: readonly Pattern[]): Hit[] {
  const views: Record<Pattern['view'], Buffer> = {
    raw: octets,
    'unfolded-qp': unfold(octets, /=\r?\n/g),
    'unfolded-lines': unfold(octets, /\r?\n[ \t]?/g),
  };
  const hits: Hit[] = [];
  for (const pattern of patterns) {
    const view = views[pattern.view];
    // Only what unfolding brought together is new in the other views.
    if (pattern.view !== 'raw' && (view === octets || octets.includes(pattern.octets))) continue;
    let at = view.indexOf(pattern.octets);
    for (let count = 0; at >= 0 && count < 200; count += 1) {
      hits.push({ place, encoding: pattern.encoding, around: Buffer.from(view.subarray(at, at + 256)) });
      at = view.indexOf(pattern.octets, at + pattern.octets.length);
    }
  }
  return hits;
}

/** The octets without what folds their lines; the same buffer when there is nothing to take out. */
function unfold(octets: Buffer, folds: RegExp): Buffer {
  const text = octets.toString('latin1');
  const unfolded = text.replace(folds, '');
  return unfolded.length === text.length ? octets : Buffer.from(unfolded, 'latin1');
}
