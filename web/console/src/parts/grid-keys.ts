/** Which row the keyboard goes to: the index after `key`, or null when the key is not one of the grid's. */
export function nextRow(key: string, current: number, rows: number, page = 10): number | null {
  if (rows === 0) return null;
  const last = rows - 1;
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(last, current + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, current - 1);
    case 'PageDown':
      return Math.min(last, current + page);
    case 'PageUp':
      return Math.max(0, current - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
