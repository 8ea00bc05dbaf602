// Room: the message record. In: sealed messages from intake, outcomes from the conveyor; out: opened work, views for
// people, events in order. Owns message, message_content, delivery, attempt, message_term, notice, queue, event*,
// proof. Fails as a whole: each function is one transaction, or part of its caller's.

export type { OpenedNotice } from './commit-notices.ts';
export { createRecord, type MessageRecord } from './create-record.ts';
export {
  eventsAfter,
  lastSequence,
  messageEventsAfter,
  type OrderedEventRow,
} from './event.store.ts';
export { loadContents } from './load.store.ts';
export {
  type OpenedDelivery,
  type OpenedMessage,
  openContent,
  openMessageById,
  openMessageRow,
  type Unreadable,
} from './open-work.ts';
export { type EventRow, insertEvents } from './outcome.store.ts';
export type {
  AttemptRecord,
  DeliveryOutcome,
  NewNotice,
  NoticeOutcome,
  OutcomeEvent,
} from './outcome.ts';
export {
  type AttemptViewRow,
  attemptsOf,
  attentionCounts,
  closeMessage,
  type DeliveryViewRow,
  deliveriesOf,
  deliveryById,
  latestProof,
  listMessages,
  type MessageListFilter,
  type MessageListRow,
  messagesById,
  messagesFrom,
  methodCounts,
  moveDeliveries,
  type ProofViewRow,
  repliesTo,
  searchMessageIds,
} from './query.store.ts';
export { type ClaimedItem, type ClaimRequest, cancelPortalNotices, cancelQueued } from './queue.store.ts';
export type { ProofSigner, RecordPorts } from './record-ports.ts';
export { sweepUsage, takeFromHour } from './usage.store.ts';
