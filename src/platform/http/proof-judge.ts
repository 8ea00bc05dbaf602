import type { KeyObject } from 'node:crypto';
import { type ProofSubject, parseProof, proofFits } from '#platform/access';
import type { Clock } from '#platform/runtime';

/** Why a proof does not count. */
export type ProofFault = 'missing' | 'malformed' | 'time' | 'signature' | 'replayed' | 'too-many';

export interface ProofJudge {
  /** Null when the proof is good; it is then remembered and will not be good again. */
  judge(header: string | undefined, key: KeyObject, subject: ProofSubject): ProofFault | null;
  /** Our time, for browsers whose clock is wrong: milliseconds since 1970. */
  now(): number;
}

/** How old a proof may be, and how far ahead a browser's clock: it learns the difference from our answers. */
const PAST_MS = 60_000;
const AHEAD_MS = 15_000;
const MOST_REMEMBERED = 400_000;

/** Whether a proof that was made at `at` may be used at `now`; both in milliseconds since 1970. */
export function proofInTime(at: number, now: number): boolean {
  return at >= now - PAST_MS && at <= now + AHEAD_MS;
}

/** The ids of proofs that were good, for as long as their time would still be taken. */
export interface ProofMemory {
  knows(id: string, now: number): boolean;
  /** False when there is no room: the proof must then be refused. */
  keep(id: string): boolean;
}

/**
 * Two generations, so that forgetting costs nothing. The memory is this process': where several serve one installation, a proof
 * that somebody saw in plain text could be used once more at each of the others within a minute, for the same method and path only.
 */
export function createProofMemory(most = MOST_REMEMBERED): ProofMemory {
  const lives = PAST_MS + AHEAD_MS;
  let young = new Set<string>();
  let old = new Set<string>();
  let turned = 0;
  return {
    knows(id, now) {
      if (now - turned > lives) {
        old = now - turned > 2 * lives ? new Set() : young;
        young = new Set();
        turned = now;
      }
      return young.has(id) || old.has(id);
    },
    keep(id) {
      if (young.size >= most) return false;
      young.add(id);
      return true;
    },
  };
}

interface JudgeParts {
  readonly proofFits: typeof proofFits;
  readonly proofInTime: typeof proofInTime;
  readonly proofMemory: ProofMemory;
}

/** Judges proofs: form, time, whether it was seen, signature. */
export function createProofJudge(clock: Clock, given: Partial<JudgeParts> = {}): ProofJudge {
  const parts = { proofFits, proofInTime, proofMemory: createProofMemory(), ...given };
  return {
    now: () => clock.now().getTime(),
    judge(header, key, subject) {
      if (header === undefined) return 'missing';
      const proof = parseProof(header);
      if (proof === null) return 'malformed';
      const now = clock.now().getTime();
      if (!parts.proofInTime(proof.at, now)) return 'time';
      if (parts.proofMemory.knows(proof.id, now)) return 'replayed';
      if (!parts.proofFits(key, subject, proof)) return 'signature';
      // Only good signatures get in, so only somebody with a session can fill it; then new requests wait, none is let in twice.
      return parts.proofMemory.keep(proof.id) ? null : 'too-many';
    },
  };
}
