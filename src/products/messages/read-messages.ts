import type { Caller, Permission } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { Refusal } from '#core/errors';
import type { DeliveryId, MessageId, PortalPersonId } from '#core/ids';
import type { DeliveryState, Message } from '#core/message';
import type { Method } from '#core/method';
import type { Transaction } from '#platform/database';
import {
  addressTerm,
  domainTerm,
  parseAddress,
  type ReadMessage,
  readMessage,
  searchWords,
} from '#platform/mail';
import {
  type AttemptViewRow,
  attemptsOf,
  type DeliveryViewRow,
  deliveriesOf,
  deliveryById,
  listMessages,
  loadContents,
  type MessageListRow,
  messagesById,
  messagesFrom,
  openContent,
  openMessageRow,
  repliesTo,
  searchMessageIds,
} from '#platform/record';
import { idFloor } from '#platform/runtime';
import type { ObjectKey } from '#platform/vault';
import { requireContent, requireMessage, sendersFor } from './message-scope.ts';
import type { FollowUp, MessagePorts, PortalView } from './ports.ts';
import { recordAccess } from './record-access.ts';

/** A message with its deliveries, opened for showing. */
export interface ShownMessage {
  readonly message: Message;
  readonly row: MessageListRow;
  readonly key: ObjectKey;
  readonly deliveries: readonly ShownDelivery[];
  /** Who wrote it through the portal: its envelope sender is the portal's own address. */
  readonly writer: Address | null;
}

export interface ShownDelivery {
  readonly row: DeliveryViewRow;
  readonly to: string;
}

export interface DeliveryWithHistory extends ShownDelivery {
  readonly attempts: readonly { readonly row: AttemptViewRow; readonly replyText: string | null }[];
  readonly portal: PortalView | null;
  readonly followUps: readonly FollowUp[];
}

/** What a list or a search is narrowed to. State, attempts and method must be true of one and the same delivery. */
export interface ListFilter {
  readonly states: readonly DeliveryState[] | null;
  /** Only deliveries that were tried before. */
  readonly tried: boolean;
  readonly method: Method | 'none' | null;
  /** Whether it came from outside. */
  readonly direction: 'in' | 'out' | null;
  /** Messages whose submission began at or after this time. */
  readonly since: Date | null;
  /** Messages whose submission began before this time. */
  readonly until: Date | null;
}

export const EVERY_MESSAGE: ListFilter = {
  states: null,
  tried: false,
  method: null,
  direction: null,
  since: null,
  until: null,
};

export interface SearchTerms {
  readonly text: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

const SEARCH_ROUNDS = 10;
const LEAST_ID = '00000000-0000-0000-0000-000000000000';
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The stretch of ids that a page is taken from: a message's id begins with the time of its submission. */
function stretchOf(filter: ListFilter, position: MessageId | null): { from: string; before: string } {
  const until = filter.until === null ? HIGHEST_ID : idFloor(filter.until);
  const from = filter.since === null ? LEAST_ID : idFloor(filter.since);
  return { from, before: position === null || position > until ? until : position };
}

async function show(
  ports: MessagePorts,
  tx: Transaction,
  rows: readonly MessageListRow[],
): Promise<ShownMessage[]> {
  const deliveries = await deliveriesOf(
    tx,
    rows.map((row) => row.id),
  );
  const writers = await writersOf(ports, tx, rows);
  return Promise.all(
    rows.map(async (row) => {
      const { message, key } = await openMessageRow(ports.vault, row);
      const own = deliveries.filter((one) => one.message === row.id);
      return {
        message,
        row,
        key,
        deliveries: own.map((one) => showDelivery(ports, key, one)),
        writer: writers.get(row.id) ?? null,
      };
    }),
  );
}

/** The people behind messages that came through the portal, by message. */
async function writersOf(
  ports: MessagePorts,
  tx: Transaction,
  rows: readonly MessageListRow[],
): Promise<ReadonlyMap<MessageId, Address>> {
  const people = new Map<MessageId, PortalPersonId>();
  for (const { id, source, actor } of rows)
    if (source === 'portal' && actor.kind === 'recipient') people.set(id, actor.person);
  const [first] = rows;
  if (first === undefined || people.size === 0) return new Map();
  const known = await ports.portalWriters(tx, first.organisation, [...new Set(people.values())]);
  return new Map(
    [...people].flatMap(([id, person]) => {
      const address = known.get(person);
      return address === undefined ? [] : [[id, address] as const];
    }),
  );
}

function showDelivery(ports: MessagePorts, key: ObjectKey, row: DeliveryViewRow): ShownDelivery {
  const binding = { organisation: row.organisation, field: 'delivery.recipient', row: row.id };
  return { row, to: ports.vault.openText(key, binding, row.recipient) };
}

/** A page of messages, newest first, one more than `limit` when there are more. */
export async function readList(
  ports: MessagePorts,
  caller: Caller,
  filter: ListFilter,
  position: MessageId | null,
  limit: number,
): Promise<ShownMessage[]> {
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const { states, tried, method, direction } = filter;
    const senders = await sendersFor(ports, caller, 'messages:read');
    const wanted = { states, tried, method, direction, senders, ...stretchOf(filter, position) };
    const rows = await listMessages(tx, caller.organisation, wanted, limit + 1);
    // The page shows subjects and addresses: whose, is on record.
    const subjects = rows.slice(0, limit).map((row) => ({ kind: 'message', id: row.id }));
    await recordAccess(ports, tx, caller, 'messages.listed', subjects, { count: subjects.length });
    return show(ports, tx, rows);
  });
}

