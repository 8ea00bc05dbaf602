import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { takeFromHour } from './usage.store.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.close());

describe('the hourly limit', () => {
  it('counts what fits and nothing of what does not, also when many ask at once', async () => {
    const organisation = newId() as OrganisationId;
    const take = (amount: number) =>
      fresh.database.tenant([organisation], 'app', (tx) =>
        takeFromHour(tx, organisation, 'recipients', amount, 10),
      );
    expect(await take(11)).toBe(false);
    const answers = await Promise.all(Array.from({ length: 8 }, () => take(3)));
    expect(answers.filter(Boolean)).toHaveLength(3);
    expect(await take(1)).toBe(true);
    expect(await take(1)).toBe(false);
  });
});
