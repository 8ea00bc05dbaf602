// Room: proofs of protection outside of the house. In: a proof's record, signature and place in the log, or a proof
// file's octets; out: a self-contained file, or what exactly of it holds. Pure: no database, no network, no clock.
// Owns nothing. The format is written down in docs/reference/proof-format.md.
export { encodeProofFile, proofOrigin } from './proof-file.ts';
export { proofWords } from './proof-words.ts';
export { recipientHash } from './recipient-hash.ts';
export { type CheckResult, type ProofCheck, type ProofVerdict, verifyProof } from './verify-proof.ts';
