import type { Findings } from './findings.ts';
import { referenceHash } from './leaf.ts';
import { CompactRange, HASH_BYTES, leafHash } from './merkle.ts';
import type { PlaceRow } from './verify.store.ts';
import type { Anchor } from './verify-anchors.ts';
import {
  type Confirmed,
  classifySuspects,
  type JudgedSuspect,
  judgeSuspect,
  type Suspect,
} from './verify-suspects.ts';

/** Suspects kept; beyond it they are only counted. */
const MOST_SUSPECTS = 20_000;
const NOTHING = Buffer.alloc(HASH_BYTES);

/** What is known of the positions [from, to): at most one tile's worth. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly PlaceRow[];
  /** The stored tile's hashes, where the stretch is a full tile and the tile is there. */
  readonly tile: readonly Buffer[] | null;
  readonly checkpoints: readonly Anchor[];
  readonly witnessed: readonly Anchor[];
}

interface Break {
  readonly from: number;
  readonly sizes: number[];
  count: number;
}

/**
 * Walks the log once, entry by entry, growing two trees: one from the places' hashes and, from where the tiles say
 * otherwise, one from the tiles'. A signed root that fits one of them says which record to believe, and suspects are
 * judged by it. Memory does not grow with the log.
 */
export class LogWalk {
  readonly #findings: Findings;
  #places = new CompactRange();
  #tiles: CompactRange | null = null;
  /** Since the last confirmed root. */
  #open: Suspect[] = [];
  readonly #judged: JudgedSuspect[] = [];
  #suspectsDropped = 0;
  #confirmedSize = 0;
  #witnessedSize = 0;
  #break: Break | null = null;
  #witnessBreak: Break | null = null;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  get size(): number {
    return this.#places.size;
  }

  root(): Buffer {
    return this.#places.root();
  }

  /** Takes the next stretch; returns the leaf hashes as the places have them (the tile's where a place is gone). */
  take(stretch: Stretch): Buffer[] {
    const hashes: Buffer[] = [];
    const roots = [...stretch.checkpoints, ...stretch.witnessed].map((anchor) => anchor.size);
    const stops = new Set(roots);
    let at = 0;
    for (let position = stretch.from; position < stretch.to; position += 1) {
      const row = stretch.rows[at]?.position === position ? stretch.rows[at] : undefined;
      if (row !== undefined) at += 1;
      hashes.push(this.#one(position, row, stretch.tile?.[position - stretch.from] ?? null));
      if (!stops.has(position + 1)) continue;
      for (const anchor of stretch.checkpoints) if (anchor.size === position + 1) this.#checkpoint(anchor);
      for (const anchor of stretch.witnessed) if (anchor.size === position + 1) this.#witness(anchor);
    }
    return hashes;
  }

  #one(position: number, row: PlaceRow | undefined, tiled: Buffer | null): Buffer {
    const found = row?.leaf == null ? null : leafHash(row.leaf);
    const placed = row?.leafHash.length === HASH_BYTES ? row.leafHash : null;
    const forPlaces = placed ?? tiled ?? NOTHING;
    const forTiles = tiled ?? forPlaces;
    const agree = forTiles.equals(forPlaces);
    if (this.#tiles === null && !agree) this.#tiles = this.#places.clone();
    this.#places.append(forPlaces);
    this.#tiles?.append(forTiles);
    if (found === null || placed === null || !agree || !found.equals(placed)) {
      this.#suspect({ position, entry: row?.entry ?? null, found, placed, tiled });
    } else if (row?.leaf != null && !referenceFits(row.leaf, row.reference)) {
      this.#findings.add('reference-changed', position, row.entry);
    }
    return forPlaces;
  }

  #suspect(suspect: Suspect): void {
    if (this.#open.length + this.#judged.length < MOST_SUSPECTS) this.#open.push(suspect);
    else this.#suspectsDropped += 1;
  }

  #checkpoint(anchor: Anchor): void {
    if (anchor.root === null) return;
    const confirmed = this.#confirm(anchor.root);
    if (confirmed === null) {
      this.#break ??= { from: this.#confirmedSize, sizes: [], count: 0 };
      if (this.#break.sizes.length < 100) this.#break.sizes.push(anchor.size);
      this.#break.count += 1;
      return;
    }
    // A later root fits: so those in between were signed over something else.
    for (const size of this.#break?.sizes ?? []) this.#findings.add('checkpoint-changed', size, null, 'root');
    this.#break = null;
    this.#confirmedSize = anchor.size;
    this.#judge(confirmed);
  }

  #confirm(root: Buffer): Confirmed | null {
    const places = this.#places.root().equals(root);
    const tiles = this.#tiles?.root().equals(root) === true;
    if (!places && !tiles) return null;
    if (!places && this.#tiles !== null) this.#places = this.#tiles;
    this.#tiles = null;
    return places ? 'places' : 'tiles';
  }

  #witness(anchor: Anchor): void {
    if (anchor.root === null) return;
    const fits = this.#places.root().equals(anchor.root) || this.#tiles?.root().equals(anchor.root) === true;
    if (fits) {
      this.#witnessedSize = anchor.size;
      return;
    }
    this.#witnessBreak ??= { from: this.#witnessedSize, sizes: [anchor.size], count: 0 };
    this.#witnessBreak.count += 1;
  }

  #judge(confirmed: Confirmed): void {
    for (const suspect of this.#open) this.#judged.push(judgeSuspect(suspect, confirmed));
    this.#open = [];
  }

  /** Ends the walk: judges what no root has confirmed, and reports where signed roots stopped fitting. */
  finish(): void {
    this.#judge('neither');
    classifySuspects(this.#judged, this.#findings);
    if (this.#suspectsDropped > 0) {
      this.#findings.addRange(
        'history-changed',
        this.#confirmedSize,
        this.size,
        this.#suspectsDropped,
        'not listed',
      );
    }
    for (const [broken, kind] of [
      [this.#break, 'history-changed'],
      [this.#witnessBreak, 'differs-from-witness'],
    ] as const) {
      const first = broken?.sizes[0];
      if (broken !== null && first !== undefined)
        this.#findings.addRange(kind, broken.from, first, broken.count);
    }
  }
}

/** Whether the stored sealed reference is the one whose hash stands in the (authentic) leaf. */
function referenceFits(leaf: Buffer, reference: Buffer | null): boolean {
  const parsed: unknown = JSON.parse(leaf.toString());
  const named: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'reference') : undefined;
  return named === referenceHash(reference);
}
