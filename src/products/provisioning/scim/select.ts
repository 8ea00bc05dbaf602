import { parseAttributePath } from './filter.ts';
import { isObject, type Json, type JsonObject } from './match.ts';
import { scimRefusal } from './scim-refusal.ts';

/** Which attributes an answer shows (RFC 7644 §3.9). `id` and `schemas` always. */
export interface Selection {
  readonly only: readonly Wanted[] | null;
  readonly without: readonly Wanted[];
}

interface Wanted {
  readonly name: string;
  readonly sub: string | null;
}

const ALWAYS: ReadonlySet<string> = new Set(['id', 'schemas']);

/** Reads `attributes` and `excludedAttributes`, lists with commas. Refusal `invalidPath`. */
export function selectionOf(query: {
  readonly attributes?: string | undefined;
  readonly excludedAttributes?: string | undefined;
}): Selection {
  const only = query.attributes === undefined ? [] : wantedOf(query.attributes);
  const without = query.excludedAttributes === undefined ? [] : wantedOf(query.excludedAttributes);
  return { only: only.length === 0 ? null : only, without };
}

function wantedOf(text: string): Wanted[] {
  const names = text.split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const path = parseAttributePath(name);
      if (path === null) throw scimRefusal('invalidPath');
      return { name: path.name.toLowerCase(), sub: path.sub?.toLowerCase() ?? null };
    });
}

/** Whether an attribute is asked for at all: what nobody asked for need not be read. */
export function shows({ only, without }: Selection, name: string): boolean {
  const wanted = name.toLowerCase();
  if (without.some((one) => one.name === wanted && one.sub === null)) return false;
  return only === null || only.some((one) => one.name === wanted);
}

export function select(resource: JsonObject, selection: Selection): JsonObject {
  const entries = Object.entries(resource).flatMap(([name, value]): [string, Json][] => {
    const key = name.toLowerCase();
    if (ALWAYS.has(key)) return [[name, value]];
    if (!shows(selection, key)) return [];
    const only = selection.only?.filter((one) => one.name === key) ?? [];
    const subs = only.every(({ sub }) => sub !== null) ? only.map(({ sub }) => sub) : [];
    const hidden = selection.without.filter((one) => one.name === key).map(({ sub }) => sub);
    if (subs.length === 0 && hidden.length === 0) return [[name, value]];
    const keep = (sub: string) => (subs.length === 0 || subs.includes(sub)) && !hidden.includes(sub);
    return [[name, narrow(value, keep)]];
  });
  return Object.fromEntries(entries);
}

function narrow(value: Json, keep: (sub: string) => boolean): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => narrow(one, keep));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => keep(name.toLowerCase())));
}
