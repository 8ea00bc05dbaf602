/** Which columns of a table are shown: column id → false when hidden. */
export type ColumnChoice = Record<string, boolean>;

const KEY = 'sealpost.columns.';

/** The choice kept in this browser. Holds names of columns only, never contents. */
export function keptColumns(
  table: string,
  hiddenAtFirst: readonly string[] = [],
  storage: Pick<Storage, 'getItem'> = localStorage,
): ColumnChoice {
  const first = Object.fromEntries(hiddenAtFirst.map((column) => [column, false]));
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY + table) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return first;
    return {
      ...first,
      ...Object.fromEntries(Object.entries(kept).filter((pair) => typeof pair[1] === 'boolean')),
    };
  } catch {
    return first;
  }
}

export function keepColumns(
  table: string,
  choice: ColumnChoice,
  storage: Pick<Storage, 'setItem'> = localStorage,
): void {
  storage.setItem(KEY + table, JSON.stringify(choice));
}
