import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { DeliveryId, EventId, MessageId } from '#core/ids';
import type { MessageSource } from '#core/message';
import {
  addressIndexForm,
  decodeWords,
  newMessageId,
  SCAN_LIMITS,
  searchTerms,
  type TopHeader,
} from '#platform/mail';
import { newId } from '#platform/runtime';
import { finalHeader, keepContent, type Opened, openMessage, refuse } from './final-message.ts';
import { readControls } from './message-controls.ts';
import { type Addressee, newMessage } from './new-message.ts';
import type { Accepted, Envelope, Intake, IntakeLimits, IntakePorts, SubmitOptions } from './ports.ts';

export const INTAKE_LIMITS: IntakeLimits = { ...SCAN_LIMITS, maxRecipients: 500, maxDelayDays: 366 };

/** Recipients without repetitions; which spelling came first stays. */
function distinct(addresses: readonly Address[]): Address[] {
  const byForm = new Map<string, Address>();
  for (const address of addresses) {
    const form = addressIndexForm(address);
    if (!byForm.has(form)) byForm.set(form, address);
  }
  return [...byForm.values()];
}

/** The header of an opened message; one that has ended must have ended well. */
function topOf(opened: Opened): TopHeader {
  if (opened.rest === null) {
    const ended = opened.scanner.end();
    if (!ended.ok) return refuse(ended.problem);
  }
  const { top } = opened.scanner;
  if (top === null) throw new Refusal('invalid-header', { reason: 'no-header' });
  return top;
}

/** Makes the intake use case: the only way onto the road. */
export function createIntake<Tx>(ports: IntakePorts<Tx>, bounds: Partial<IntakeLimits> = {}): Intake<Tx> {
  const limits: IntakeLimits = { ...INTAKE_LIMITS, ...bounds };
  const { vault, clock } = ports;

  const checkReserve = (): void => {
    if (!ports.blobs.reserveOk()) throw new Refusal('storage-low');
  };

  const checkRecipient = (recipient: Address): void => {
    if (!ports.network().mayRoute(recipient.domain)) throw new Refusal('sandbox-domain-only');
  };

  const checkSender = async (caller: Caller, source: MessageSource, sender: Address): Promise<void> => {
    if (!(await ports.senders.mayUse(caller, source, sender))) throw new Refusal('sender-not-allowed');
  };

  const checkRecipients = (given: readonly Address[]): Address[] => {
    const recipients = distinct(given);
    if (recipients.length === 0) throw new Refusal('invalid', { field: 'recipients' });
    if (recipients.length > limits.maxRecipients)
      throw new Refusal('too-many-recipients', { most: limits.maxRecipients });
    for (const recipient of recipients) checkRecipient(recipient);
    return recipients;
  };

  /** Every author and the Sender must be the caller's to use; each is asked once. */
  const checkAuthors = async (
    caller: Caller,
    source: MessageSource,
    sender: Address,
    top: TopHeader,
  ): Promise<void> => {
    const claimed = distinct([sender, ...top.from, ...(top.sender === null ? [] : [top.sender])]);
    await Promise.all(claimed.map((address) => checkSender(caller, source, address)));
  };

  /** From an opened message to a committed one. */
  const record = async (
    caller: Caller,
    sender: Address,
    recipients: readonly Address[],
    opened: Opened,
    options: SubmitOptions<Tx>,
  ): Promise<Accepted> => {
    const top = topOf(opened);
    await checkAuthors(caller, options.source, sender, top);

    const { organisation } = caller;
    const now = clock.now();
    const controls = readControls(top.fields, options, now, limits.maxDelayDays);
    const id = options.id ?? (newId(clock) as MessageId);
    const messageId = top.messageId ?? newMessageId(ports.hostName);
    const subject = decodeWords(top.rawSubject);
    const words = searchTerms({ subject, from: [sender, ...top.from], to: [...recipients, ...top.to] });
    const index = (address: Address): Promise<Buffer> =>
      vault.blindIndex(organisation, 'address', addressIndexForm(address));
    // All that needs a key, asked at once: with warm caches nothing here waits for anything but its turn.
    const [policy, key, senderIndex, terms, addressees] = await Promise.all([
      ports.policies.current(organisation),
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
    ]);
    await ports.limits.take(organisation, recipients.length);
    const { hostName } = ports;
    const header = finalHeader(top, { id, messageId, hostName, protocol: options.protocol ?? 'HTTPS', now });
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
  };

  const submit = async (
    caller: Caller,
    envelope: Envelope,
    content: Buffer | AsyncIterable<Buffer>,
    options: SubmitOptions<Tx>,
  ): Promise<Accepted> => {
    ports.requireAccess(caller, 'messages:send');
    checkReserve();
    const { sender } = envelope;
    const recipients = checkRecipients(envelope.recipients);
    const opened = await openMessage(content, limits);
    try {
      return await record(caller, sender, recipients, opened, options);
    } finally {
      // Whoever sends is let go of, also when the rest is not wanted any more.
      await opened.rest?.return?.();
    }
  };

  return { limits, submit, checkSender, checkRecipient, checkReserve };
}
