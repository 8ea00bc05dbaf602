/** How the list of a combobox stands. */
export interface ComboState {
  readonly open: boolean;
  /** Index of the option that the keyboard is on; -1: in the text. */
  readonly active: number;
  readonly count: number;
}

export type ComboAct =
  | { readonly act: 'move'; readonly to: number }
  | { readonly act: 'choose'; readonly at: number }
  | { readonly act: 'open' }
  | { readonly act: 'close' };

/**
 * What a key does in an editable combobox with a list, after the WAI-ARIA Authoring Practices: arrows open the list and go
 * round in it by way of the text, Enter takes the option, Escape closes. Null: the key belongs to the text or to the form.
 */
export function comboAct(key: string, { open, active, count }: ComboState): ComboAct | null {
  switch (key) {
    case 'ArrowDown':
      if (count === 0) return { act: 'open' };
      return { act: 'move', to: open && active === count - 1 ? -1 : open ? active + 1 : 0 };
    case 'ArrowUp':
      if (count === 0) return { act: 'open' };
      return { act: 'move', to: open && active === 0 ? -1 : open && active > 0 ? active - 1 : count - 1 };
    case 'Enter':
      if (!open) return null;
      // Enter in an open list never sends the form.
      return active === -1 ? { act: 'open' } : { act: 'choose', at: active };
    case 'Escape':
      return open ? { act: 'close' } : null;
    default:
      return null;
  }
}
