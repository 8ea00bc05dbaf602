import type { Address } from '#core/address';
import type { MessageId, OrganisationId } from '#core/ids';
import type { Content, Delivery, Message } from '#core/message';
import type { Blobs } from '#platform/blobs';
import type { Database } from '#platform/database';
import type { ObjectKey, Vault } from '#platform/vault';
import type { FreshMessage, FreshRows } from './fresh-rows.ts';
import {
  type DeliveryRow,
  type DueRow,
  loadContents,
  loadDue,
  loadMessages,
  type MessageRow,
} from './load.store.ts';
import type { ClaimedItem } from './queue.store.ts';

/** A message opened once for all its recipients. */
export interface OpenedMessage {
  readonly message: Message;
  readonly key: ObjectKey;
  readonly content: Content;
  readonly contentHash: Buffer;
}

/** A claimed delivery with its message, ready for the stages. */
export interface OpenedDelivery {
  readonly claim: ClaimedItem & { readonly kind: 'delivery' };
  readonly opened: OpenedMessage;
  readonly delivery: Delivery;
}

export interface OpenPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly blobs: Blobs;
  readonly fresh?: FreshRows | null;
}

/** `local@domain` back into its parts; stored addresses were parsed at intake, so the last @ divides. */
export function splitAddress(text: string): Address {
  const at = text.lastIndexOf('@');
  if (at < 1) throw new Error('a stored address has no domain');
  return { local: text.slice(0, at), domain: text.slice(at + 1) };
}

/** Opens a message row. Faults: SealBroken, KeyShredded from the vault. */
export async function openMessageRow(
  vault: Vault,
  row: MessageRow,
): Promise<{ message: Message; key: ObjectKey }> {
  const key = await vault.openObjectKey(row.organisation, row.object_key);
  const bind = (field: string) => ({ organisation: row.organisation, field, row: row.id });
  const message: Message = {
    id: row.id,
    organisation: row.organisation,
    source: row.source,
    stream: row.stream,
    class: row.class,
    priority: row.priority,
    acceptedAt: row.accepted_at,
    dueAt: row.due_at,
    giveUpAt: row.give_up_at,
    portalExpiresAt: row.portal_expires_at,
    policyVersion: row.policy_version,
    sender: splitAddress(vault.openText(key, bind('message.sender'), row.sender)),
    subject: vault.openText(key, bind('message.subject'), row.subject),
    size: row.size,
    messageId: vault.openText(key, bind('message.message-id'), row.message_id),
    inReplyTo: row.in_reply_to,
    state: row.state,
    requireTls: row.require_tls,
    lowered: row.lowered,
    inbound: row.inbound,
  };
  return { message, key };
}

/** Content of a message: inline bytes opened at once, a blob opened chunk by chunk at each reading. */
export function openContent(
  ports: Pick<OpenPorts, 'vault' | 'blobs'>,
  row: Omit<MessageRow, 'state'>,
  key: ObjectKey,
  inline: Buffer | undefined,
): Content {
  const binding = { organisation: row.organisation, field: 'message.content', row: row.id };
  if (row.blob !== null) {
    const blob = row.blob;
    return {
      size: row.size,
      bytes: null,
      open: () => ports.vault.openStream(key, binding, ports.blobs.read(blob)),
    };
  }
  if (inline === undefined) throw new Error('a message has no content');
  const bytes = ports.vault.open(key, binding, inline);
  return { size: row.size, bytes, open: () => once(bytes) };
}

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}

/** Work that did not open. `giveUpAt` is null where not even the row was there. */
export interface Unreadable<Claim> {
  readonly claim: Claim;
  readonly fault: unknown;
  readonly giveUpAt: Date | null;
}

/** What opening a group of claims came to. `unreadable` did not open (or is gone); the others are not held up by it. */
export interface OpenedGroup<Work, Claim> {
  readonly opened: readonly Work[];
  readonly unreadable: readonly Unreadable<Claim>[];
}

type DeliveryClaim = ClaimedItem & { readonly kind: 'delivery' };

