import { expect, it } from 'vitest';
import { oneSearch } from './search-messages.ts';

const MEBIBYTE = 1024 * 1024;
/** Rows newest first, with ids from `from` down. */
const rows = (from: number, count: number, octetsEach = 0) =>
  Array.from({ length: count }, (_, n) => ({ id: String(from - n), octets: (n + 1) * octetsEach }));

it('searches all of both lists where they are short', () => {
  const { items, replies, older } = oneSearch({ items: rows(5000, 200), replies: rows(4000, 3) });
  expect([items.length, replies.length, older]).toEqual([200, 3, null]);
});

it('ends both lists at one place where one goes on, so that nothing is left out or comes twice', () => {
  const { items, replies, older } = oneSearch({ items: rows(5000, 201), replies: rows(4900, 201) });
  // The messages reach back to 4801, the replies to 4701: what is older than 4801 comes next, of both.
  expect(older).toBe('4801');
  expect(items.at(-1)?.id).toBe('4801');
  expect(replies.at(-1)?.id).toBe('4801');
});

it('ends where the content of one search is used up', () => {
  const { items, older } = oneSearch({ items: rows(5000, 20, MEBIBYTE), replies: [] });
  expect([items.length, older]).toEqual([8, '4993']);
  // One message is always looked at, or the search would not come on.
  expect(oneSearch({ items: rows(5000, 2, 9 * MEBIBYTE), replies: [] }).items).toHaveLength(1);
});
