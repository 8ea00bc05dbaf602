import { openCheckpoint } from './checkpoint.ts';
import type { Findings } from './findings.ts';
import type { NoteVerifier } from './note.ts';
import type { CheckpointRow } from './verify.store.ts';

/** A size at which the root is known from outside of the entries; the root is null where the checkpoint is no good. */
export interface Anchor {
  readonly size: number;
  readonly root: Buffer | null;
}

export interface AnchorContext {
  readonly origin: string;
  readonly verifiers: readonly NoteVerifier[];
  readonly findings: Findings;
}

/** The database's checkpoints in order, each checked for its signature, its columns and the one before it. */
export async function* databaseAnchors(
  context: AnchorContext,
  rows: AsyncIterable<CheckpointRow>,
  removed: (size: number) => void,
): AsyncGenerator<Anchor> {
  let last = 0;
  for await (const row of rows) {
    const opened = openCheckpoint(row.note, context.origin, context.verifiers);
    const good = opened !== null && opened.size === row.size && opened.root.equals(row.root);
    if (!good) context.findings.add('checkpoint-changed', row.size);
    else if (opened.previous > last) removed(opened.previous);
    else if (opened.previous < last) context.findings.add('checkpoint-changed', row.size, null, 'previous');
    last = row.size;
    yield { size: row.size, root: good ? row.root : null };
  }
}

/** The witness's checkpoints in order, each checked for its signature. */
export async function* witnessAnchors(
  context: AnchorContext,
  notes: AsyncIterable<string>,
): AsyncGenerator<Anchor> {
  let last = 0;
  for await (const note of notes) {
    const opened = openCheckpoint(note, context.origin, context.verifiers);
    if (opened === null || opened.size <= last) {
      context.findings.add('witness-changed', opened?.size ?? null);
      continue;
    }
    last = opened.size;
    yield { size: opened.size, root: opened.root };
  }
}

/** An iterator that gives what lies up to a size, and keeps the one that lies beyond for the next time. */
export class UpTo<Item extends { readonly size: number }> {
  readonly #source: AsyncGenerator<Item>;
  #next: Item | undefined;
  #ended = false;

  constructor(source: AsyncGenerator<Item>) {
    this.#source = source;
  }

  async take(size: number): Promise<Item[]> {
    const taken: Item[] = [];
    while (!this.#ended) {
      if (this.#next === undefined) {
        const step = await this.#source.next();
        if (step.done === true) {
          this.#ended = true;
          break;
        }
        this.#next = step.value;
      }
      if (this.#next.size > size) break;
      taken.push(this.#next);
      this.#next = undefined;
    }
    return taken;
  }

  /** Lets the source close its files. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#source.return(undefined);
  }
}
