import type { AuditLeaf } from '#platform/audit';

/** An entry on its way out of the system. */
export interface ShownEntry {
  readonly id: string;
  readonly position: number | null;
  /** The entry's very bytes; null where they are gone. */
  readonly leaf: Buffer | null;
  readonly entry: AuditLeaf | null;
  /** The people that it is about, opened for somebody who may see them; null otherwise. */
  readonly people: People | null;
}

export interface People {
  readonly sender?: string | undefined;
  readonly recipients?: readonly string[] | undefined;
  readonly networkAddress?: string | undefined;
}

/** Columns and fields that carry an entry's bytes, so that a file can be checked against the log without the system. */
export function leafText(leaf: Buffer | null): string {
  if (leaf === null) return '';
  const text = leaf.toString('utf8');
  // Bytes that are no text, or of more than one line, are no entry of ours; they are shown all the same.
  const plain = text.startsWith('{') && !/[\p{Cc}]/u.test(text) && Buffer.from(text).equals(leaf);
  return plain ? text : `base64:${leaf.toString('base64')}`;
}

/** The bytes behind `leafText`. */
export function leafBytes(text: string): Buffer {
  return text.startsWith('base64:') ? Buffer.from(text.slice(7), 'base64') : Buffer.from(text);
}

export const UNREADABLE = 'audit.entry-unreadable';

/** Subjects as one text: `message:0199… delivery:0199…`. */
export function subjectsText(entry: AuditLeaf): string {
  return entry.subjects.map(({ kind, id }) => `${kind}:${id}`).join(' ');
}
