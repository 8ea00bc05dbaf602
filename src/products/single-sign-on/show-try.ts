import type { z } from 'zod';
import { Refusal } from '#core/errors';
import { openResult } from './attempt.ts';
import type { Connection } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';
import { readResult } from './road.store.ts';
import type { trySchema } from './schemas.ts';

/** What a try has shown; `result` is null while its browser has not come back. Refusal `not-found` when it is over. */
export async function showResult(
  needs: SignOnNeeds,
  connection: Connection,
  id: string,
): Promise<z.output<typeof trySchema>> {
  const row = await needs.database.tenant([connection.organisation], 'app', (tx) =>
    readResult(tx, connection.row.id, id, needs.clock.now()),
  );
  if (row === undefined) throw new Refusal('not-found');
  if (row.result === null) return { result: null };
  const { claims, ...rest } = await openResult(needs, connection, id, row.result);
  return { result: { ...rest, claims: claims.map(([name, values]) => ({ name, values })) } };
}
