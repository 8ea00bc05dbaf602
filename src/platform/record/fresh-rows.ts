import type { MessageId } from '#core/ids';
import type { NewMessage } from '#core/ports';
import type { MessageRow } from './load.store.ts';

/** What the worker would read back for a message that was accepted a moment ago: all but its state, still sealed. */
export interface FreshMessage {
  readonly row: Omit<MessageRow, 'state'>;
  /** Null where the content is a blob. */
  readonly content: Buffer | null;
}

interface Kept {
  readonly fresh: FreshMessage;
  /** Deliveries that nobody has asked for yet. */
  left: number;
}

const MOST_OCTETS = 24 * 1024 * 1024;
const MOST_MESSAGES = 4_000;
/** What is due later than this is read from the database when its time has come. */
const SOON_MS = 5_000;

/**
 * Rows of messages that this process has just accepted, for a worker in the same process: reading a sealed content back
 * costs the database as much as a tenth of the whole road. Sealed as they were written; bounded; forgotten when each
 * delivery has been asked for once. What is not here is read, so nothing depends on it.
 */
export class FreshRows {
  readonly #kept = new Map<MessageId, Kept>();
  #octets = 0;

  /** After the commit only: what was rolled back must not be seen. */
  put(input: NewMessage, now: Date): void {
    if (input.dueAt.getTime() > now.getTime() + SOON_MS) return;
    const kept: Kept = { fresh: freshOf(input), left: input.deliveries.length };
    this.#kept.set(input.id, kept);
    this.#octets += octetsOf(kept.fresh);
    for (const [id, oldest] of this.#kept) {
      if (this.#octets <= MOST_OCTETS && this.#kept.size <= MOST_MESSAGES) break;
      this.#drop(id, oldest);
    }
  }

  /** The rows for `deliveries` deliveries of a message, where they are here. */
  take(id: MessageId, deliveries: number): FreshMessage | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined) return undefined;
    kept.left -= deliveries;
    if (kept.left <= 0) this.#drop(id, kept);
    return kept.fresh;
  }

  get octets(): number {
    return this.#octets;
  }

  #drop(id: MessageId, kept: Kept): void {
    this.#kept.delete(id);
    this.#octets -= octetsOf(kept.fresh);
  }
}

const octetsOf = ({ content }: FreshMessage): number => content?.length ?? 0;

function freshOf(input: NewMessage): FreshMessage {
  const { content } = input;
  return {
    content: content.kind === 'inline' ? content.sealed : null,
    row: {
      id: input.id,
      organisation: input.organisation,
      source: input.source,
      stream: input.stream,
      class: input.class,
      priority: input.priority,
      due_at: input.dueAt,
      give_up_at: input.giveUpAt,
      portal_expires_at: input.portalExpiresAt,
      policy_version: input.policyVersion,
      object_key: input.objectKey,
      sender: input.sender,
      subject: input.subject,
      message_id: input.messageIdHeader,
      content_hash: input.contentHash,
      size: input.size,
      blob: content.kind === 'blob' ? content.blob : null,
      in_reply_to: input.inReplyTo,
      recipients: input.deliveries.length,
      accepted_at: input.acceptedAt,
      require_tls: input.requireTls,
      lowered: input.lowered,
      inbound: input.inbound ?? null,
    },
  };
}
