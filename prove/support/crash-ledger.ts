import type { MessageId, OrganisationId } from '#core/ids';
import { deliveriesOf, messagesById, openMessageRow } from '#platform/record';
import type { Sandbox } from '#sandbox';
import type { Foundation } from '../../src/system/foundation.ts';
import type { AcceptedMessage } from './crash-load.ts';

export interface Ledger {
  /** Message × recipient pairs looked at. */
  readonly deliveries: number;
  /** Not in exactly one final state, or `delivered` and never seen at the peer. */
  readonly lost: number;
  /** In another final state than this recipient leads to; content at a peer that must not have it. */
  readonly unexpected: number;
  /** Sights of a message at a peer beyond the first, over all recipients. */
  readonly duplicates: number;
  /** How many in which state. */
  readonly states: Readonly<Record<string, number>>;
}

/** Compares what was promised with what the record says and with what the peers saw. */
export async function readLedger(
  foundation: Foundation,
  organisation: OrganisationId,
  accepted: readonly AcceptedMessage[],
  sandbox: Sandbox,
  complain: (text: string) => void,
): Promise<Ledger> {
  const sum = { deliveries: 0, lost: 0, unexpected: 0, duplicates: 0 };
  const states: Record<string, number> = {};
  for (const message of accepted) {
    const ends = await endsOf(foundation, organisation, message.id as MessageId);
    for (const [address, expected] of message.recipients) {
      const found = ends.filter((one) => one.to === address);
      const seen = sightings(sandbox, address, message.number);
      const state = found.length === 1 ? (found[0]?.state ?? 'missing') : `${found.length} rows`;
      states[state] = (states[state] ?? 0) + 1;
      sum.deliveries += 1;
      sum.duplicates += Math.max(0, seen - 1);
      const final = state === 'bounced' || state === 'portal-waiting' || (state === 'delivered' && seen > 0);
      const misplaced = final && (state !== expected || (state !== 'delivered' && seen > 0));
      if (!final) sum.lost += 1;
      if (misplaced) sum.unexpected += 1;
      if (!final || misplaced)
        complain(
          `message ${message.number} (${message.via}): ${expected} expected, ${state}, seen ${seen} times`,
        );
    }
  }
  return { ...sum, states };
}

async function endsOf(
  { database, vault }: Foundation,
  organisation: OrganisationId,
  id: MessageId,
): Promise<{ readonly to: string; readonly state: string }[]> {
  return database.tenant([organisation], 'app', async (tx) => {
    const [row] = await messagesById(tx, [id]);
    if (row === undefined) return [];
    const { key } = await openMessageRow(vault, row);
    const rows = await deliveriesOf(tx, [id]);
    return rows.map((one) => ({
      to: vault.openText(key, { organisation, field: 'delivery.recipient', row: one.id }, one.recipient),
      state: one.state,
    }));
  });
}

/** How often a peer took this message for this address. Notices to the same address have another subject. */
function sightings(sandbox: Sandbox, address: string, number: number): number {
  const subject = new RegExp(`^Subject: proof ${number}\\r?$`, 'm');
  return sandbox.mailboxes.messages(address).filter((mail) => subject.test(mail.bytes.toString('latin1')))
    .length;
}
