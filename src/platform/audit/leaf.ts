import { hash } from 'node:crypto';
import type { Actor } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';

/** First field of every leaf; a change of the layout takes a new name. */
export const LEAF_FORMAT = 'sealpost-audit/1';

const MAX_TEXT = 256;
const MAX_SUBJECTS = 256;
const MAX_DETAILS = 32;

/** A writer handed over an entry that may not be recorded so. The text names the field, never its value. */
export class AuditEntryInvalid extends Error {
  override readonly name = 'AuditEntryInvalid';
  constructor(field: string) {
    super(`audit entry: ${field} is not of an allowed shape`);
  }
}

const ACTION = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/;
const NAME = /^[A-Za-z][A-Za-z0-9.-]{0,63}$/;
// Printable text without '@': what looks like an address is PHI and belongs into the sealed reference.
const PLAIN_TEXT = /^[^@\p{Cc}]*$/u;

function requireText(field: string, text: string): void {
  if (text.length > MAX_TEXT || !PLAIN_TEXT.test(text)) throw new AuditEntryInvalid(field);
}

/**
 * Throws AuditEntryInvalid unless every part is a bounded code, id, count or moment: text of at most 256 characters
 * without '@' and control characters, finite numbers, at most 256 subjects and 32 details, and no network address of a
 * recipient.
 */
export function checkEntry(entry: AuditEntry): void {
  if (entry.action.length > 64 || !ACTION.test(entry.action)) throw new AuditEntryInvalid('action');
  if (entry.subjects.length > MAX_SUBJECTS) throw new AuditEntryInvalid('subjects');
  for (const subject of entry.subjects) {
    if (!NAME.test(subject.kind)) throw new AuditEntryInvalid('subjects.kind');
    requireText('subjects.id', subject.id);
  }
  const names = Object.keys(entry.details);
  if (names.length > MAX_DETAILS) throw new AuditEntryInvalid('details');
  for (const name of names) {
    if (!NAME.test(name)) throw new AuditEntryInvalid('details (a name)');
    const value = entry.details[name];
    if (typeof value === 'string') requireText(`details.${name}`, value);
    else if (typeof value === 'number' ? !Number.isFinite(value) : value === undefined) {
      throw new AuditEntryInvalid(`details.${name}`);
    }
  }
  if (entry.request !== null) requireText('request', entry.request);
  if (entry.origin.address !== null) {
    requireText('origin.address', entry.origin.address);
    // A recipient's address is an identifier (45 CFR 164.514(b)(2)(i)(O)): it belongs into the sealed reference.
    if (entry.origin.channel === 'portal' || entry.actor.kind === 'recipient') {
      throw new AuditEntryInvalid('origin.address');
    }
  }
  if (entry.actor.kind === 'system') requireText('actor.component', entry.actor.component);
}

/** Actor with its keys in code unit order, as RFC 8785 wants them. */
function sortedActor(actor: Actor): Actor {
  switch (actor.kind) {
    case 'person':
      return { identity: actor.identity, kind: actor.kind, session: actor.session };
    case 'api-key':
      return { apiKey: actor.apiKey, kind: actor.kind };
    case 'recipient':
      return { kind: actor.kind, person: actor.person };
    case 'system':
      return { component: actor.component, kind: actor.kind };
  }
}

function sortedDetails(details: AuditEntry['details']): AuditEntry['details'] {
  const names = Object.keys(details);
  if (names.length < 2) return details;
  return Object.fromEntries(names.sort().map((name) => [name, details[name] ?? null]));
}

/**
 * The canonical bytes of an entry: JSON by RFC 8785 (keys in order of code units, no white space, numbers as
 * ECMAScript writes them, UTF-8). The sealed reference enters as the SHA-256 of its ciphertext.
 */
export function encodeLeaf(id: string, time: Date, entry: AuditEntry): Buffer {
  return Buffer.from(
    JSON.stringify({
      action: entry.action,
      actor: sortedActor(entry.actor),
      details: sortedDetails(entry.details),
      format: LEAF_FORMAT,
      id,
      organisation: entry.organisation,
      origin: { address: entry.origin.address, channel: entry.origin.channel },
      reference: referenceHash(entry.sealedReference),
      request: entry.request,
      result: entry.result,
      subjects: entry.subjects.map((subject) => ({ id: subject.id, kind: subject.kind })),
      time: time.toISOString(),
    }),
  );
}

/** What stands in a leaf for a sealed reference: SHA-256 of the ciphertext in hex, or null. */
export function referenceHash(sealed: Uint8Array | null): string | null {
  return sealed === null ? null : hash('sha256', sealed, 'hex');
}
