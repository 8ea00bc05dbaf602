import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUuid } from '#core/ids';
import { idFloor, idTime, newId } from './ids.ts';

const at = (ms: number) => ({ now: () => new Date(ms), monotonic: () => 0 });

describe('newId', () => {
  it('is a UUIDv7 of now', () => {
    const before = Date.now();
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idTime(id)?.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('rises strictly, also within a millisecond and when the clock steps back', () => {
    const later = Date.now() + 1000;
    const ids = [newId(at(later)), newId(at(later)), newId(at(later - 500)), newId(at(later + 1))];
    for (let i = 0; i < 200_000; i += 1) ids.push(newId(at(later + 1)));
    for (let i = 1; i < ids.length; i += 1) {
      if (!((ids[i] ?? '') > (ids[i - 1] ?? ''))) throw new Error(`not rising at ${i}`);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('idTime and idFloor', () => {
  it('are inverse, and the floor is a lower bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
        const floor = idFloor(new Date(Math.min(ms, 8.64e15)));
        expect(isUuid(floor)).toBe(true);
        expect(idTime(floor)?.getTime()).toBe(ms);
      }),
    );
    const now = new Date(Date.now() + 60_000);
    const id = newId(at(now.getTime()));
    expect(id > idFloor(now)).toBe(true);
    expect(id < idFloor(new Date(now.getTime() + 1))).toBe(true);
  });

  it('refuse what is not a UUIDv7 or not a time', () => {
    expect(idTime('c2b6c9a2-5d3f-4a5e-9b0a-3f3f3f3f3f3f')).toBeUndefined();
    expect(idTime('nonsense')).toBeUndefined();
    expect(() => idFloor(new Date(-1))).toThrow(RangeError);
    expect(() => idFloor(new Date(Number.NaN))).toThrow(RangeError);
  });
});
