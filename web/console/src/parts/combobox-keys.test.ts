import { describe, expect, it } from 'vitest';
import { type ComboState, comboAct } from './combobox-keys.ts';

const state = (changes: Partial<ComboState> = {}): ComboState => ({
  ...{ open: true, active: -1, count: 3 },
  ...changes,
});

describe('comboAct', () => {
  it('opens by arrows at the near end, and goes round by way of the text', () => {
    expect(comboAct('ArrowDown', state({ open: false }))).toEqual({ act: 'move', to: 0 });
    expect(comboAct('ArrowUp', state({ open: false }))).toEqual({ act: 'move', to: 2 });
    const walk = (key: string) => {
      const seen: number[] = [];
      let active = -1;
      for (let step = 0; step < 5; step += 1) {
        const act = comboAct(key, state({ active }));
        active = act?.act === 'move' ? act.to : Number.NaN;
        seen.push(active);
      }
      return seen;
    };
    expect(walk('ArrowDown')).toEqual([0, 1, 2, -1, 0]);
    expect(walk('ArrowUp')).toEqual([2, 1, 0, -1, 2]);
  });

  it('takes the option by Enter, and never sends the form from an open list', () => {
    expect(comboAct('Enter', state({ active: 1 }))).toEqual({ act: 'choose', at: 1 });
    expect(comboAct('Enter', state())).toEqual({ act: 'open' });
    expect(comboAct('Enter', state({ open: false }))).toBeNull();
  });

  it('closes by Escape only what is open, so that a dialog around keeps its own Escape', () => {
    expect(comboAct('Escape', state())).toEqual({ act: 'close' });
    expect(comboAct('Escape', state({ open: false }))).toBeNull();
  });

  it('opens an empty list, to say that it is empty, and leaves the text its keys', () => {
    expect(comboAct('ArrowDown', state({ open: false, count: 0 }))).toEqual({ act: 'open' });
    for (const key of ['Home', 'End', 'ArrowLeft', 'a', 'Tab', ' '])
      expect(comboAct(key, state())).toBeNull();
  });
});
