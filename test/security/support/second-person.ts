import { expect } from 'vitest';
import type { OrganisationId } from '#core/ids';
import type { Database } from '#platform/database';
import type { InjectedAnswer, InjectedRequest } from '#platform/http';
import type { Asker } from './audited-walk.ts';

/** Somebody with a session, and who that is. */
export interface Signed {
  readonly ask: Asker;
  readonly identity: string;
}

export interface Entry {
  readonly action: string;
  readonly actor: { readonly kind: string; readonly identity?: string };
  readonly request: string | null;
  readonly result: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export async function entriesOf(database: Database, organisation: string): Promise<Entry[]> {
  const rows = await database.tenant([organisation as OrganisationId], 'app', (tx) =>
    tx.query<{ leaf: Buffer }>({
      text: 'select leaf from sealpost.audit_entry where organisation = $1 order by id',
      values: [organisation],
    }),
  );
  return rows.map(({ leaf }) => JSON.parse(leaf.toString('utf8')) as Entry);
}

export async function good(ask: Asker, request: InjectedRequest): Promise<InjectedAnswer> {
  const answer = await ask(request);
  if (answer.status >= 300) throw new Error(`${request.method} ${request.path}: ${answer.text}`);
  return answer;
}

/** What came of an act that waited. */
export interface Approved {
  readonly id: string;
  /** What the second person saw: null is what was withheld. */
  readonly seen: Readonly<Record<string, string | null>>;
  /** Entries since it was asked for that are about it, or that it made. */
  readonly entries: readonly Entry[];
}

/**
 * Asks as the one and approves as the other, with everything on the way that must not happen: nothing is `changed` before, the
 * asker cannot approve, and it is done once.
 */
export async function approved(
  world: { readonly database: Database; readonly organisation: string },
  [asker, second]: readonly [Signed, Signed],
  request: InjectedRequest,
  changed: () => Promise<boolean>,
): Promise<Approved> {
  const { database, organisation } = world;
  const before = (await entriesOf(database, organisation)).length;
  const held = await asker.ask(request);
  expect([held.status, held.text]).toEqual([202, expect.stringContaining('"held":true')]);
  const { id } = held.json() as { id: string };
  const path = `/v1/pending-acts/${id}`;
  const list = (await good(second.ask, { method: 'GET', path: '/v1/pending-acts' })).json() as {
    items: { id: string; mayDecide: boolean; summary: string }[];
  };
  expect(list.items.find((one) => one.id === id)).toMatchObject({ mayDecide: true });
  const view = (await good(second.ask, { method: 'GET', path: `${path}/request` })).json() as {
    items: { name: string; value: string | null }[];
  };
  expect((await asker.ask({ method: 'POST', path: `${path}/approve` })).status).toBe(403);
  expect(await changed()).toBe(false);
  const approve = () => second.ask({ method: 'POST', path: `${path}/approve` });
  const both = await Promise.all([approve(), approve()]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(both.find(({ status }) => status === 200)?.json()).toEqual({ outcome: 'done' });
  expect(await changed()).toBe(true);
  const seen = Object.fromEntries(view.items.map(({ name, value }) => [name, value]));
  const entries = (await entriesOf(database, organisation)).slice(before);
  return { id, seen, entries: entries.filter(({ request: of, action }) => of === id || isAbout(action)) };
}

const isAbout = (action: string): boolean => action.startsWith('pending-act.') && !action.endsWith('.listed');
