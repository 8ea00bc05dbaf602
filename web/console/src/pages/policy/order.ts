import type { Method } from '../../api-types.ts';

/** The list with one entry moved to another place; places outside the list change nothing. */
export function moveTo<Item>(list: readonly Item[], from: number, to: number): Item[] {
  const moved = [...list];
  const item = moved[from];
  if (item === undefined || to < 0 || to >= list.length || from === to) return moved;
  moved.splice(from, 1);
  moved.splice(to, 0, item);
  return moved;
}

/** Methods that a policy may name. A waiver is the recipient's own wish and never stands in an order. */
export const ORDERABLE: readonly Method[] = ['tls', 'pgp', 'smime', 'pdf', 'portal'];

/** What can still be added to an order. */
export function addable(order: readonly Method[]): Method[] {
  return ORDERABLE.filter((method) => !order.includes(method));
}