/** A page of hits, one more than the limit when there are more, and where the search stopped looking before its end. */
export interface SearchPage {
  readonly shown: readonly ShownMessage[];
  readonly stoppedAt: MessageId | null;
}

/**
 * Messages whose indexed words include all that is asked for; state and method are checked on the hits. A rare one among many
 * hits may end a page early: `stoppedAt` says where the next one goes on, so that nothing is left out.
 */
export async function searchMessages(
  ports: MessagePorts,
  caller: Caller,
  terms: SearchTerms,
  filter: ListFilter,
  position: MessageId | null,
  limit: number,
): Promise<SearchPage> {
  const words = searchTermsOf(terms);
  if (words.length === 0) {
    return { shown: await readList(ports, caller, filter, position, limit), stoppedAt: null };
  }
  const senders = await sendersFor(ports, caller, 'messages:read');
  const hashes = await ports.vault.blindTerms(caller.organisation, words);
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const found: ShownMessage[] = [];
    const { from, before } = stretchOf(filter, position);
    let at = before as MessageId;
    let exhausted = false;
    for (let round = 0; round < SEARCH_ROUNDS && found.length <= limit; round += 1) {
      const ids = await searchMessageIds(tx, caller.organisation, hashes, at, limit + 1);
      const inside = ids.filter((id) => id >= from);
      const mine = senders === null ? inside : [...(await messagesFrom(tx, inside, senders))];
      const shown = await show(ports, tx, await messagesById(tx, mine));
      found.push(...shown.filter((one) => fits(one, filter)));
      at = ids.at(-1) ?? at;
      exhausted = ids.length <= limit || inside.length < ids.length;
      if (exhausted) break;
    }
    const subjects = found.slice(0, limit).map((one) => ({ kind: 'message', id: one.message.id }));
    await recordAccess(ports, tx, caller, 'messages.searched', subjects, { count: subjects.length });
    return { shown: found.slice(0, limit + 1), stoppedAt: exhausted ? null : at };
  });
}

function fits(shown: ShownMessage, { states, tried, method, direction }: ListFilter): boolean {
  if (direction !== null && (shown.message.source === 'inbound') !== (direction === 'in')) return false;
  if (states === null && method === null) return true;
  return shown.deliveries.some(
    ({ row }) =>
      (states === null || states.includes(row.state)) &&
      (method === null || row.method === method) &&
      (!tried || row.attempts > 0),
  );
}

function searchTermsOf(terms: SearchTerms): string[] {
  const words = terms.text === null ? [] : searchWords(terms.text);
  for (const role of ['from', 'to'] as const) {
    const asked = terms[role]?.trim();
    if (!asked) continue;
    const address = parseAddress(asked);
    if (address) words.push(addressTerm(role, address));
    else if (/^@?[^@\s]+\.[^@\s]+$/u.test(asked))
      words.push(domainTerm(role, asked.replace(/^@/, '').toLowerCase()));
    else words.push(...searchWords(asked));
  }
  return [...new Set(words)];
}

export interface MessageView extends ShownMessage {
  readonly history: readonly DeliveryWithHistory[];
  readonly replies: readonly ShownMessage[];
}

