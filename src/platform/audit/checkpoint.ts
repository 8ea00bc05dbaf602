import type { OrganisationId } from '#core/ids';
import { HASH_BYTES } from './merkle.ts';
import { type NoteSigner, type NoteVerifier, openNote, signNote } from './note.ts';

/** What a checkpoint states: at that moment the log had so many entries under that root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Size of the checkpoint before this one (0 for the first), so that one missing in between shows. */
  readonly previous: number;
  readonly time: Date;
}

/** The name of an organisation's log, first line of its checkpoints and name of its signing key. */
export function auditOrigin(organisation: OrganisationId): string {
  return `sealpost/audit/${organisation}`;
}

/** A signed checkpoint: C2SP tlog-checkpoint with two extension lines, as a C2SP signed-note. */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string {
  const lines = [
    checkpoint.origin,
    String(checkpoint.size),
    checkpoint.root.toString('base64'),
    `previous ${checkpoint.previous}`,
    `time ${checkpoint.time.toISOString()}`,
  ];
  return signNote(`${lines.join('\n')}\n`, signer);
}

/** Reads the statement out of a note's text, unsigned; null when it is not one of ours. */
export function readCheckpoint(note: string): Checkpoint | null {
  const [origin, sizeText, rootText, previousText, timeText, end] = note.split('\n', 6);
  if (origin === undefined || end !== '') return null;
  const size = decimal(sizeText);
  const previous = decimal(/^previous (\d+)$/.exec(previousText ?? '')?.[1]);
  const root = Buffer.from(rootText ?? '', 'base64');
  const time = new Date(/^time (\S+)$/.exec(timeText ?? '')?.[1] ?? Number.NaN);
  if (size === null || previous === null || root.length !== HASH_BYTES || Number.isNaN(time.getTime()))
    return null;
  return { origin, size, root, previous, time };
}

/** A decimal without leading zeros, as an exact number; else null. */
function decimal(text: string | undefined): number | null {
  if (text === undefined || !/^(0|[1-9]\d{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** The statement of a note that one of the keys has signed for that log; null otherwise. */
export function openCheckpoint(
  note: string,
  origin: string,
  verifiers: readonly NoteVerifier[],
): Checkpoint | null {
  const opened = openNote(note, verifiers);
  if (opened === null || opened.signedBy.length === 0) return null;
  const checkpoint = readCheckpoint(note);
  return checkpoint?.origin === origin ? checkpoint : null;
}
