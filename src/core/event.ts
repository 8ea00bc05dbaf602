import type { Actor } from './actor.ts';
import type { DeliveryId, EventId, MessageId, OrganisationId } from './ids.ts';

/** Something that happened, in past tense. Consumers read in the sequencer's order, never by id. */
export type EventType =
  | 'message.accepted'
  | 'message.cancelled'
  | 'message.retracted'
  | 'delivery.decided'
  | 'delivery.deferred'
  | 'delivery.delivered'
  | 'delivery.portal-waiting'
  | 'delivery.portal-read'
  | 'delivery.bounced'
  | 'delivery.expired'
  | 'delivery.not-delivered'
  | 'delivery.text-sent'
  | 'delivery.text-failed'
  | 'delivery.fallback-used'
  | 'delivery.letter-written'
  | 'portal.replied'
  | 'inbound.received'
  | 'inbound.opened'
  | 'inbound.left-sealed'
  | 'inbound.handed-on'
  | 'policy.changed'
  | 'policy.proposed'
  | 'policy.proposal-approved'
  | 'policy.proposal-rejected'
  | 'policy.proposal-withdrawn'
  | 'recipient-key.changed'
  | 'recipient-key.change-held'
  | 'organisation-key.changed'
  | 'organisation-key.extension-failed';

/** The envelope of every event. `payload` is sealed at rest. */
export interface DomainEvent {
  readonly id: EventId;
  readonly organisation: OrganisationId;
  readonly type: EventType;
  /** Version of the payload's shape. */
  readonly version: number;
  readonly subjects: readonly Subject[];
  readonly actor: Actor;
  /** The event or request that led to this one. */
  readonly cause: string | null;
  readonly occurredAt: Date;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type Subject =
  | { readonly kind: 'message'; readonly id: MessageId }
  | { readonly kind: 'delivery'; readonly id: DeliveryId }
  | { readonly kind: 'policy'; readonly id: string }
  | { readonly kind: 'policy-proposal'; readonly id: string }
  | { readonly kind: 'recipient-key'; readonly id: string }
  | { readonly kind: 'organisation-key'; readonly id: string };
