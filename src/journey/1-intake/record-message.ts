import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { auditReferenceBinding } from '#core/audit-reference';
import type { DeliveryId, EventId, MessageId } from '#core/ids';
import { addressIndexForm, decodeWords, newMessageId, searchTerms, type TopHeader } from '#platform/mail';
import { newId } from '#platform/runtime';
import { finalHeader, keepContent, type Opened } from './final-message.ts';
import { readControls } from './message-controls.ts';
import { type Addressee, newMessage } from './new-message.ts';
import type { Accepted, IntakePorts, SubmitOptions } from './ports.ts';
import { requireSending } from './send-access.ts';
import { classAfter, hearTriggers } from './triggers.ts';

/** A message whose envelope and authors are in order. */
export interface Approved {
  readonly caller: Caller;
  readonly sender: Address;
  readonly recipients: readonly Address[];
  readonly opened: Opened;
  readonly top: TopHeader;
}

/** From an approved message to a committed one: seals its content and facts, and records them in one transaction. */
export async function recordMessage<Tx>(
  ports: IntakePorts<Tx>,
  approved: Approved,
  options: SubmitOptions<Tx>,
  maxDelayDays: number,
): Promise<Accepted> {
  const { caller, sender, recipients, opened, top } = approved;
  const { vault, clock, hostName } = ports;
  const { organisation } = caller;
  const now = clock.now();
  const asked = readControls(top.fields, options, now, maxDelayDays);
  requireSending(
    ports,
    caller,
    [sender, ...top.from, ...(top.sender === null ? [] : [top.sender])],
    asked.stream,
  );
  const policy = await ports.policies.current(organisation);
  const id = options.id ?? (newId(clock) as MessageId);
  const messageId = top.messageId ?? newMessageId(ports.hostName);
  const spoken = hearTriggers(decodeWords(top.rawSubject), policy.triggers);
  const { subject } = spoken;
  const triggered = classAfter(
    asked.class,
    spoken,
    policy,
    spoken.lower && ports.hasAccess(caller, 'messages:lower'),
  );
  const controls = { ...asked, class: triggered.class };
  const words = searchTerms({ subject, from: [sender, ...top.from], to: [...recipients, ...top.to] });
  const index = (address: Address): Promise<Buffer> =>
    vault.blindIndex(organisation, 'address', addressIndexForm(address));
  // All that needs a key, asked at once: with warm caches nothing here waits for anything but its turn.
  const [key, senderIndex, terms, addressees, reference] = await Promise.all([
    vault.tryNewObjectKey(organisation, 'message') ?? vault.newObjectKey(organisation, 'message'),
    index(sender),
    vault.blindTerms(organisation, words),
    Promise.all(
      recipients.map(
        async (recipient): Promise<Addressee> => ({
          delivery: newId(clock) as DeliveryId,
          recipient,
          index: await index(recipient),
        }),
      ),
    ),
    vault.sealValue('record', referenceBinding(caller, id), referenceText(sender, recipients)),
  ]);
  await ports.limits.take(organisation, recipients.length);
  const protocol = options.protocol ?? 'HTTPS';
  const written = spoken.stripped > 0 ? subject : null;
  const header = finalHeader(top, { id, messageId, hostName, protocol, now, subject: written });
  const kept = await keepContent(ports, opened, header, key, {
    organisation,
    field: 'message.content',
    row: id,
  });
  const event = newId(clock) as EventId;
  const input = newMessage(
    vault,
    key,
    {
      ...{ id, event, caller, sender, senderIndex, addressees, subject, messageId, controls, policy, kept },
      terms,
      triggers: { effect: triggered.effect, stripped: spoken.stripped },
      reference,
      now,
    },
    options,
  );
  const accepted: Accepted = {
    id,
    deliveries: addressees.map(({ delivery, recipient }) => ({ id: delivery, recipient })),
    acceptedAt: now,
    dueAt: controls.dueAt,
    size: kept.size,
    messageId,
  };
  const { within } = options;
  await ports.record.accept(input, within === undefined ? undefined : (tx) => within(tx, accepted));
  return accepted;
}

function referenceBinding(caller: Caller, id: MessageId) {
  return auditReferenceBinding(caller.organisation, [{ kind: 'message', id }]);
}

/** Who wrote to whom, for the audit log's sealed reference (AU-1). */
function referenceText(sender: Address, recipients: readonly Address[]): string {
  return JSON.stringify({ sender: addressText(sender), recipients: recipients.map(addressText) });
}
