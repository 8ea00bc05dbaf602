import { describe, expect, it } from 'vitest';
import { createRoom } from './room.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('room', () => {
  it('lets in what fits, in order, and something too large alone', async () => {
    const room = createRoom(10);
    const inside: string[] = [];
    const done: string[] = [];
    const ends = new Map<string, () => void>();
    const start = (name: string, size: number) =>
      room
        .with(size, async () => {
          inside.push(name);
          await new Promise<void>((resolve) => ends.set(name, resolve));
        })
        .then(() => done.push(name));
    const all = [start('a', 6), start('b', 4), start('huge', 50), start('c', 1)];
    await turn();
    expect(inside).toEqual(['a', 'b']);
    ends.get('b')?.();
    await turn();
    // The huge one is next in line: a small one does not pass it for ever.
    expect(inside).toEqual(['a', 'b']);
    ends.get('a')?.();
    await turn();
    expect(inside).toEqual(['a', 'b', 'huge']);
    ends.get('huge')?.();
    await turn();
    expect(inside).toEqual(['a', 'b', 'huge', 'c']);
    ends.get('c')?.();
    await Promise.all(all);
    expect(done).toEqual(['b', 'a', 'huge', 'c']);
  });

  it('gives its space back after a fault', async () => {
    const room = createRoom(1);
    await expect(room.with(1, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(room.with(1, async () => 'in')).resolves.toBe('in');
  });
});
