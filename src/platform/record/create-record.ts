import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { MessageState } from '#core/message';
import type { MessageRecordPort } from '#core/ports';
import type { Transaction } from '#platform/database';
import { abandonWork } from './abandon.ts';
import { createAccept } from './accept-messages.ts';
import { commitNotices, openNotices } from './commit-notices.ts';
import { commitOutcomes } from './commit-outcomes.ts';
import { deliveryExpired, deliveryRead, deliveryUnread } from './delivery-read.ts';
import { deliveryUnproved } from './delivery-unproved.ts';
import { sequenceEvents } from './event.store.ts';
import { FreshRows } from './fresh-rows.ts';
import { loadMessageState } from './load.store.ts';
import { openDeliveries } from './open-work.ts';
import type { DeliveryOutcome, NewNotice, NoticeOutcome } from './outcome.ts';
import {
  type ClaimedItem,
  type ClaimRequest,
  claimDue,
  extendLeases,
  queueDepth,
  requeue,
} from './queue.store.ts';
import type { RecordPorts } from './record-ports.ts';
import { writeNotices } from './write-notices.ts';

type Held = { readonly item: string; readonly fence: number };

/**
 * The message record: the only reader and writer of messages, deliveries, attempts, notices, queue, events and
 * proofs. Everything it returns is opened in memory; everything it writes is sealed.
 */
export interface MessageRecord extends MessageRecordPort<Transaction> {
  claim(request: ClaimRequest): Promise<ClaimedItem[]>;
  /** Returns the items that are still this worker's. */
  extendLeases(
    organisation: OrganisationId,
    items: readonly Held[],
    leaseSeconds: number,
  ): Promise<ReadonlySet<string>>;
  /** Ends work that cannot be read and whose time is over: an explicit non-delivery. */
  abandon(organisation: OrganisationId, claims: readonly ClaimedItem[]): Promise<void>;
  /** Puts work back for later without an outcome (it could not be opened); nothing is lost, the fence still counts. */
  postpone(organisation: OrganisationId, items: readonly Held[], until: Date): Promise<void>;
  openDeliveries: (
    organisation: OrganisationId,
    claims: readonly (ClaimedItem & { readonly kind: 'delivery' })[],
  ) => ReturnType<typeof openDeliveries>;
  openNotices: (
    organisation: OrganisationId,
    claims: readonly (ClaimedItem & { readonly kind: 'notice' })[],
  ) => ReturnType<typeof openNotices>;
  commitOutcomes(organisation: OrganisationId, outcomes: readonly DeliveryOutcome[]): Promise<number>;
  commitNotices(organisation: OrganisationId, outcomes: readonly NoticeOutcome[]): Promise<void>;
  /** How the message stands now; null when it is not there. */
  messageState(organisation: OrganisationId, message: MessageId): Promise<MessageState | null>;
  /** Nobody opened the portal copy for some days: lines up the report to the sender, in the caller's transaction. */
  deliveryUnread(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    at: Date,
  ): Promise<void>;
  /** A recipient cannot prove enough to open the copy: lines up the notice to the sender, in the caller's transaction. */
  deliveryUnproved(
    tx: Transaction,
    delivery: DeliveryId,
    reason: 'locked' | 'unprovable',
    at: Date,
  ): Promise<void>;
  /** Content-free mail, queued in the caller's transaction. */
  sendNotice(tx: Transaction, notice: NewNotice): Promise<void>;
  deliveryRead(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    at: Date,
    by?: 'recipient' | 'caregiver',
  ): Promise<void>;
  deliveryExpired(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    at: Date,
  ): Promise<void>;
  /** Places new events in their organisation's order. Returns how many. */
  sequenceEvents(): Promise<number>;
  /** Depth of the queue over all organisations: numbers only. */
  queueDepth(): Promise<readonly { kind: string; due: number; waiting: number }[]>;
  /** Called after each commit that put something on the queue, so that a worker in this process wakes at once. */
  onDue(listener: () => void): void;
}

export function createRecord(ports: RecordPorts): MessageRecord {
  const listeners: (() => void)[] = [];
  const wake = () => {
    for (const listener of listeners) listener();
  };
  const { database } = ports;
  const fresh = ports.keepFresh ? new FreshRows() : null;
  return {
    accept: createAccept(ports, fresh, wake),
    claim: (request) => database.system('worker', (tx) => claimDue(tx, request), 'by-key'),
    extendLeases: (organisation, items, seconds) =>
      database.tenant([organisation], 'worker', (tx) => extendLeases(tx, items, seconds)),
    abandon: (organisation, claims) => abandonWork(ports, organisation, claims),
    async postpone(organisation, items, until) {
      await database.tenant([organisation], 'worker', (tx) =>
        requeue(
          tx,
          items.map(({ item, fence }) => ({ item, fence, dueAt: until })),
        ),
      );
    },
    openDeliveries: (organisation, claims) => openDeliveries({ ...ports, fresh }, organisation, claims),
    openNotices: (organisation, claims) => openNotices(ports, organisation, claims),
    async commitOutcomes(organisation, outcomes) {
      const written = await commitOutcomes(ports, organisation, outcomes);
      if (outcomes.some((one) => one.notices.length > 0 || one.portal !== null)) wake();
      return written;
    },
    async commitNotices(organisation, outcomes) {
      await commitNotices(ports, organisation, outcomes);
      if (outcomes.some((one) => one.undeliverable !== null)) wake();
    },
    messageState: (organisation, message) =>
      database.tenant([organisation], 'worker', (tx) => loadMessageState(tx, message), 'by-key'),
    async sendNotice(tx, notice) {
      await writeNotices(ports, tx, [notice], ports.clock.now());
      tx.afterCommit(wake);
    },
    async deliveryRead(tx, organisation, delivery, at, by = 'recipient') {
      await deliveryRead(ports, tx, organisation, delivery, at, by);
      tx.afterCommit(wake);
    },
    deliveryUnread: (tx, _organisation, delivery, at) => deliveryUnread(ports, tx, delivery, at),
    async deliveryUnproved(tx, delivery, reason, at) {
      await deliveryUnproved(ports, tx, delivery, reason, at);
      tx.afterCommit(wake);
    },
    async deliveryExpired(tx, organisation, delivery, at) {
      await deliveryExpired(ports, tx, organisation, delivery, at);
      tx.afterCommit(wake);
    },
    sequenceEvents: () => database.system('worker', sequenceEvents, 'by-key'),
    queueDepth: () => database.system('worker', queueDepth),
    onDue: (listener) => {
      listeners.push(listener);
    },
  };
}
