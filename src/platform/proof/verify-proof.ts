import { hash, verify } from 'node:crypto';
import type { ProofRecord } from '#core/proof';
import {
  auditOrigin,
  leafHash,
  type NoteVerifier,
  openCheckpoint,
  parseVerifier,
  readCheckpoint,
  verifierText,
  verifyInclusion,
} from '#platform/audit';
import { decodeProofFile, type ProofFile, parseObject, proofOrigin } from './proof-file.ts';
import { recipientHash } from './recipient-hash.ts';

/** `open`: nothing speaks against it, but it was not compared with anything from outside of the file. */
export type CheckResult = 'holds' | 'fails' | 'open';

export interface ProofCheck {
  readonly check:
    | 'file'
    | 'signature'
    | 'entry'
    | 'inclusion'
    | 'checkpoint'
    | 'proof-key'
    | 'log-key'
    | 'witness'
    | 'recipient';
  readonly result: CheckResult;
  /** One sentence for a reader. */
  readonly words: string;
}

export interface ProofVerdict {
  /** The record as signed; null where the file could not be read that far. */
  readonly record: ProofRecord | null;
  readonly checks: readonly ProofCheck[];
  /** `fails` where any check fails; `unanchored` where a key was taken from the file alone. */
  readonly verdict: 'holds' | 'fails' | 'unanchored';
}

/** What comes from outside of the file. */
export interface ProofOutside {
  /** The organisation's keys as verifier texts; empty: those in the file are used, and nothing vouches for them. */
  readonly keys: readonly string[];
  /** Checkpoints of the log from a witness; null when none were given. */
  readonly checkpoints: readonly string[] | null;
  /** "Was it to this address?", with the salt where the file does not hold it. */
  readonly claim: { readonly address: string; readonly salt: string | null } | null;
}

/**
 * Says exactly what of a proof file holds, offline. Every octet of the file counts: a file in which any was changed has
 * a failing check.
 */
export function verifyProof(octets: Uint8Array, outside: ProofOutside): ProofVerdict {
  const file = decodeProofFile(octets);
  if (file === null) {
    return verdictOf(null, [check('file', 'fails', 'This is not an unchanged proof file of Sealpost.')]);
  }
  const record = recordOf(file);
  if (record === null) {
    return verdictOf(null, [check('file', 'fails', 'The file holds no proof record of a known format.')]);
  }
  const proofKey = keyNamed(file.proofKey, proofOrigin(record.organisation));
  const logKey = keyNamed(file.logKey, auditOrigin(record.organisation));
  if (proofKey === null || logKey === null) {
    return verdictOf(record, [
      check('file', 'fails', 'The keys in the file are not of the record’s organisation.'),
    ]);
  }
  return verdictOf(record, [
    check('file', 'holds', 'The file is a proof file and in its one form.'),
    signatureCheck(file, proofKey),
    entryCheck(file, record),
    ...logChecks(file, record, logKey),
    keyCheck('proof-key', file.proofKey, proofOrigin(record.organisation), outside.keys),
    keyCheck('log-key', file.logKey, auditOrigin(record.organisation), outside.keys),
    witnessCheck(file, record, logKey, outside.checkpoints),
    recipientCheck(file, record, outside.claim),
  ]);
}

function check(name: ProofCheck['check'], result: CheckResult, words: string): ProofCheck {
  return { check: name, result, words };
}

function verdictOf(record: ProofRecord | null, checks: readonly ProofCheck[]): ProofVerdict {
  const isOpen = (one: ProofCheck) =>
    one.result === 'open' && (one.check === 'proof-key' || one.check === 'log-key');
  const verdict = checks.some((one) => one.result === 'fails')
    ? 'fails'
    : checks.some(isOpen)
      ? 'unanchored'
      : 'holds';
  return { record, checks, verdict };
}

/** The record, where it has the fields that a reader is shown. Fields that a newer version adds are no harm. */
function recordOf(file: ProofFile): ProofRecord | null {
  const record = parseObject(file.record);
  if (record?.format !== 'sealpost-proof/1') return null;
  const transport = parseObject(JSON.stringify(record.transport ?? null));
  const texts = ['id', 'organisation', 'message', 'delivery', 'recipientHash', 'recipientDomain', 'method'];
  const whole = [...texts, 'outcome', 'contentHash', 'at'].every((name) => typeof record[name] === 'string');
  if (!whole || transport === null || !Array.isArray(record.reasons)) return null;
  if (typeof record.policyVersion !== 'number') return null;
  // The fields were looked at one by one above; who signed them is judged by the checks.
  return record as unknown as ProofRecord;
}

function keyNamed(text: string, name: string): NoteVerifier | null {
  const key = parseVerifier(text);
  return key?.keyName === name && verifierText(key) === text ? key : null;
}

function signatureCheck(file: ProofFile, key: NoteVerifier): ProofCheck {
  const signed = verify(null, Buffer.from(file.record), key.publicKey, file.signature);
  return signed
    ? check('signature', 'holds', 'The record is signed by the proof key and unchanged since.')
    : check('signature', 'fails', 'The signature does not fit the record: one of them was changed.');
}

