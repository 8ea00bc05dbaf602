import type { AccessRole } from '../../api-types.ts';
import { permissionText } from '../../text/administration.ts';
import { secondPersonText as words } from '../../text/safeguards.ts';
import { roleName } from '../roles/role-name.ts';

/** A value of a request, or several with commas, by the names of what they stand for where those are known. */
export function inWords(
  value: string,
  names: ReadonlyMap<string, string>,
  roles: readonly AccessRole[] | undefined,
): string {
  return value
    .split(', ')
    .map((one) => names.get(one) ?? words.yesNo[one] ?? permissionText[one] ?? roleName(one, roles))
    .join(', ');
}

/** Where a value stands in a request, for people: `body.rules[0].clientKey` is “Rules 1, client key”. */
export function fieldName(name: string): string {
  // The thing that the act is about, which its name tells of.
  if (name === 'params.id') return words.of;
  const inside = name.replace(/^(?:body|params|query|headers)(?:\.|(?=\[))/, '');
  const parts = inside.split('.').map((part) => {
    const [, word = part, places = ''] = /^([^[]*)(.*)$/.exec(part) ?? [];
    const counted = [...places.matchAll(/\d+/g)].map(([digits]) => ` ${Number(digits) + 1}`).join('');
    return `${words.fields[word] ?? plain(word)}${counted}`.trim();
  });
  const text = parts.map((part, place) => (place === 0 ? part : lowerFirst(part))).join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const plain = (word: string): string =>
  word.replace(/[-_]/g, ' ').replace(/([a-z\d])([A-Z])/g, (_all, a, b) => `${a} ${b.toLowerCase()}`);
/** Abbreviations stay as they are. */
const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
