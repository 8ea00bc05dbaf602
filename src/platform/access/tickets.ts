import { createHash } from 'node:crypto';
import type { OrganisationId, SessionId } from '#core/ids';
import { randomToken } from '#platform/runtime';
import { tokenHash } from './installation.ts';
import type { AccessPorts } from './ports.ts';
import { insertTicket, useTicketRow } from './tickets.store.ts';

export interface Ticket {
  /** 256 bit; stored only as a hash. */
  readonly ticket: string;
  readonly expiresAt: Date;
}

const LIFETIME_MS = 45_000;

interface Holder {
  readonly organisation: OrganisationId;
  readonly session: { readonly id: SessionId };
}

/**
 * One-use tickets for what a browser opens by itself, where no script can add a proof: downloads. A ticket is good once,
 * for 45 seconds, for one path and query, with the session that asked for it, and only while that works in the same
 * organisation.
 */
export interface Tickets {
  /** `target` is path and query as they will be requested, without the ticket. */
  issue(holder: Holder, target: string): Promise<Ticket>;
  /** Uses a ticket up; false when it is none, over, used, for another target, or another session's. */
  use(holder: Holder, ticket: string, target: string): Promise<boolean>;
}

const targetHash = (target: string): Buffer => createHash('sha256').update(target).digest();

export function createTickets({ database, clock }: Pick<AccessPorts, 'database' | 'clock'>): Tickets {
  return {
    async issue({ organisation, session }, target) {
      const ticket = randomToken();
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + LIFETIME_MS);
      await database.tenant([organisation], 'app', (tx) =>
        insertTicket(tx, {
          tokenHash: tokenHash(ticket),
          organisation,
          session: session.id,
          targetHash: targetHash(target),
          now,
          expiresAt,
        }),
      );
      return { ticket, expiresAt };
    },
    use: ({ organisation, session }, ticket, target) =>
      database.tenant([organisation], 'app', (tx) =>
        useTicketRow(tx, {
          tokenHash: tokenHash(ticket),
          organisation,
          session: session.id,
          targetHash: targetHash(target),
          now: clock.now(),
        }),
      ),
  };
}
