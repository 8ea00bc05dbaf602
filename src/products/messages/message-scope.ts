import type { Caller, Permission, Scope } from '#core/actor';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import { accessScopes, hasAccess } from '#platform/access';
import type { Transaction } from '#platform/database';
import { addressIndexForm, parseAddress } from '#platform/mail';
import { messagesFrom } from '#platform/record';
import type { MessagePorts } from './ports.ts';
import type { ShownMessage } from './read-messages.ts';

// Rights over messages that are held for single mailboxes only. A message belongs to the mailbox that sent it, and a reply
// from the portal to that of the message it answers.

type Vault = Pick<MessagePorts['vault'], 'blindIndex'>;

const mailbox = (address: Address): Scope => ({ kind: 'mailbox', id: addressIndexForm(address) });

/** Blind indexes of the senders whose messages the caller may see; null: everybody's. None where the right is for other things. */
export async function sendersFor(
  { vault }: { readonly vault: Vault },
  caller: Caller,
  permission: Permission,
): Promise<readonly Buffer[] | null> {
  const scopes = accessScopes(caller, permission);
  if (scopes === 'everywhere') return null;
  const mailboxes = scopes.filter(({ kind }) => kind === 'mailbox');
  return Promise.all(mailboxes.map(({ id }) => vault.blindIndex(caller.organisation, 'address', id)));
}

/** A recipient as recipients are indexed; the text as it is where it cannot be read, which then nobody cares for. */
function indexForm(text: string): string {
  const address = parseAddress(text);
  return address === null ? text : addressIndexForm(address);
}

/** Whether the caller holds the right for this very message. */
export async function holdsFor(
  ports: { readonly vault: Vault },
  tx: Transaction,
  caller: Caller,
  permission: Permission,
  { message, row }: Pick<ShownMessage, 'message' | 'row'>,
): Promise<boolean> {
  if (hasAccess(caller, permission, mailbox(message.sender))) return true;
  if (row.in_reply_to === null) return false;
  const senders = await sendersFor(ports, caller, permission);
  return senders === null || (await messagesFrom(tx, [row.in_reply_to], senders)).has(row.in_reply_to);
}

/** Refusal `not-found` for a message of another mailbox: as if it did not exist. */
export async function requireMessage(
  ports: { readonly vault: Vault },
  tx: Transaction,
  caller: Caller,
  permission: Permission,
  shown: Pick<ShownMessage, 'message' | 'row'>,
): Promise<void> {
  if (!(await holdsFor(ports, tx, caller, permission, shown))) throw new Refusal('not-found');
}

/** The right to read content, which may hang on a care relationship. Refusals `not-found`, `not-permitted` with its reason. */
export async function requireContent(
  ports: { readonly vault: Vault } & Pick<MessagePorts, 'requireCare'>,
  tx: Transaction,
  caller: Caller,
  shown: ShownMessage,
): Promise<void> {
  if (await holdsFor(ports, tx, caller, 'messages:read-content', shown)) return;
  const { message, row, writer, deliveries } = shown;
  const outside = row.source === 'inbound' ? message.sender : writer;
  await ports.requireCare(tx, caller, {
    actor: row.actor,
    sender: message.sender,
    addresses: [
      ...deliveries.map(({ to }) => indexForm(to)),
      ...(outside === null ? [] : [addressIndexForm(outside)]),
    ],
  });
}
