import type { OrganisationId } from '#core/ids';
import type { Database } from '#platform/database';
import type { InjectedAnswer, InjectedRequest } from '#platform/http';
import type { Operation } from './access-table.ts';
import type { Declared } from './audited-routes.ts';

export type Asker = (request: InjectedRequest) => Promise<InjectedAnswer>;

/** What came of an operation's first request that was not refused; of the last, where all were. */
export interface Outcome {
  readonly answer: InjectedAnswer;
  /** Actions of the entries that this request wrote, sorted, each once. */
  readonly actions: readonly string[];
}

/** Asks until an answer is no refusal, and reads what that request wrote into the log. */
export async function outcomeOf(
  database: Database,
  organisation: string,
  ask: Asker,
  requests: readonly InjectedRequest[],
): Promise<Outcome> {
  // The installation's own log is that of the nil UUID.
  const logs = [organisation, NIL] as OrganisationId[];
  let outcome: Outcome | undefined;
  for (const request of requests) {
    const before = await newest(database, logs);
    const answer = await ask(request);
    outcome = { answer, actions: [] };
    if (answer.status < 400) return { answer, actions: await actionsSince(database, logs, before) };
  }
  if (outcome === undefined) throw new Error('nothing was asked');
  return outcome;
}

const NIL = '00000000-0000-0000-0000-000000000000';

async function newest(database: Database, logs: OrganisationId[]): Promise<string> {
  const row = await database.tenant(logs, 'app', (tx) =>
    tx.one<{ id: string }>({
      text: 'select coalesce((select id from audit_entry order by id desc limit 1), $1::uuid) as id',
      values: [NIL],
    }),
  );
  return row.id;
}

/** Entries that belong to a request; what the worker's jobs write meanwhile belongs to none. */
async function actionsSince(database: Database, logs: OrganisationId[], before: string): Promise<string[]> {
  const rows = await database.tenant(logs, 'app', (tx) =>
    tx.query<{ action: string }>({
      text: `select distinct entry ->> 'action' as action
             from (select convert_from(leaf, 'UTF8')::jsonb as entry from audit_entry where id > $1) e
             where entry ->> 'request' is not null order by action`,
      values: [before],
    }),
  );
  return rows.map((row) => row.action);
}

/** What makes things comes first, what takes them away last; one's own session at the very end. */
export function inWalkOrder(operations: readonly Operation[]): Operation[] {
  const rank = ({ method, path }: Operation): number => {
    if (/^\/v1\/sessions?(\/\{id\})?$/.test(path) && method !== 'GET')
      return path === '/v1/session' ? 7 : path.includes('{') ? 5 : 6;
    if (method === 'DELETE') return path.includes('/members/{identity}') ? 3.5 : 4;
    if (method === 'PUT' && path.endsWith('/file')) return 0.5;
    if (method === 'POST' && !path.includes('{')) return path.endsWith('/open') ? 1 : 0;
    if (method === 'GET') return 1;
    if (path === '/v1/policy') return 1.5;
    return method === 'POST' ? 2 : 3;
  };
  return [...operations].sort((one, other) => rank(one) - rank(other));
}

/** What does not fit the declaration of an operation that was asked; null when all does. */
export function misfit(declared: Declared | undefined, { answer, actions }: Outcome): string | null {
  if (declared === undefined) return 'is not declared';
  if ('nothing' in declared) {
    return answer.status < 400 && actions.length > 0 ? `left ${actions.join(', ')}` : null;
  }
  if (answer.status >= 400) return `was answered ${answer.status}: ${answer.text.slice(0, 200)}`;
  if (actions.length === 0) return 'left no entry';
  const others = actions.filter((action) => !declared.actions.includes(action));
  return others.length > 0 ? `left ${others.join(', ')}` : null;
}
