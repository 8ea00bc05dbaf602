import { hash } from 'node:crypto';
import { auditKind } from './kind.ts';
import type { AuditLeaf } from './list.ts';

/**
 * What an entry can be found by. Hashes (the first 64 bits of SHA-256, as a signed number) of codes and ids that stand
 * in clear in the entry's bytes: nothing sealed enters, and two that meet by chance are told apart by the bytes.
 */
export const term = {
  /** An action, or everything below a prefix that ends with a dot. */
  action: (action: string): bigint => termOf('a', action),
  kind: (kind: string): bigint => termOf('k', kind),
  actor: (id: string): bigint => termOf('w', id),
  subject: (id: string): bigint => termOf('s', id),
  subjectKind: (kind: string): bigint => termOf('t', kind),
  result: (result: string): bigint => termOf('r', result),
  channel: (channel: string): bigint => termOf('c', channel),
  network: (address: string): bigint => termOf('n', address),
  request: (request: string): bigint => termOf('q', request),
  /** In the place of all others where the bytes are no entry of ours: every search brings it up. */
  unreadable: (): bigint => termOf('x', ''),
};

function termOf(what: string, text: string): bigint {
  return hash('sha256', `${what}:${text}`, 'buffer').readBigInt64BE(0);
}

/** The id of whoever acted. */
export function actorId(actor: AuditLeaf['actor']): string {
  switch (actor.kind) {
    case 'person':
      return actor.identity;
    case 'api-key':
      return actor.apiKey;
    case 'recipient':
      return actor.person;
    case 'system':
      return actor.component;
  }
}

/** All terms of an entry; of bytes that are none (null) the one that says so. */
export function termsOf(entry: AuditLeaf | null): bigint[] {
  if (entry === null) return [term.unreadable()];
  const terms = new Set<bigint>([
    term.action(entry.action),
    term.kind(auditKind(entry.action)),
    term.actor(actorId(entry.actor)),
    term.channel(entry.origin.channel),
  ]);
  for (let dot = entry.action.indexOf('.'); dot >= 0; dot = entry.action.indexOf('.', dot + 1)) {
    terms.add(term.action(entry.action.slice(0, dot + 1)));
  }
  for (const { kind, id } of entry.subjects) terms.add(term.subjectKind(kind)).add(term.subject(id));
  // Nearly everything is done: as a term it would find nothing faster.
  if (entry.result !== 'done') terms.add(term.result(entry.result));
  if (entry.origin.address !== null) terms.add(term.network(entry.origin.address));
  if (entry.request !== null) terms.add(term.request(entry.request));
  return [...terms];
}
