import { describe, expect, it } from 'vitest';
import { keepColumns, keptColumns } from './columns-kept.ts';
import { nextRow } from './grid-keys.ts';

describe('nextRow', () => {
  it('stays within the rows', () => {
    expect(nextRow('ArrowDown', 4, 5)).toBe(4);
    expect(nextRow('ArrowUp', 0, 5)).toBe(0);
    expect(nextRow('PageDown', 2, 5)).toBe(4);
    expect(nextRow('PageUp', 2, 5)).toBe(0);
    expect(nextRow('End', 0, 5)).toBe(4);
    expect(nextRow('Home', 3, 5)).toBe(0);
  });

  it('leaves other keys and empty tables alone', () => {
    expect(nextRow('a', 1, 5)).toBeNull();
    expect(nextRow('ArrowDown', 0, 0)).toBeNull();
  });
});

describe('the choice of columns', () => {
  const storage = (text: string | null) => ({ getItem: () => text });

  it('starts with what is hidden at first and takes over what was chosen', () => {
    expect(keptColumns('messages', ['size'], storage(null))).toEqual({ size: false });
    expect(keptColumns('messages', ['size'], storage('{"size":true,"to":false}'))).toEqual({
      size: true,
      to: false,
    });
  });

  it('drops what is not a choice', () => {
    expect(keptColumns('messages', [], storage('{"size":"yes"}'))).toEqual({});
    expect(keptColumns('messages', ['size'], storage('not json'))).toEqual({ size: false });
    expect(keptColumns('messages', ['size'], storage('null'))).toEqual({ size: false });
  });

  it('is kept under the name of its table', () => {
    const written: string[] = [];
    keepColumns('audit', { origin: true }, { setItem: (key, value) => written.push(key, value) });
    expect(written).toEqual(['sealpost.columns.audit', '{"origin":true}']);
  });
});
