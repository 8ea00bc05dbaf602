import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import type { DeliveryId, EventId, MessageId, OrganisationId } from '#core/ids';
import type { InboundFacts } from '#core/message';
import type { NetworkProfile } from '#core/network';
import type { NewMessage } from '#core/ports';
import {
  addHeaders,
  addressIndexForm,
  decodeWords,
  formatMailDate,
  newMessageId,
  SCAN_LIMITS,
  type ScanLimits,
  searchTerms,
  type TopHeader,
} from '#platform/mail';
import { newId } from '#platform/runtime';
import { keepContent, type Opened, openMessage, refuse } from '../final-message.ts';
import { type Addressee, newMessage } from '../new-message.ts';
import type { IntakePorts } from '../ports.ts';
import { authenticateMail, type MailAuthentication } from './authenticate-mail.ts';

export interface InboundPorts<Tx>
  extends Pick<IntakePorts<Tx>, 'vault' | 'blobs' | 'record' | 'policies' | 'clock' | 'hostName'> {
  readonly network: () => Pick<NetworkProfile, 'resolver'>;
}

/** A message on its way in, with what the session knows of it. */
export interface InboundLetter {
  readonly organisation: OrganisationId;
  /** Null for the null reverse-path. */
  readonly sender: Address | null;
  readonly recipients: readonly Address[];
  readonly peer: {
    readonly address: string;
    readonly helo: string;
    /** Version of TLS on the connection; null for none. */
    readonly tls: string | null;
  };
  /** Public id of the session. */
  readonly request: string;
}

/** Times that a message may have come in here before; the next one is a loop. Two are needed by honest forwarding. */
const MOST_PASSAGES = 2;
const PRIORITY = 50;
const INBOUND_MARK = 'x-sealpost-inbound';

/**
 * Takes a message from outside onto the road: scanned, its sender looked into, sealed, recorded in one transaction;
 * resolves only after the commit is durable. Controls and trigger words are for our own people and are not heard here.
 * Throws Refusal as the submission does.
 */
export async function submitInbound<Tx>(
  ports: InboundPorts<Tx>,
  letter: InboundLetter,
  content: AsyncIterable<Buffer>,
  limits: ScanLimits = SCAN_LIMITS,
): Promise<MessageId> {
  if (!ports.blobs.reserveOk()) throw new Refusal('storage-low');
  const { sender, peer } = letter;
  const handed = { ...peer, sender: sender === null ? '' : addressText(sender) };
  const authentication = authenticateMail(handed, ports.network().resolver, ports.hostName);
  let opened: Opened | null = null;
  try {
    opened = await openMessage(noted(content, authentication), limits);
    const top = topOf(opened);
    if (passages(top, ports.hostName) >= MOST_PASSAGES)
      throw new Refusal('invalid-header', { reason: 'mail-loop' });
    return await record(ports, letter, opened, top, authentication);
  } finally {
    await opened?.rest?.return?.();
    // Ends the look-ups of what was refused, for which nobody waits; of what was recorded they have ended.
    void authentication.end();
  }
}

async function* noted(
  content: AsyncIterable<Buffer>,
  authentication: MailAuthentication,
): AsyncGenerator<Buffer> {
  for await (const piece of content) {
    await authentication.write(piece);
    yield piece;
  }
}

function topOf(opened: Opened): TopHeader {
  if (opened.rest === null) {
    const ended = opened.scanner.end();
    if (!ended.ok) return refuse(ended.problem);
  }
  const { top } = opened.scanner;
  if (top === null) throw new Refusal('invalid-header', { reason: 'no-header' });
  return top;
}

function passages(top: TopHeader, hostName: string): number {
  return top.fields.filter(({ key, value }) => key === INBOUND_MARK && value === hostName).length;
}

