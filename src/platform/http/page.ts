import { z } from 'zod';
import { Refusal } from '#core/errors';
import { isUuid } from '#core/ids';

/** Query of a paged list: `limit` 1 to 200 (default 50) and the opaque `cursor` of the page before. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
};

// Ids carry times from 1970 on (RFC 9562 §5.7).
const moment = z.iso.datetime().refine((text) => Date.parse(text) >= 0, 'before 1970');

/** A range of time in a query or body: `since` belongs to it, `until` does not. `what` says what happened then. */
export function timeRange(what: string) {
  return {
    since: moment.optional().meta({ description: `Only where ${what} at or after this time` }),
    until: moment.optional().meta({ description: `Only where ${what} before this time` }),
  };
}

/** The schema of one page: `items` and the cursor of the next page, null on the last. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** An opaque cursor over one or more ids or numbers. It says where to go on, never what may be seen. */
export function encodeCursor(...position: readonly string[]): string {
  return Buffer.from(position.join(' ')).toString('base64url');
}

/** The position behind a cursor, undefined without one. Refusal `invalid` for anything but `parts` ids or whole numbers. */
export function decodeCursor(cursor: string | undefined, parts = 1): string[] | undefined {
  if (cursor === undefined) return undefined;
  const position = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const sound =
    position.length === parts && position.every((part) => isUuid(part) || /^\d{1,19}$/.test(part));
  if (!sound) throw new Refusal('invalid', { path: 'cursor' });
  return position;
}

/** The id behind a cursor, null without one. Refusal `invalid` for anything but one id. */
export function cursorId(cursor: string | undefined): string | null {
  const [id = null] = decodeCursor(cursor) ?? [];
  if (id !== null && !isUuid(id)) throw new Refusal('invalid', { path: 'cursor' });
  return id;
}

/**
 * A page of a list whose items go by their ids. `read` is told the id to go on from (null: from the beginning) and how
 * many rows to read; only rows of this page are viewed.
 */
export async function pageById<Row, Item extends { readonly id: string }>(
  query: { readonly cursor?: string | undefined; readonly limit: number },
  read: (position: string | null, limit: number) => Promise<readonly Row[]>,
  view: (row: Row) => Item | Promise<Item>,
): Promise<{ items: Item[]; next: string | null }> {
  const rows = await read(cursorId(query.cursor), query.limit + 1);
  const items = await Promise.all(rows.slice(0, query.limit).map(view));
  const last = items.at(-1);
  return { items, next: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null };
}

/**
 * Cuts a page out of a list that was read with `limit + 1` rows: the extra row only says that there is more.
 */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => readonly string[],
  item: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? encodeCursor(...position(last)) : null;
  return { items: shown.map(item), next };
}
