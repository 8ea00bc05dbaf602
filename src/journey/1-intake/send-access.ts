import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { Stream } from '#core/method';
import { addressIndexForm } from '#platform/mail';
import type { IntakePorts } from './ports.ts';

type Doors = Pick<IntakePorts<unknown>, 'accessScopes' | 'hasAccess'>;

/** Before anything is read: whether this caller may send at all. Refusal `not-permitted`. */
export function requireSomeSending({ accessScopes }: Pick<Doors, 'accessScopes'>, caller: Caller): void {
  if (accessScopes(caller, 'messages:send').length === 0) refuse();
}

/**
 * Whether this caller may send as all these authors in this stream. Held for the stream it counts whoever the author is;
 * held for mailboxes, everybody whom the message names as its author must be one. Refusal `not-permitted`.
 */
export function requireSending(
  { hasAccess }: Pick<Doors, 'hasAccess'>,
  caller: Caller,
  authors: readonly Address[],
  stream: Stream,
): void {
  if (hasAccess(caller, 'messages:send', { kind: 'stream', id: stream })) return;
  const mine = (address: Address): boolean =>
    hasAccess(caller, 'messages:send', { kind: 'mailbox', id: addressIndexForm(address) });
  if (!authors.every(mine)) refuse();
}

function refuse(): never {
  throw new Refusal('not-permitted', { permission: 'messages:send' });
}