async function record<Tx>(
  ports: InboundPorts<Tx>,
  letter: InboundLetter,
  opened: Opened,
  top: TopHeader,
  authentication: MailAuthentication,
): Promise<MessageId> {
  const { vault, clock, hostName } = ports;
  const { organisation, recipients } = letter;
  const now = clock.now();
  const id = newId(clock) as MessageId;
  const messageId = top.messageId ?? newMessageId(hostName);
  const [author] = top.from;
  // A report has no sender in its envelope; whom it names in From is shown in its place, and never answered.
  const sender = letter.sender ?? author;
  if (sender === undefined) throw new Refusal('invalid-header', { reason: 'from-missing' });
  const subject = decodeWords(top.rawSubject);
  const words = searchTerms({ subject, from: [sender, ...top.from], to: [...recipients, ...top.to] });
  const index = (address: Address): Promise<Buffer> =>
    vault.blindIndex(organisation, 'address', addressIndexForm(address));
  const [policy, key, senderIndex, terms, addressees] = await Promise.all([
    ports.policies.current(organisation),
    vault.tryNewObjectKey(organisation, 'message') ?? vault.newObjectKey(organisation, 'message'),
    index(sender),
    vault.blindTerms(organisation, words),
    Promise.all(
      recipients.map(async (recipient): Promise<Addressee> => {
        return { delivery: newId(clock) as DeliveryId, recipient, index: await index(recipient) };
      }),
    ),
  ]);
  const header = addHeaders(top.header, top.fields, {
    messageId,
    date: now,
    received: received(ports, letter, id),
  });
  const binding = { organisation, field: 'message.content', row: id };
  const kept = await keepContent(ports, opened, header, key, binding);
  const verdicts = await authentication.end();
  const facts: InboundFacts = {
    reversePath: letter.sender === null ? 'null' : 'address',
    ...verdicts,
    encrypted: letter.peer.tls !== null,
  };
  const subjects = [{ kind: 'message', id }];
  const reference = await vault.sealValue(
    'record',
    auditReferenceBinding(organisation, subjects),
    JSON.stringify({ sender: addressText(sender), recipients: recipients.map(addressText) }),
  );
  const input = newMessage(
    vault,
    key,
    {
      ...{ id, event: newId(clock) as EventId, caller: callerOf(letter), sender, senderIndex, addressees },
      ...{ subject, messageId, policy, kept, terms, reference, now },
      controls: { class: 'light', stream: 'business', priority: PRIORITY, dueAt: now },
      triggers: { effect: 'none', stripped: 0 },
    },
    { source: 'inbound' },
  );
  await ports.record.accept(withFacts(input, facts));
  return id;
}

function withFacts(input: NewMessage, facts: InboundFacts): NewMessage {
  const { audit } = input;
  const details = { ...audit.details, ...facts };
  return { ...input, inbound: facts, audit: { ...audit, action: 'inbound.received', details } };
}

function callerOf({ organisation, peer, request }: InboundLetter): Caller {
  return {
    organisation,
    actor: { kind: 'system', component: 'inbound' },
    origin: { address: peer.address, channel: 'smtp' },
    permissions: new Set(),
    request,
  };
}

/** RFC 5321 §4.4: who handed it over, and how. What the peer calls itself is its own word: only harmless characters of it. */
function received(
  { hostName, clock }: Pick<InboundPorts<never>, 'hostName' | 'clock'>,
  { peer }: InboundLetter,
  id: MessageId,
): string {
  const helo = peer.helo.replace(/[^A-Za-z0-9.:[\]-]/g, '').slice(0, 200) || 'unknown';
  const address = peer.address.includes(':') ? `IPv6:${peer.address}` : peer.address;
  const how = peer.tls === null ? 'ESMTP' : 'ESMTPS';
  const tls = peer.tls === null ? '' : ` (${peer.tls})`;
  return `from ${helo} ([${address}]) by ${hostName} with ${how}${tls} id ${id}; ${formatMailDate(clock.now())}`;
}
