import { proofFits } from '#platform/access';
import { csrfMatches, sameOrigin } from './csrf.ts';
import { createProofMemory, type ProofMemory, proofInTime } from './proof-judge.ts';
import { identifySession, opensByItself } from './prove-session.ts';

/** What a session's request is admitted by. In the system always these; a test puts another in its place to see what it keeps out. */
export interface AdmissionParts {
  readonly sameOrigin: typeof sameOrigin;
  readonly csrfMatches: typeof csrfMatches;
  /** Whether a request with a live session's cookie comes from the browser that signed in. */
  readonly identifySession: typeof identifySession;
  /** What a ticket can open instead of a proof. */
  readonly opensByItself: typeof opensByItself;
  readonly proofFits: typeof proofFits;
  readonly proofInTime: typeof proofInTime;
  readonly proofMemory: ProofMemory;
}

/** `others` is for tests alone. */
export function admissionParts(others: Partial<AdmissionParts> = {}): AdmissionParts {
  return {
    sameOrigin,
    csrfMatches,
    identifySession,
    opensByItself,
    proofFits,
    proofInTime,
    proofMemory: createProofMemory(),
    ...others,
  };
}
