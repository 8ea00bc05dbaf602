import type { Caller } from '#core/actor';
import type { MessageId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { eventsAfter, messagesFrom, type OrderedEventRow } from '#platform/record';
import { sendersFor } from './message-scope.ts';
import type { MessagePorts } from './ports.ts';

const ROUNDS = 10;

/**
 * Events behind a place, and the place to go on from. Who may read single mailboxes gets the events of their messages alone,
 * read on until the page is full or some thousands were looked at; `last` then stands behind all that was.
 */
export async function readEvents(
  ports: Pick<MessagePorts, 'database' | 'vault'>,
  caller: Caller,
  after: number,
  limit: number,
): Promise<{ readonly rows: readonly OrderedEventRow[]; readonly last: number }> {
  const { organisation } = caller;
  const senders = await sendersFor(ports, caller, 'messages:read');
  return ports.database.tenant([organisation], 'app', async (tx) => {
    const found: OrderedEventRow[] = [];
    let last = after;
    for (let round = 0; round < ROUNDS; round += 1) {
      const rows = await eventsAfter(tx, organisation, last, limit);
      const mine = senders === null ? rows : await ofSenders(tx, rows, senders);
      const taken = mine.slice(0, limit - found.length);
      found.push(...taken);
      // A page that is full ends at its last event; else at the last that was looked at.
      const full = found.length >= limit;
      last = (full && taken.length < mine.length ? taken.at(-1) : rows.at(-1))?.sequence ?? last;
      if (full || rows.length < limit) break;
    }
    return { rows: found, last };
  });
}

async function ofSenders(
  tx: Transaction,
  rows: readonly OrderedEventRow[],
  senders: readonly Buffer[],
): Promise<OrderedEventRow[]> {
  const messagesOf = (row: OrderedEventRow): MessageId[] =>
    row.subjects.filter(({ kind }) => kind === 'message').map(({ id }) => id as MessageId);
  const mine = await messagesFrom(tx, [...new Set(rows.flatMap(messagesOf))], senders);
  return rows.filter((row) => messagesOf(row).some((id) => mine.has(id)));
}
