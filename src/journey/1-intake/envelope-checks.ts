import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { MessageSource } from '#core/message';
import { addressIndexForm, type TopHeader } from '#platform/mail';
import type { IntakeLimits, IntakePorts } from './ports.ts';

/** Addresses without repetitions; which spelling came first stays. */
function distinct(addresses: readonly Address[]): Address[] {
  const byForm = new Map<string, Address>();
  for (const address of addresses) {
    const form = addressIndexForm(address);
    if (!byForm.has(form)) byForm.set(form, address);
  }
  return [...byForm.values()];
}

/** What is asked of an envelope and its authors before anything is kept. Each throws the Refusal that fits. */
export interface Checks {
  checkReserve(): void;
  checkRecipient(recipient: Address): void;
  /** The recipients without repetitions. */
  checkRecipients(given: readonly Address[]): Address[];
  checkSender(caller: Caller, source: MessageSource, sender: Address): Promise<void>;
  /** Every author and the Sender must be the caller's to use; each is asked once. */
  checkAuthors(caller: Caller, source: MessageSource, sender: Address, top: TopHeader): Promise<void>;
}

export function createChecks<Tx>(
  ports: Pick<IntakePorts<Tx>, 'blobs' | 'network' | 'senders'>,
  limits: IntakeLimits,
): Checks {
  const checkRecipient = (recipient: Address): void => {
    if (!ports.network().mayRoute(recipient.domain)) throw new Refusal('sandbox-domain-only');
  };
  const checkSender = async (caller: Caller, source: MessageSource, sender: Address): Promise<void> => {
    if (!(await ports.senders.mayUse(caller, source, sender))) throw new Refusal('sender-not-allowed');
  };
  return {
    checkRecipient,
    checkSender,
    checkReserve: () => {
      if (!ports.blobs.reserveOk()) throw new Refusal('storage-low');
    },
    checkRecipients: (given) => {
      const recipients = distinct(given);
      if (recipients.length === 0) throw new Refusal('invalid', { field: 'recipients' });
      if (recipients.length > limits.maxRecipients)
        throw new Refusal('too-many-recipients', { most: limits.maxRecipients });
      for (const recipient of recipients) checkRecipient(recipient);
      return recipients;
    },
    checkAuthors: async (caller, source, sender, top) => {
      const claimed = distinct([sender, ...top.from, ...(top.sender === null ? [] : [top.sender])]);
      await Promise.all(claimed.map((address) => checkSender(caller, source, address)));
    },
  };
}
