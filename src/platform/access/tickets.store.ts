import type { OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';

interface TicketKey {
  readonly tokenHash: Buffer;
  readonly organisation: OrganisationId;
  readonly session: SessionId;
  readonly targetHash: Buffer;
  readonly now: Date;
}

/** Stores a ticket, and removes the organisation's that are over. */
export async function insertTicket(
  tx: Transaction,
  row: TicketKey & { readonly expiresAt: Date },
): Promise<void> {
  await tx.execute({
    name: 'session-ticket.sweep',
    text: 'delete from sealpost.session_ticket where organisation = $1 and expires_at <= $2',
    values: [row.organisation, row.now],
  });
  await tx.execute({
    name: 'session-ticket.insert',
    text: `insert into sealpost.session_ticket (token_hash, organisation, session, target_hash, expires_at)
           values ($1, $2, $3, $4, $5)`,
    values: [row.tokenHash, row.organisation, row.session, row.targetHash, row.expiresAt],
  });
}

/** Removes the ticket, whatever it was for; true when it was for this session and target and not over. */
export async function useTicketRow(tx: Transaction, key: TicketKey): Promise<boolean> {
  const row = await tx.maybe<{ good: boolean }>({
    name: 'session-ticket.use',
    text: `delete from sealpost.session_ticket where organisation = $1 and token_hash = $2
           returning session = $3 and target_hash = $4 and expires_at > $5 as good`,
    values: [key.organisation, key.tokenHash, key.session, key.targetHash, key.now],
  });
  return row?.good === true;
}
