import type { MessageId, OrganisationId } from '#core/ids';
import { findField, type HeaderField } from '#platform/mail';
import type { Vault } from '#platform/vault';

/** By what a message finds its conversation: keyed hashes of its own Message-ID and of those that it answers. */
export interface ThreadMarks {
  readonly own: Buffer;
  readonly answers: readonly Buffer[];
  /** The message of the record that this one answers, where the road knows it. */
  readonly inReplyTo: MessageId | null;
}

/** The newest references are looked at, no more: a header may carry hundreds. */
const MOST_REFERENCES = 20;

/** Message-IDs that a header says it answers (RFC 5322 §3.6.4), the nearest last, at most 20. */
export function answeredIds(fields: readonly HeaderField[]): string[] {
  const ids = ['references', 'in-reply-to'].flatMap(
    (name) => (findField(fields, name)?.value ?? '').match(/<[^<>\s]{1,900}>/g) ?? [],
  );
  return [...new Set(ids)].slice(-MOST_REFERENCES);
}

/** Keyed hash of a Message-ID, for comparing within one organisation. */
export function messageKey(vault: Vault, organisation: OrganisationId, messageId: string): Promise<Buffer> {
  return vault.blindIndex(organisation, 'portal-thread/1', messageId.trim());
}