/** Opens claimed deliveries of one organisation, each message once. */
export async function openDeliveries(
  ports: OpenPorts,
  organisation: OrganisationId,
  claims: readonly DeliveryClaim[],
): Promise<OpenedGroup<OpenedDelivery, DeliveryClaim>> {
  const { due, messages } = await loadClaimed(ports, organisation, claims);
  const states = new Map(due.map((row) => [row.message, row.message_state]));
  const parents = new Map<string, OpenedMessage | { readonly fault: unknown }>();
  for (const { row, content: inline } of messages) {
    const state = states.get(row.id);
    if (state === undefined) continue;
    try {
      const { message, key } = await openMessageRow(ports.vault, { ...row, state });
      const content = openContent(ports, row, key, inline ?? undefined);
      parents.set(row.id, { message, key, content, contentHash: row.content_hash });
    } catch (fault) {
      parents.set(row.id, { fault });
    }
  }
  const rows = new Map(due.map((row) => [row.id, row]));
  const opened: OpenedDelivery[] = [];
  const giveUp = new Map(messages.map(({ row }) => [row.id, row.give_up_at]));
  const unreadable: Unreadable<DeliveryClaim>[] = [];
  for (const claim of claims) {
    const giveUpAt = giveUp.get(claim.message) ?? null;
    const parent = parents.get(claim.message);
    const row = rows.get(claim.item);
    if (!parent || !row)
      unreadable.push({ claim, giveUpAt, fault: new Error('a queued delivery has no row') });
    else if ('fault' in parent) unreadable.push({ claim, giveUpAt, fault: parent.fault });
    else {
      try {
        opened.push({ claim, opened: parent, delivery: openDeliveryRow(ports.vault, parent.key, row) });
      } catch (fault) {
        unreadable.push({ claim, giveUpAt, fault });
      }
    }
  }
  return { opened, unreadable };
}

/** The rows of claimed deliveries and of their messages: those just accepted from memory, the others from the database. */
async function loadClaimed(
  { database, fresh }: OpenPorts,
  organisation: OrganisationId,
  claims: readonly DeliveryClaim[],
): Promise<{ readonly due: readonly DueRow[]; readonly messages: readonly FreshMessage[] }> {
  const kept: FreshMessage[] = [];
  const missing: MessageId[] = [];
  for (const [id, group] of Map.groupBy(claims, (claim) => claim.message)) {
    const found = fresh?.take(id, group.length);
    if (found?.row.organisation === organisation) kept.push(found);
    else missing.push(id);
  }
  const items = claims.map((claim) => claim.item);
  const [due, rows, contents] = await database.tenant(
    [organisation],
    'worker',
    (tx) =>
      Promise.all([
        loadDue(tx, items),
        missing.length > 0 ? loadMessages(tx, missing) : [],
        missing.length > 0 ? loadContents(tx, missing) : new Map<MessageId, Buffer>(),
      ]),
    'by-key',
  );
  const read = rows.map((row) => ({ row, content: contents.get(row.id) ?? null }));
  return { due, messages: [...kept, ...read] };
}

/** Opens one delivery row under its message's key. */
export function openDeliveryRow(vault: Vault, key: ObjectKey, row: DeliveryRow): Delivery {
  const binding = { organisation: row.organisation, field: 'delivery.recipient', row: row.id };
  return {
    id: row.id,
    message: row.message,
    organisation: row.organisation,
    recipient: splitAddress(vault.openText(key, binding, row.recipient)),
    state: row.state,
    attempts: row.attempts,
  };
}

/** One message by its id, opened without its content; null when it is not there. */
export async function openMessageById(
  ports: Pick<OpenPorts, 'database' | 'vault'>,
  organisation: OrganisationId,
  id: MessageId,
): Promise<Message | null> {
  const [row] = await ports.database.tenant([organisation], 'worker', (tx) => loadMessages(tx, [id]));
  return row ? (await openMessageRow(ports.vault, row)).message : null;
}
