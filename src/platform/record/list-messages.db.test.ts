import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Statement, Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner } from '../database/owner-connection.ts';
import { listMessages, type MessageListFilter } from './index.ts';

interface Copy {
  readonly state: DeliveryState;
  readonly method: 'tls' | 'portal' | 'none' | null;
  readonly attempts: number;
}

const MESSAGES = 12_000;
const LEAST = '00000000-0000-0000-0000-000000000000';
const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const ALL: MessageListFilter = {
  states: null,
  tried: false,
  method: null,
  direction: null,
  senders: null,
  from: LEAST,
  before: HIGHEST,
};
const organisation = newId() as OrganisationId;
const stranger = newId() as OrganisationId;

let fresh: FreshDatabase;
const ids: string[] = [];

/** Mostly delivered by TLS; now and then something else, and one bounced message of old. */
function copiesOf(number: number): readonly Copy[] {
  if (number === 20) return [{ state: 'bounced', method: 'tls', attempts: 1 }];
  if (number % 1000 === 7) {
    return [
      { state: 'deferred', method: null, attempts: number % 2000 === 7 ? 0 : 2 },
      { state: 'delivered', method: 'tls', attempts: 1 },
      { state: 'portal-waiting', method: 'portal', attempts: 1 },
    ];
  }
  if (number % 1500 === 9) return [{ state: 'queued', method: null, attempts: 0 }];
  const delivered: Copy = { state: 'delivered', method: 'tls', attempts: 1 };
  return number % 10 === 0 ? [delivered, delivered] : [delivered];
}

async function fill(owner: OrganisationId, own: readonly string[]): Promise<void> {
  const deliveries = own.flatMap((message, number) => copiesOf(number).map((copy) => ({ message, ...copy })));
  await fresh.database.tenant([owner], 'app', async (tx) => {
    await tx.execute({
      text: `insert into sealpost.message (id, organisation, source, stream, class, priority, due_at, give_up_at,
               portal_expires_at, policy_version, object_key, sender, sender_index, subject, message_id, content_hash, size,
               recipients, actor)
             select id, $1, 'api', 'transactional', 'light', 0, now(), now(), now(), 1, '', '', '', '', '', '', 1, 1, '{}'
             from unnest($2::uuid[]) as id`,
      values: [owner, own],
    });
    await tx.execute({
      text: `insert into sealpost.delivery (id, organisation, message, recipient, recipient_index, domain, state, method, attempts)
             select d.id, $1, d.message, '', '', 'x.test', d.state, d.method, d.attempts
             from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[]) as d (id, message, state, method, attempts)`,
      values: [
        owner,
        deliveries.map(() => newId()),
        deliveries.map((one) => one.message),
        deliveries.map((one) => one.state),
        deliveries.map((one) => one.method),
        deliveries.map((one) => one.attempts),
      ],
    });
  });
}

beforeAll(async () => {
  fresh = await freshDatabase();
  for (let number = 0; number < MESSAGES; number += 1) ids.push(newId());
  await fill(organisation, ids);
  await fill(
    stranger,
    Array.from({ length: 300 }, () => newId()),
  );
  // As autovacuum does with tables in use: without statistics the planner guesses.
  const owner = await connectOwner(fresh.superuserUrl);
  await owner.script('analyze sealpost.delivery');
  await owner.close();
});
afterAll(() => fresh.close());

/** Every page until the end. */
async function walk(filter: MessageListFilter, limit: number): Promise<string[]> {
  const seen: string[] = [];
  for (let before = filter.before; ; ) {
    const rows = await fresh.database.tenant([organisation], 'app', (tx) =>
      listMessages(tx, organisation, { ...filter, before }, limit),
    );
    seen.push(...rows.map((row) => row.id));
    const last = rows.at(-1);
    if (rows.length < limit || last === undefined) return seen;
    before = last.id;
  }
}

/** What the filter means, said without a database. */
function meant({ states, tried, method, from, before }: MessageListFilter): string[] {
  const fits = (copy: Copy): boolean =>
    (states === null || states.includes(copy.state)) &&
    (method === null || copy.method === method) &&
    (!tried || copy.attempts > 0);
  return ids.filter((id, number) => id >= from && id < before && copiesOf(number).some(fits)).reverse();
}

describe('the list of messages', () => {
  const id = (number: number): string => ids[number] ?? '';
  it.each<[string, () => Partial<MessageListFilter>]>([
    ['a state that is rare', () => ({ states: ['bounced'] })],
    ['a group of states', () => ({ states: ['queued', 'deferred'] })],
    ['a state, tried before', () => ({ states: ['deferred'], tried: true })],
    ['a method', () => ({ method: 'portal' })],
    ['a method that nothing has', () => ({ method: 'none' })],
    ['state and method of one copy', () => ({ states: ['portal-waiting'], method: 'portal' })],
    ['state and method that no copy has together', () => ({ states: ['deferred'], method: 'portal' })],
    ['a range', () => ({ from: id(9_000), before: id(9_050) })],
    ['a range and states', () => ({ states: ['queued', 'deferred'], from: id(500), before: id(8_007) })],
    ['a range and a method', () => ({ method: 'portal', from: id(1_007), before: id(5_007) })],
    ['an empty range', () => ({ from: id(50), before: id(50) })],
  ])('of %s is what is meant, in pages of any size', async (_name, part) => {
    const filter = { ...ALL, ...part() };
    const expected = meant(filter);
    for (const limit of [1, 3, 100]) expect(await walk(filter, limit)).toEqual(expected);
  });

  it('counts a message with many copies once, also across pages', async () => {
    const filter: MessageListFilter = { ...ALL, states: ['delivered'], from: id(MESSAGES - 400) };
    expect(await walk(filter, 7)).toEqual(meant(filter));
  });

  it.each<[string, Partial<MessageListFilter>, string]>([
    ['a rare state', { states: ['bounced'] }, 'delivery_state_message'],
    ['a rare method', { method: 'none' }, 'delivery_method_message'],
  ])('finds %s without reading the rest', async (_name, part, index) => {
    await fresh.database.tenant([organisation], 'app', async (tx) => {
      const asked: Statement[] = [];
      const spy = {
        ...tx,
        query: async (query: Statement) => {
          asked.push(query);
          return [];
        },
      };
      await listMessages(spy as unknown as Transaction, organisation, { ...ALL, ...part }, 51);
      const [first] = asked;
      const rows = await tx.query<{ 'QUERY PLAN': string }>({
        text: `explain (analyze, buffers, costs off) ${first?.text}`,
        values: [...(first?.values ?? [])],
      });
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(
        new RegExp(`delivery_\\d{6}_organisation_${index.split('_')[1]}_message|${index}`),
      );
      expect(Number(/Buffers: shared hit=(\d+)/.exec(plan)?.[1])).toBeLessThan(200);
    });
  });
});
