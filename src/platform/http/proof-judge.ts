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

/**
 * Judges proofs and remembers their ids for as long as their time would still be taken, in two generations so that
 * forgetting costs nothing. The memory is this process': where several serve one installation, a proof that somebody saw
 * in plain text could be used once more at each of the others within a minute, for the same method and path only.
 */
export function createProofJudge(clock: Clock, most = MOST_REMEMBERED): ProofJudge {
  let young = new Set<string>();
  let old = new Set<string>();
  let turned = clock.now().getTime();
  return {
    now: () => clock.now().getTime(),
    judge(header, key, subject) {
      if (header === undefined) return 'missing';
      const proof = parseProof(header);
      if (proof === null) return 'malformed';
      const now = clock.now().getTime();
      if (proof.at < now - PAST_MS || proof.at > now + AHEAD_MS) return 'time';
      if (now - turned > PAST_MS + AHEAD_MS) {
        old = now - turned > 2 * (PAST_MS + AHEAD_MS) ? new Set() : young;
        young = new Set();
        turned = now;
      }
      if (young.has(proof.id) || old.has(proof.id)) return 'replayed';
      if (!proofFits(key, subject, proof)) return 'signature';
      // Only good signatures get in, so only somebody with a session can fill it; then new requests wait, none is let in twice.
      if (young.size >= most) return 'too-many';
      young.add(proof.id);
      return null;
    },
  };
}
