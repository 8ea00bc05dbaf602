import type { MethodFailure } from '#core/decision';
import type { BlobId, DeliveryId, MessageId, NoticeId, OrganisationId } from '#core/ids';
import type { DeliveryState, InboundFacts, MessageSource, MessageState } from '#core/message';
import type { SensitivityClass, Stream } from '#core/method';
import { binary, type Transaction } from '#platform/database';

/** A message row as stored: sealed columns are still sealed. */
export interface MessageRow {
  readonly id: MessageId;
  readonly organisation: OrganisationId;
  readonly source: MessageSource;
  readonly stream: Stream;
  readonly class: SensitivityClass;
  readonly priority: number;
  readonly due_at: Date;
  readonly give_up_at: Date;
  readonly portal_expires_at: Date;
  readonly policy_version: number;
  readonly object_key: Buffer;
  readonly sender: Buffer;
  readonly subject: Buffer;
  readonly message_id: Buffer;
  readonly content_hash: Buffer;
  readonly size: number;
  readonly blob: BlobId | null;
  readonly in_reply_to: MessageId | null;
  readonly recipients: number;
  readonly state: MessageState;
  readonly accepted_at: Date;
  readonly require_tls: boolean;
  readonly lowered: boolean;
  readonly inbound: InboundFacts | null;
}

export const MESSAGE_COLUMNS = `m.id, m.organisation, m.source, m.stream, m.class, m.priority, m.due_at, m.give_up_at,
  m.portal_expires_at, m.policy_version, m.object_key, m.sender, m.subject, m.message_id, m.content_hash, m.size,
  m.blob, m.in_reply_to, m.recipients, m.state, m.accepted_at, m.require_tls, m.lowered, m.inbound`;

export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly message: MessageId;
  readonly organisation: OrganisationId;
  readonly recipient: Buffer;
  readonly domain: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly failures: readonly MethodFailure[];
}

/** A delivery with the state of its message. */
export interface DueRow extends DeliveryRow {
  readonly message_state: MessageState;
}

/** Deliveries with the state of their message as it is now: it may have been withdrawn since. */
export async function loadDue(tx: Transaction, ids: readonly DeliveryId[]): Promise<DueRow[]> {
  return tx.query<DueRow>({
    name: 'record.load-due',
    text: `select d.id, d.message, d.organisation, d.recipient, d.domain, d.state, d.attempts, d.failures,
        m.state as message_state
      from unnest($1::uuid[]) as w (id) join sealpost.delivery d on d.id = w.id
        join sealpost.message m on m.id = d.message`,
    values: [binary.uuids(ids)],
  });
}

export async function loadMessages(tx: Transaction, ids: readonly MessageId[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>({
    name: 'record.load-messages',
    text: `select ${MESSAGE_COLUMNS} from sealpost.message m where m.id = any ($1::uuid[])`,
    values: [ids],
  });
}

export async function loadMessageState(tx: Transaction, id: MessageId): Promise<MessageState | null> {
  const [row] = await tx.query<{ state: MessageState }>({
    name: 'record.load-message-state',
    text: 'select state from sealpost.message where id = $1',
    values: [id],
  });
  return row?.state ?? null;
}

/** Those messages that are not withdrawn, kept so until the transaction ends. */
export async function lockOpenMessages(
  tx: Transaction,
  ids: readonly MessageId[],
): Promise<ReadonlySet<MessageId>> {
  const rows = await tx.query<{ id: MessageId }>({
    name: 'record.lock-open-messages',
    text: `select id from sealpost.message where id = any ($1::uuid[]) and state = 'accepted' order by id for share`,
    values: [ids],
  });
  return new Set(rows.map((row) => row.id));
}

export async function loadDeliveries(tx: Transaction, ids: readonly DeliveryId[]): Promise<DeliveryRow[]> {
  return tx.query<DeliveryRow>({
    name: 'record.load-deliveries',
    text: `select id, message, organisation, recipient, domain, state, attempts, failures
      from sealpost.delivery where id = any ($1::uuid[])`,
    values: [ids],
  });
}

/** Sealed inline contents by message. */
export async function loadContents(
  tx: Transaction,
  ids: readonly MessageId[],
): Promise<ReadonlyMap<MessageId, Buffer>> {
  const rows = await tx.query<{ id: MessageId; sealed: Buffer }>({
    name: 'record.load-contents',
    text: 'select id, sealed from sealpost.message_content where id = any ($1::uuid[])',
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row.sealed]));
}

export interface NoticeRow {
  readonly id: NoticeId;
  readonly organisation: OrganisationId;
  readonly kind: string;
  readonly message: MessageId | null;
  readonly object_key: Buffer;
  readonly recipient: Buffer;
  readonly body: Buffer;
  readonly locale: 'en' | 'es';
  readonly state: string;
  readonly attempts: number;
  readonly give_up_at: Date;
}

export async function loadNotices(tx: Transaction, ids: readonly NoticeId[]): Promise<NoticeRow[]> {
  return tx.query<NoticeRow>({
    name: 'record.load-notices',
    text: `select id, organisation, kind, message, object_key, recipient, body, locale, state, attempts, give_up_at
      from sealpost.notice where id = any ($1::uuid[])`,
    values: [ids],
  });
}
