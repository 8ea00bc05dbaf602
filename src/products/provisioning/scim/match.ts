import type { AttributePath, CompareValue, Filter, Operator } from './filter.ts';
import { scimRefusal } from './scim-refusal.ts';

/** A resource or a part of one, as JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Compared with case (RFC 7643 §3.1, §7); everything else is names and addresses, where case says nothing. */
const CASE_EXACT: ReadonlySet<string> = new Set(['id', 'externalid', 'version', 'location']);
const TIMES: ReadonlySet<string> = new Set(['created', 'lastmodified']);

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** An attribute by its name in any case; undefined where there is none. */
export function attributeOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(object).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : object[key];
}

/** Whether a resource of `schema` passes a filter. Attributes of other schemas are ones that it does not have. */
export function matches(resource: JsonObject, filter: Filter, schema: string | null): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matches(resource, part, schema));
    case 'or':
      return filter.parts.some((part) => matches(resource, part, schema));
    case 'not':
      return !matches(resource, filter.part, schema);
    case 'some':
      return elements(resource, filter.path, schema).some(
        (one) => isObject(one) && matches(one, filter.filter, null),
      );
    case 'present':
      return valuesOf(resource, filter.path, schema).some((one) => one !== null && one !== '');
    case 'compare':
      return compares(resource, filter, schema);
  }
}

function compares(
  resource: JsonObject,
  { path, operator, value }: Filter & { kind: 'compare' },
  schema: string | null,
): boolean {
  const values = valuesOf(resource, path, schema);
  if (value === null || operator === 'ne') {
    const equal =
      value === null
        ? !values.some((one) => one !== null && one !== '')
        : values.some((one) => holds(path, 'eq', one, value));
    if (operator === 'eq') return equal;
    if (operator === 'ne') return !equal;
    throw scimRefusal('invalidFilter');
  }
  return values.some((one) => holds(path, operator, one, value));
}

/** Comparable values of a path: of a complex attribute that has a `value`, that one. */
export function valuesOf(resource: JsonObject, path: AttributePath, schema: string | null): Json[] {
  return elements(resource, path, schema).flatMap((one) => {
    if (!isObject(one)) return path.sub === null ? [one] : [];
    const value = attributeOf(one, path.sub ?? 'value');
    return value === undefined ? [] : [value];
  });
}

function elements(resource: JsonObject, path: AttributePath, schema: string | null): readonly Json[] {
  if (path.schema !== null && path.schema.toLowerCase() !== schema?.toLowerCase()) return [];
  const found = attributeOf(resource, path.name);
  if (found === undefined) return [];
  return Array.isArray(found) ? (found as readonly Json[]) : [found];
}

function holds(path: AttributePath, operator: Operator, one: Json, value: CompareValue): boolean {
  if (typeof one === 'boolean') {
    if (operator !== 'eq') throw scimRefusal('invalidFilter');
    // Some clients write booleans as strings.
    return String(one) === String(value).toLowerCase();
  }
  if (typeof one === 'number' && typeof value === 'number') return ordered(operator, one - value);
  if (typeof one !== 'string' || typeof value !== 'string') return false;
  const name = (path.sub ?? path.name).toLowerCase();
  if (TIMES.has(name) && operator !== 'co' && operator !== 'sw' && operator !== 'ew') {
    return ordered(operator, Date.parse(one) - Date.parse(value));
  }
  const exact = CASE_EXACT.has(name);
  const [left, right] = exact ? [one, value] : [one.toLowerCase(), value.toLowerCase()];
  switch (operator) {
    case 'co':
      return left.includes(right);
    case 'sw':
      return left.startsWith(right);
    case 'ew':
      return left.endsWith(right);
    default:
      return ordered(operator, left === right ? 0 : left < right ? -1 : 1);
  }
}

function ordered(operator: Operator, difference: number): boolean {
  switch (operator) {
    case 'eq':
      return difference === 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    default:
      return false;
  }
}

/** The value that must be equal for a resource to pass at all, where a filter says so in its outermost `and`. */
export function requiredEqual(filter: Filter, name: string): string | null {
  if (filter.kind === 'and') {
    for (const part of filter.parts) {
      const found = requiredEqual(part, name);
      if (found !== null) return found;
    }
    return null;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return null;
  const { path } = filter;
  return path.sub === null && path.name.toLowerCase() === name.toLowerCase() ? filter.value : null;
}
