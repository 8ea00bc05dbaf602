import type { OrganisationId } from '#core/ids';

/** What a witness holds of a log: the last state that it has vouched for. */
export interface WitnessedState {
  readonly size: number;
  readonly root: Buffer;
}

export type WitnessAnswer =
  | { readonly kind: 'witnessed' }
  /** The proof does not start at the state that the witness holds; try again from there. */
  | { readonly kind: 'stale'; readonly latest: WitnessedState }
  /** The note contradicts what was witnessed before, or is none. Never a passing fault: someone must look. */
  | {
      readonly kind: 'refused';
      readonly reason: 'not-a-checkpoint' | 'smaller' | 'other-root' | 'inconsistent';
    };

/**
 * A place outside of the database that remembers checkpoints and takes a new one only with the proof that it extends
 * the last (C2SP tlog-witness in spirit). What it holds is what finds a log that was rewritten or rolled back by
 * someone who owns the database and the signing key.
 */
export interface Witness {
  /** The last state vouched for, or null. */
  latest(organisation: OrganisationId): Promise<WitnessedState | null>;
  /** Takes a checkpoint with the consistency proof from `from` leaves. Durable when it answers `witnessed`. */
  publish(
    organisation: OrganisationId,
    note: string,
    proof: { readonly from: number; readonly path: readonly Buffer[] },
  ): Promise<WitnessAnswer>;
  /** Every note held, in the order of arrival. A line that is no note comes as it is: the reader judges. */
  notes(organisation: OrganisationId): AsyncIterable<string>;
}
