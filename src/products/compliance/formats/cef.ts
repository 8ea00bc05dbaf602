import { isIPv6 } from 'node:net';
import { actorId } from '#platform/audit';
import { leafText, type ShownEntry, subjectsText, UNREADABLE } from './shown-entry.ts';

const SEVERITY = { done: 1, refused: 5, failed: 7 } as const;

/**
 * One event in ArcSight's Common Event Format, version 0, without line end. In the header `\` and `|` are escaped; in
 * extensions `\`, `=` and line ends. `leaf` is the entry's own bytes, for streams it may be left out.
 */
export function cefLine(shown: ShownEntry, version: string, withLeaf: boolean): string {
  const { id, position, leaf, entry } = shown;
  const action = entry?.action ?? UNREADABLE;
  const result = entry?.result ?? 'failed';
  const head = ['CEF:0', 'Sealpost', 'Sealpost', version, action, words(action), String(SEVERITY[result])];
  const extensions: [string, string][] = [
    ['externalId', id],
    ['outcome', result],
    ...numbered('cn1', 'position', position === null ? '' : String(position)),
    ...(entry === null ? [] : ofEntry(shown, entry)),
    ...(withLeaf ? numbered('cs6', 'leaf', leafText(leaf)) : []),
  ];
  const told = extensions
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${escapeValue(value)}`);
  return `${head.map(escapeHead).join('|')}|${told.join(' ')}`;
}

function ofEntry({ people }: ShownEntry, entry: NonNullable<ShownEntry['entry']>): [string, string][] {
  const { actor, origin } = entry;
  const address = origin.address ?? '';
  return [
    ['rt', String(Date.parse(entry.time))],
    ['suid', actorId(actor)],
    ['app', origin.channel],
    ...(isIPv6(address)
      ? numbered('c6a2', 'Source IPv6 Address', address)
      : [['src', address] as [string, string]]),
    ...numbered('cs1', 'actor', actor.kind),
    ...numbered('cs2', 'subjects', subjectsText(entry)),
    ...numbered('cs3', 'details', JSON.stringify(entry.details)),
    ...numbered('cs4', 'request', entry.request ?? ''),
    ...numbered('cs5', 'people', people === null ? '' : JSON.stringify(people)),
  ];
}

/** A custom field and its label; neither without a value. */
function numbered(key: string, label: string, value: string): [string, string][] {
  return value === ''
    ? []
    : [
        [`${key}Label`, label],
        [key, value],
      ];
}

function words(action: string): string {
  return action.replaceAll(/[.-]/g, ' ');
}

const escapeHead = (text: string): string =>
  text.replaceAll(/[\\|]/g, (found) => `\\${found}`).replaceAll(/[\r\n]+/g, ' ');
const escapeValue = (text: string): string =>
  text
    .replaceAll(/[\\=]/g, (found) => `\\${found}`)
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n');

/** The entry's bytes out of a line as `cefLine` writes it, as text; null for another line. */
export function cefLeaf(line: string): string | null {
  const at = line.lastIndexOf(' cs6=');
  if (!line.startsWith('CEF:0|') || at < 0) return null;
  return line.slice(at + 5).replaceAll(/\\(.)/g, (_, found: string) => (found === 'n' ? '\n' : found));
}
