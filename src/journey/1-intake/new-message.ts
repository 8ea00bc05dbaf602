import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import type { AuditEntry } from '#core/audit-entry';
import type { DeliveryId, EventId, MessageId } from '#core/ids';
import type { Policy } from '#core/policy';
import type { NewMessage } from '#core/ports';
import type { Binding } from '#core/seal';
import type { ObjectKey, Vault } from '#platform/vault';
import type { Kept } from './final-message.ts';
import type { Controls } from './message-controls.ts';
import type { SubmitOptions } from './ports.ts';
import type { Triggered } from './triggers.ts';

const DAY = 86_400_000;

/** A recipient with the id of their delivery and the blind index of their address. */
export interface Addressee {
  readonly delivery: DeliveryId;
  readonly recipient: Address;
  readonly index: Buffer;
}

/** All that is known when a message is about to be recorded. */
export interface Checked {
  readonly id: MessageId;
  readonly event: EventId;
  readonly caller: Caller;
  readonly sender: Address;
  readonly senderIndex: Buffer;
  readonly addressees: readonly Addressee[];
  readonly subject: string;
  readonly messageId: string;
  readonly controls: Controls;
  readonly policy: Pick<Policy, 'version' | 'giveUpDays' | 'portalExpiryDays'>;
  readonly kept: Kept;
  readonly terms: readonly bigint[];
  /** What trigger words of the subject did, and how many were taken out. */
  readonly triggers: { readonly effect: Triggered['effect']; readonly stripped: number };
  /** Sender and recipients, sealed for the audit log. */
  readonly reference: Buffer;
  readonly now: Date;
}

function auditOf(checked: Checked, source: NewMessage['source']): AuditEntry {
  const { caller, controls } = checked;
  return {
    organisation: caller.organisation,
    action: 'message.accepted',
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects: [{ kind: 'message', id: checked.id }],
    details: {
      source,
      class: controls.class,
      stream: controls.stream,
      recipients: checked.addressees.length,
      size: checked.kept.size,
      policyVersion: checked.policy.version,
      ...(checked.triggers.stripped === 0
        ? {}
        : { triggers: checked.triggers.effect, triggersStripped: checked.triggers.stripped }),
    },
    sealedReference: checked.reference,
    request: caller.request,
  };
}

/** Seals what is PHI and puts the message together as its rows hold it. */
export function newMessage<Tx>(
  vault: Pick<Vault, 'seal'>,
  key: ObjectKey,
  checked: Checked,
  options: SubmitOptions<Tx>,
): NewMessage {
  const { id, caller, controls, policy, kept } = checked;
  const { organisation } = caller;
  const seal = (field: string, row: string, plain: string): Buffer => {
    const binding: Binding = { organisation, field, row };
    return vault.seal(key, binding, plain);
  };
  const due = controls.dueAt.getTime();
  return {
    id,
    organisation,
    source: options.source,
    stream: controls.stream,
    class: controls.class,
    priority: controls.priority,
    dueAt: controls.dueAt,
    giveUpAt: new Date(due + policy.giveUpDays * DAY),
    portalExpiresAt: new Date(due + policy.portalExpiryDays * DAY),
    acceptedAt: checked.now,
    policyVersion: policy.version,
    objectKey: key.wrapped,
    sender: seal('message.sender', id, addressText(checked.sender)),
    senderIndex: checked.senderIndex,
    subject: seal('message.subject', id, checked.subject),
    messageIdHeader: seal('message.message-id', id, checked.messageId),
    contentHash: kept.hash,
    size: kept.size,
    content: kept.content,
    inReplyTo: options.inReplyTo ?? null,
    requireTls: options.requireTls ?? false,
    lowered: checked.triggers.effect === 'lowered',
    actor: caller.actor,
    deliveries: checked.addressees.map(({ delivery, recipient, index }) => ({
      id: delivery,
      recipient: seal('delivery.recipient', delivery, addressText(recipient)),
      recipientIndex: index,
      domain: recipient.domain,
    })),
    terms: checked.terms,
    event: { id: checked.event, payload: null, cause: options.cause ?? null },
    audit: auditOf(checked, options.source),
  };
}
