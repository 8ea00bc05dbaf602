// PATCH (RFC 7644 §3.5.2) on a resource as JSON. Directories in use stray from the standard in known ways, and these are
// understood: operations in capitals, booleans as strings, no path with dotted names in the value, members to remove
// listed in the value, and a value filter that matches nothing yet.
import { z } from 'zod';
import { type Filter, type PatchPath, parsePatchPath } from './filter.ts';
import { attributeOf, isObject, type Json, type JsonObject, matches } from './match.ts';
import { type AttributeDefinition, PATCH, type ResourceDefinition, writable } from './schemas.ts';
import { scimRefusal } from './scim-refusal.ts';

const MOST_OPERATIONS = 1_000;
/**
 * Comparisons that one message may ask for, about two seconds of a processor: each operation may go through a whole list, and
 * its filter be long. A group of 50,000 people takes 200 operations of one comparison.
 */
const MOST_WORK = 10_000_000;

const operationSchema = z.object({
  op: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['add', 'replace', 'remove'])),
  path: z.string().max(2_000).nullish(),
  value: z.json().optional(),
});
export type Operation = z.output<typeof operationSchema>;

const messageSchema = z.object({
  schemas: z.array(z.string()),
  Operations: z.array(operationSchema).min(1).max(MOST_OPERATIONS),
});

/** Reads a PATCH message. Refusal `invalidSyntax`. */
export function parsePatch(body: unknown): readonly Operation[] {
  const given = isObject(body) ? { ...body, Operations: attributeOf(body, 'Operations') } : body;
  const parsed = messageSchema.safeParse(given);
  if (!parsed.success || !parsed.data.schemas.some((one) => one.toLowerCase() === PATCH.toLowerCase()))
    throw scimRefusal('invalidSyntax');
  return parsed.data.Operations;
}

/**
 * The resource after the operations, one after the other. What may not be changed, or is not there, is a Refusal; `tooMany` where
 * the message asks for more work than one may.
 */
export function applyPatch(
  resource: JsonObject,
  operations: readonly Operation[],
  definition: ResourceDefinition,
): JsonObject {
  const result: Record<string, Json> = { ...resource };
  let work = 0;
  const apply = (op: Operation['op'], at: PatchPath, value: Json | undefined, named: boolean): void => {
    work += workOf(result, at, value);
    if (work > MOST_WORK) throw scimRefusal('tooMany');
    applyOne(result, op, at, value, definition, named);
  };
  for (const operation of operations) {
    const { op, path, value } = operation;
    if (path !== undefined && path !== null && path !== '' && !isSchema(path, definition)) {
      apply(op, parsePatchPath(path), value, true);
      continue;
    }
    if (op === 'remove') throw scimRefusal('noTarget');
    if (!isObject(value)) throw scimRefusal('invalidValue');
    for (const [name, part] of Object.entries(value)) {
      // An extension's object: nothing of it is kept.
      if (/^urn:/i.test(name) && isObject(part)) continue;
      apply(op, parsePatchPath(name), part, false);
    }
  }
  return result;
}

/** What stands and what is given, by the comparisons of the filter: what an operation costs at most. */
function workOf(target: JsonObject, { path, filter }: PatchPath, value: Json | undefined): number {
  const each = filter === null ? 1 : comparisonsOf(filter);
  return (1 + sizeOf(attributeOf(target, path.name)) + sizeOf(value)) * each;
}

function sizeOf(value: Json | undefined): number {
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 1;
}

function comparisonsOf(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.reduce((sum, part) => sum + comparisonsOf(part), 0);
    case 'not':
      return comparisonsOf(filter.part);
    case 'some':
      return comparisonsOf(filter.filter);
    default:
      return 1;
  }
}

const isSchema = (path: string, { schema }: ResourceDefinition) =>
  path.toLowerCase() === schema.toLowerCase();

function applyOne(
  target: Record<string, Json>,
  op: Operation['op'],
  { path, filter }: PatchPath,
  value: Json | undefined,
  definition: ResourceDefinition,
  named: boolean,
): void {
  const name = path.name.toLowerCase();
  const foreign = path.schema !== null && !isSchema(path.schema, definition);
  if (foreign || definition.notKept.has(name) || name === 'schemas') return;
  const attribute = writable(definition).get(name);
  if (attribute === undefined) {
    const fixed =
      ['id', 'meta'].includes(name) || definition.attributes.some((one) => one.name.toLowerCase() === name);
    // In an object of everything, what cannot be changed is passed over, as in PUT (RFC 7644 §3.5.1).
    if (!named) return;
    throw scimRefusal(fixed ? 'mutability' : 'invalidPath');
  }
  if (op !== 'remove' && value === undefined) throw scimRefusal('invalidValue', attribute.name);
  if (attribute.multiValued)
    target[attribute.name] = many(target[attribute.name], op, { path, filter }, value);
  else if (filter !== null) throw scimRefusal('invalidPath');
  else single(target, op, attribute, path.sub, value);
}

