import { actorId } from '#platform/audit';
import { cefLine } from './cef.ts';
import { ocsfEvent } from './ocsf.ts';
import { type ShownEntry, subjectsText, UNREADABLE } from './shown-entry.ts';

export const STREAM_FORMATS = ['rfc5424', 'cef', 'ocsf'] as const;
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** Facility "log audit" of RFC 5424, table 1. */
const FACILITY = 13;
const SEVERITY = { done: 6, refused: 4, failed: 3 } as const;
/** Private elements carry an enterprise number; ours is that which RFC 5612 keeps for documentation, until there is one. */
const ELEMENT = 'sealpost@32473';

const NOT_PRINTABLE = /[^\x21-\x7e]/g;
const header = (text: string, most: number): string =>
  text.replaceAll(NOT_PRINTABLE, '').slice(0, most) || '-';
/** RFC 5424, 6.3.3: `"`, `\` and `]` are escaped in a parameter's value. */
const value = (text: string): string => text.replaceAll(/["\\\]]/g, (found) => `\\${found}`);

/**
 * One entry as a message of RFC 5424, without framing. The position and id stand in the structured data of every
 * format: what comes twice (at least once is promised) is told apart by them.
 */
export function syslogMessage(
  shown: ShownEntry,
  format: StreamFormat,
  sender: { readonly host: string; readonly version: string },
): string {
  const { id, position, entry } = shown;
  const action = entry?.action ?? UNREADABLE;
  const priority = FACILITY * 8 + SEVERITY[entry?.result ?? 'failed'];
  const head = `<${priority}>1 ${entry?.time ?? '-'} ${header(sender.host, 255)} sealpost - ${header(action, 32)}`;
  const fields: [string, string][] = [
    ['position', position === null ? '' : String(position)],
    ['id', id],
    ...(format === 'rfc5424' && entry !== null ? ofEntry(entry) : []),
  ];
  const data = fields
    .filter(([, text]) => text !== '')
    .map(([name, text]) => ` ${name}="${value(text)}"`)
    .join('');
  return `${head} [${ELEMENT}${data}] ${message(shown, format, sender.version, action)}`;
}

function ofEntry(entry: NonNullable<ShownEntry['entry']>): [string, string][] {
  return [
    ['organisation', entry.organisation],
    ['action', entry.action],
    ['result', entry.result],
    ['actorKind', entry.actor.kind],
    ['actor', actorId(entry.actor)],
    ['channel', entry.origin.channel],
    ['network', entry.origin.address ?? ''],
    ['subjects', subjectsText(entry)],
    ['details', JSON.stringify(entry.details)],
    ['request', entry.request ?? ''],
  ];
}

function message(shown: ShownEntry, format: StreamFormat, version: string, action: string): string {
  if (format === 'cef') return cefLine(shown, version, false);
  return format === 'ocsf' ? JSON.stringify(ocsfEvent(shown, version, false)) : action;
}

/** Octet counting of RFC 5425 (4.3): the message's length in octets, a space, the message. */
export function framed(message: string): Buffer {
  const octets = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${octets.length} `), octets]);
}
