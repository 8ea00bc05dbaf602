import { actorId } from '#platform/audit';
import { leafText, type ShownEntry, subjectsText, UNREADABLE } from './shown-entry.ts';

const COLUMNS = [
  ...[
    'position',
    'id',
    'time',
    'action',
    'result',
    'actor_kind',
    'actor_id',
    'session',
    'channel',
    'network',
  ],
  ...['subjects', 'details', 'request', 'people', 'leaf'],
];

/** The first line: names of the columns. */
export function csvHead(): string {
  return line(COLUMNS);
}

/** One record of RFC 4180: CRLF at its end, every field quoted. The last field is the entry's own bytes. */
export function csvLine({ id, position, leaf, entry, people }: ShownEntry): string {
  const place = position === null ? '' : String(position);
  if (entry === null) {
    return line([
      place,
      id,
      '',
      UNREADABLE,
      'failed',
      ...Array.from({ length: 9 }, () => ''),
      leafText(leaf),
    ]);
  }
  const { actor, origin } = entry;
  return line([
    ...[place, id, entry.time, entry.action, entry.result, actor.kind, actorId(actor)],
    ...[actor.kind === 'person' ? actor.session : '', origin.channel, origin.address ?? ''],
    ...[subjectsText(entry), JSON.stringify(entry.details), entry.request ?? ''],
    ...[people === null ? '' : JSON.stringify(people), leafText(leaf)],
  ]);
}

function line(fields: readonly string[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

/**
 * A field that begins with one of these is taken for a formula by spreadsheets; an apostrophe before it makes them take
 * it for text. No entry's bytes begin so.
 */
const FORMULA = /^[=+\-@\t\r\n]/;

function field(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** The last field of a record as `csvLine` writes it; null for another line. */
export function lastField(record: string): string | null {
  const found = /"((?:[^"]|"")*)"\r?$/.exec(record)?.[1];
  return found === undefined ? null : found.replaceAll('""', '"');
}