function single(
  target: Record<string, Json>,
  op: Operation['op'],
  attribute: AttributeDefinition,
  sub: string | null,
  value: Json | undefined,
): void {
  const { name } = attribute;
  if (sub === null) {
    const merged = attribute.type === 'complex' && isObject(value) && isObject(target[name]);
    if (op === 'remove' || value === undefined || value === null) delete target[name];
    // Parts that are not said stay as they are (RFC 7644 §3.5.2.1, §3.5.2.3).
    else target[name] = merged ? { ...known(target[name]), ...value } : value;
    return;
  }
  const part = attribute.subAttributes?.find((one) => one.name.toLowerCase() === sub.toLowerCase());
  // Parts of a name that are not kept, such as a title.
  if (part === undefined) return;
  const object: Record<string, Json> = { ...known(target[name]) };
  if (op === 'remove' || value === undefined || value === null) delete object[part.name];
  else object[part.name] = value;
  target[name] = object;
}

function known(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function many(
  before: Json | undefined,
  op: Operation['op'],
  { path, filter }: PatchPath,
  value: Json | undefined,
): Json[] {
  const list = Array.isArray(before) ? [...(before as readonly Json[])] : [];
  if (filter !== null) return filtered(list, op, filter, path.sub, value);
  if (path.sub !== null) throw scimRefusal('invalidPath');
  const given = value === undefined || value === null ? [] : listOf(value);
  if (op === 'replace') return given;
  if (op === 'add') return append(list, given);
  if (given.length === 0) return [];
  const gone = new Set(given.map(keyOf));
  return list.filter((one) => !gone.has(keyOf(one)));
}

function listOf(value: Json): Json[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return list.map((one) => (isObject(one) ? one : { value: one }));
}

function keyOf(one: Json): string {
  const value = isObject(one) ? attributeOf(one, 'value') : one;
  return typeof value === 'string' ? value.toLowerCase() : JSON.stringify(value);
}

function append(list: readonly Json[], given: readonly Json[]): Json[] {
  const keys = new Set(given.map(keyOf));
  const primary = given.some((one) => isObject(one) && attributeOf(one, 'primary') === true);
  const kept = list
    .filter((one) => !keys.has(keyOf(one)))
    // There is one primary value at most (RFC 7643 §2.4).
    .map((one) => (primary && isObject(one) ? { ...one, primary: false } : one));
  return [...kept, ...given];
}

function filtered(
  list: readonly Json[],
  op: Operation['op'],
  filter: Filter,
  sub: string | null,
  value: Json | undefined,
): Json[] {
  const hit = (one: Json) => isObject(one) && matches(one, filter, null);
  if (op === 'remove') {
    if (sub === null) return list.filter((one) => !hit(one));
    return list.map((one) => {
      if (!isObject(one) || !hit(one)) return one;
      return Object.fromEntries(
        Object.entries(one).filter(([name]) => name.toLowerCase() !== sub.toLowerCase()),
      );
    });
  }
  const change = changeOf(sub, value);
  if (list.some(hit)) return list.map((one) => (isObject(one) && hit(one) ? { ...one, ...change } : one));
  const made = madeBy(filter);
  if (made === null) throw scimRefusal('noTarget');
  return [...list, { ...made, ...change }];
}

function changeOf(sub: string | null, value: Json | undefined): JsonObject {
  if (sub !== null) return { [sub]: value ?? null };
  if (!isObject(value)) throw scimRefusal('invalidValue');
  return value;
}

/** What a filter of equalities describes, where nothing matches it yet: `[type eq "work"]` makes a work entry. */
function madeBy(filter: Filter): JsonObject | null {
  if (filter.kind === 'and') {
    const parts = filter.parts.map(madeBy);
    return parts.includes(null) ? null : Object.assign({}, ...parts);
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.path.sub !== null) return null;
  return { [filter.path.name]: filter.value };
}