/** The entry names the proof twice: by id and by the hash of the record's text. */
function entryCheck(file: ProofFile, record: ProofRecord): ProofCheck {
  const entry = parseObject(file.entry);
  const details = parseObject(JSON.stringify(entry?.details ?? null));
  const fits =
    entry?.format === 'sealpost-audit/1' &&
    entry.id === record.id &&
    entry.organisation === record.organisation &&
    details?.proof === hash('sha256', file.record, 'hex');
  return fits
    ? check('entry', 'holds', 'The audit entry carries the hash of exactly this record.')
    : check('entry', 'fails', 'The audit entry is not the one that carries this record.');
}

function logChecks(file: ProofFile, record: ProofRecord, key: NoteVerifier): ProofCheck[] {
  const checkpoint = openCheckpoint(file.checkpoint, auditOrigin(record.organisation), [key]);
  if (checkpoint === null) {
    return [check('checkpoint', 'fails', 'The checkpoint is not signed by the log key.')];
  }
  const included = verifyInclusion({
    leafHash: leafHash(Buffer.from(file.entry)),
    position: file.position,
    size: checkpoint.size,
    path: file.path,
    root: checkpoint.root,
  });
  const time = checkpoint.time.toISOString();
  return [
    included
      ? check(
          'inclusion',
          'holds',
          `The entry stands at position ${file.position} of ${checkpoint.size} in the log.`,
        )
      : check('inclusion', 'fails', 'The path does not lead from the entry to the checkpoint’s root.'),
    check('checkpoint', 'holds', `The state of the log at ${time} is signed by the log key.`),
  ];
}

function keyCheck(
  name: 'proof-key' | 'log-key',
  inFile: string,
  origin: string,
  given: readonly string[],
): ProofCheck {
  const use = name === 'proof-key' ? 'proof key' : 'log key';
  if (given.includes(inFile)) return check(name, 'holds', `The ${use} is the one that you gave.`);
  // Only the organisation's other key was given: that says nothing about this one.
  const names = given.map((key) => key.split('+')[0] ?? '');
  const other = names.some((one) => one.endsWith(origin.slice(origin.lastIndexOf('/'))));
  if (given.length === 0 || (other && !names.includes(origin))) {
    return check(
      name,
      'open',
      `The ${use} was taken from the file: compare it with what the organisation publishes.`,
    );
  }
  return check(name, 'fails', `The ${use} in the file is not the one that you gave.`);
}

/** A witness's checkpoint of the same size must state the same root; of another size it cannot be compared here. */
function witnessCheck(
  file: ProofFile,
  record: ProofRecord,
  key: NoteVerifier,
  given: readonly string[] | null,
): ProofCheck {
  if (given === null) {
    return check('witness', 'open', 'No checkpoint of a witness was given; a second history would not show.');
  }
  const ours = readCheckpoint(file.checkpoint);
  const origin = auditOrigin(record.organisation);
  const theirs = given.flatMap((note) => openCheckpoint(note, origin, [key]) ?? []);
  if (theirs.length < given.length) {
    return check('witness', 'fails', 'A checkpoint that you gave is not signed by this log’s key.');
  }
  const same = theirs.filter((one) => one.size === ours?.size);
  if (same.length === 0) {
    const sizes = `${theirs.length} of other sizes`;
    return check(
      'witness',
      'fails',
      `None of the checkpoints that you gave is of size ${ours?.size} (${sizes}).`,
    );
  }
  return ours !== null && same.every((one) => one.root.equals(ours.root))
    ? check('witness', 'holds', 'The witness has seen the same state of the log.')
    : check('witness', 'fails', 'The witness has seen ANOTHER state of the log: one of the two is false.');
}

function recipientCheck(file: ProofFile, record: ProofRecord, claim: ProofOutside['claim']): ProofCheck {
  const { recipient } = file;
  if (recipient !== null && recipientHash(recipient.salt, recipient.address) !== record.recipientHash) {
    return check('recipient', 'fails', 'The address in the file is not the one that the record commits to.');
  }
  if (claim === null) {
    return recipient === null
      ? check(
          'recipient',
          'open',
          `The recipient is not named; the record holds a hash, domain ${record.recipientDomain}.`,
        )
      : check('recipient', 'holds', `The record commits to the address ${recipient.address}.`);
  }
  const salt = claim.salt === null ? recipient?.salt : saltOf(claim.salt);
  if (salt === undefined) {
    return check(
      'recipient',
      'fails',
      'The claim cannot be judged: neither the file nor you gave a salt of 16 octets.',
    );
  }
  return recipientHash(salt, claim.address) === record.recipientHash
    ? check('recipient', 'holds', `It was to ${claim.address}.`)
    : check('recipient', 'fails', `It was NOT to ${claim.address} (or the salt is another one).`);
}

function saltOf(text: string): Buffer | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}
