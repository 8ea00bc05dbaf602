/**
 * What verification can find. Positions count entries from 0; for checkpoints and witness they are tree sizes; for
 * tiles `detail` names level and index.
 */
export type FindingKind =
  /** The entry's bytes are not those that were placed. */
  | 'entry-changed'
  /** An entry that was placed is gone. */
  | 'entry-removed'
  /** An entry stands in the log that was never placed there, or outside of the log altogether. */
  | 'entry-inserted'
  | 'entries-reordered'
  /** The sealed reference is not the one that the entry names by hash. */
  | 'reference-changed'
  /** The row that gives an entry its place is gone. */
  | 'place-removed'
  /** The row that gives an entry its place holds another hash; the entry itself is as it was. */
  | 'place-changed'
  | 'tile-changed'
  | 'tile-removed'
  | 'tile-inserted'
  | 'checkpoint-changed'
  | 'checkpoint-removed'
  /** Entries behind the last checkpoint: added past the sequencer, or their checkpoints were taken away. */
  | 'unsigned-entries'
  /** The log ends before the size that was signed. */
  | 'log-truncated'
  /** A signed root does not fit the entries between these sizes. */
  | 'history-changed'
  /** The log ends before the size that the witness has seen: an older state was put back. */
  | 'rolled-back'
  /** The witness has seen another history up to these sizes. */
  | 'differs-from-witness'
  /** The witness holds something that is not a checkpoint of this log, signed by a known key. */
  | 'witness-changed'
  /** The database says that the witness took a checkpoint which the witness does not have. */
  | 'witness-behind'
  /** An entry waits for its place longer than the sequencer may take. */
  | 'unplaced-too-long'
  /** An entry disappeared while it waited for its place. */
  | 'unplaced-removed';

export interface Finding {
  readonly kind: FindingKind;
  /** First and last position, or tree sizes; null where there is none. */
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number;
  /** Ids of the entries concerned, at most 20. */
  readonly entries: readonly string[];
  readonly detail: string | null;
}

const MOST_ENTRIES = 20;
const MOST_FINDINGS = 500;

interface OpenFinding {
  kind: FindingKind;
  from: number | null;
  to: number | null;
  count: number;
  entries: string[];
  detail: string | null;
}

/** Collects findings, joining neighbours of one kind; keeps at most 500 and counts the rest. */
export class Findings {
  readonly #list: OpenFinding[] = [];
  #dropped = 0;

  add(
    kind: FindingKind,
    position: number | null,
    entry: string | null = null,
    detail: string | null = null,
  ): void {
    const last = this.#list.findLast((each) => each.kind === kind && each.detail === detail);
    const joins = last !== undefined && (position === null ? last.to === null : last.to === position - 1);
    if (joins) {
      last.to = position;
      last.count += 1;
      if (entry !== null && last.entries.length < MOST_ENTRIES) last.entries.push(entry);
      return;
    }
    this.#push({
      kind,
      from: position,
      to: position,
      count: 1,
      entries: entry === null ? [] : [entry],
      detail,
    });
  }

  /** A finding over a stretch, given whole. */
  addRange(kind: FindingKind, from: number, to: number, count: number, detail: string | null = null): void {
    this.#push({ kind, from, to, count, entries: [], detail });
  }

  #push(finding: OpenFinding): void {
    if (this.#list.length < MOST_FINDINGS) this.#list.push(finding);
    else this.#dropped += 1;
  }

  list(): readonly Finding[] {
    return this.#list;
  }

  /** Findings beyond the 500 that are kept. */
  dropped(): number {
    return this.#dropped;
  }
}
