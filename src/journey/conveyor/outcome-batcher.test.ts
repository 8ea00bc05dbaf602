import { describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { DatabaseUnavailable } from '#platform/database';
import { silentLogger } from '#platform/runtime';
import { OutcomeBatcher } from './outcome-batcher.ts';

const ORGANISATION = 'a' as OrganisationId;

describe('OutcomeBatcher', () => {
  it('commits what ends together in one batch and resolves after the commit', async () => {
    const batches: number[][] = [];
    const batcher = new OutcomeBatcher<number>(async (_organisation, list) => {
      batches.push([...list]);
    }, silentLogger);
    await Promise.all([1, 2, 3].map((one) => batcher.add(ORGANISATION, one)));
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('takes along what comes in while a commit runs', async () => {
    const batches: number[][] = [];
    let free: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      free = resolve;
    });
    const batcher = new OutcomeBatcher<number>(async (_organisation, list) => {
      batches.push([...list]);
      if (batches.length === 1) await gate;
    }, silentLogger);
    const first = batcher.add(ORGANISATION, 1);
    await new Promise((resolve) => setTimeout(resolve, 40)); // longer than a commit waits for company
    const rest = [batcher.add(ORGANISATION, 2), batcher.add(ORGANISATION, 3)];
    free();
    await Promise.all([first, ...rest]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('tries a failed commit again instead of forgetting what the peer already has', async () => {
    let tries = 0;
    const batcher = new OutcomeBatcher<number>(async () => {
      tries += 1;
      if (tries < 3) throw new Error('database away');
    }, silentLogger);
    await batcher.add(ORGANISATION, 1);
    expect(tries).toBe(3);
  });
});

describe('OutcomeBatcher, when the database refuses', () => {
  it('does not let one outcome that cannot be written hold up the others', async () => {
    const written: number[] = [];
    const batcher = new OutcomeBatcher<number>(async (_organisation, list) => {
      if (list.includes(13)) throw new Error('a value that the record refuses');
      written.push(...list);
    }, silentLogger);
    void batcher.add(ORGANISATION, 13);
    await Promise.all([1, 2].map((one) => batcher.add(ORGANISATION, one)));
    await batcher.add(ORGANISATION, 3);
    expect(written).toEqual([1, 2, 3]);
    batcher.stop();
  });

  it('writes the lesser form of an outcome that is refused again and again', async () => {
    const written: number[] = [];
    const batcher = new OutcomeBatcher<number>(async (_organisation, list) => {
      if (list.includes(13)) throw new Error('a value that the record refuses');
      written.push(...list);
    }, silentLogger);
    await batcher.add(ORGANISATION, 13, () => 12);
    expect(written).toEqual([12]);
  });

  it('keeps the whole outcome while the database is only away', async () => {
    const written: number[] = [];
    let away = 5;
    const batcher = new OutcomeBatcher<number>(async (_organisation, list) => {
      away -= 1;
      if (away > 0) throw new DatabaseUnavailable('57P03');
      written.push(...list);
    }, silentLogger);
    await batcher.add(ORGANISATION, 13, () => 12);
    expect(written).toEqual([13]);
  });
});
