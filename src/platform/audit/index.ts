// Room: the audit log. In: entries, written in the acting transaction (if that fails, the act fails). Out: their place
// in a Merkle log per organisation, signed checkpoints for a witness outside of the database, pages, proofs, and a
// verification that finds what was changed, removed, reordered, inserted or rolled back. Owns the tables audit_*.
// A damaged log stops being sequenced (entries go on being recorded) and raises an alarm each round.
export { type Audit, type AuditOptions, createAudit, type PlacedEntry } from './audit.ts';
export { auditOrigin, openCheckpoint, readCheckpoint } from './checkpoint.ts';
export { createFileWitness } from './file-witness.ts';
export type { Finding, FindingKind } from './findings.ts';
export { AUDIT_KINDS, type AuditKind, auditKind } from './kind.ts';
export type { AuditLeaf, AuditLine, AuditPage, AuditQuery, AuditState } from './list.ts';
export { leafHash } from './merkle.ts';
export { type NoteSigner, type NoteVerifier, parseVerifier, verifierText } from './note.ts';
export { verifyInclusion } from './proofs.ts';
export type { EntryProof } from './prove-entry.ts';
export { type RangeProof, RangeRoot } from './range-proof.ts';
export { type PlacedEntries, type PlacedLeaf, placeAt, readPlaced } from './read-placed.ts';
export type { AuditAlarm, SequenceReport } from './sequence.ts';
export { actorId } from './terms.ts';
export type { Verification, VerifyRequest } from './verify.ts';
export type { Witness, WitnessAnswer, WitnessedState } from './witness.ts';