/** One message with everything that happened to it. Refusal `not-found` also for another organisation's id. */
export async function readMessageView(
  ports: MessagePorts,
  caller: Caller,
  id: MessageId,
): Promise<MessageView> {
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const shown = await findMessage(ports, tx, caller, 'messages:read', id);
    const replies = await show(ports, tx, await repliesTo(tx, caller.organisation, id));
    await recordAccess(ports, tx, caller, 'message.viewed', [{ kind: 'message', id }], {});
    return { ...shown, history: await histories(ports, tx, caller, shown.key, shown.deliveries), replies };
  });
}

/** Refusal `not-found` for what is not there, and for what the caller holds this right not for. */
export async function findMessage(
  ports: MessagePorts,
  tx: Transaction,
  caller: Caller,
  permission: Permission,
  id: MessageId,
): Promise<ShownMessage> {
  const shown = await openMessage(ports, tx, id);
  await requireMessage(ports, tx, caller, permission, shown);
  return shown;
}

async function openMessage(ports: MessagePorts, tx: Transaction, id: MessageId): Promise<ShownMessage> {
  const [shown] = await show(ports, tx, await messagesById(tx, [id]));
  if (!shown) throw new Refusal('not-found');
  return shown;
}

async function histories(
  ports: MessagePorts,
  tx: Transaction,
  caller: Caller,
  key: ObjectKey,
  deliveries: readonly ShownDelivery[],
): Promise<DeliveryWithHistory[]> {
  const ids = deliveries.map((one) => one.row.id);
  const [attempts, portal, followUps] = await Promise.all([
    attemptsOf(tx, ids),
    ports.portalViews(tx, caller.organisation, ids),
    ports.followUps(tx, caller.organisation, ids),
  ]);
  return deliveries.map((one) => ({
    ...one,
    attempts: attempts
      .filter((attempt) => attempt.delivery === one.row.id)
      .map((row) => ({ row, replyText: openReply(ports, caller, key, row) })),
    portal: portal.find((view) => view.delivery === one.row.id) ?? null,
    followUps: followUps.filter(({ delivery }) => delivery === one.row.id),
  }));
}

function openReply(ports: MessagePorts, caller: Caller, key: ObjectKey, row: AttemptViewRow): string | null {
  if (row.reply_text === null) return null;
  const binding = { organisation: caller.organisation, field: 'attempt.reply', row: row.id };
  return ports.vault.openText(key, binding, row.reply_text);
}

/** One delivery with its attempts. */
export async function readDelivery(
  ports: MessagePorts,
  caller: Caller,
  id: DeliveryId,
): Promise<DeliveryWithHistory> {
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const row = await deliveryById(tx, id);
    if (!row) throw new Refusal('not-found');
    const shown = await findMessage(ports, tx, caller, 'messages:read', row.message);
    const own = shown.deliveries.filter((one) => one.row.id === id);
    const [delivery] = await histories(ports, tx, caller, shown.key, own);
    if (!delivery) throw new Refusal('not-found');
    await recordAccess(ports, tx, caller, 'delivery.viewed', [{ kind: 'delivery', id }], {});
    return delivery;
  });
}

/**
 * The decoded content, for those who may read it. The access is on record, durably, before the content is opened: also
 * where it then turns out not to be readable. Opening takes no database connection.
 */
export async function readMessageContent(
  ports: MessagePorts,
  caller: Caller,
  id: MessageId,
  purpose:
    | { readonly action: 'message.content-read' }
    | { readonly action: 'message.attachment-read'; readonly index: number },
): Promise<{ readonly shown: ShownMessage; readonly read: ReadMessage }> {
  const { action, ...details } = purpose;
  const { shown, inline } = await ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const found = await openMessage(ports, tx, id);
    await requireContent(ports, tx, caller, found);
    const contents = await loadContents(tx, [id]);
    await recordAccess(ports, tx, caller, action, [{ kind: 'message', id }], details);
    return { shown: found, inline: contents.get(id) };
  });
  const content = openContent(ports, shown.row, shown.key, inline);
  const chunks: Buffer[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  return { shown, read: await readMessage(Buffer.concat(chunks)) };
}

/** `local@domain` of a message's envelope sender. */
export function senderText({ message, writer }: Pick<ShownMessage, 'message' | 'writer'>): string {
  return addressText(writer ?? message.sender);
}
