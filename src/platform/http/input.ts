import type { z } from 'zod';
import { schemaParts } from './strictness.ts';

export type InputPlace = 'params' | 'query' | 'headers' | 'body';

/** One thing wrong with a request: where and what, never the value. */
export interface InputFault {
  readonly place: InputPlace;
  readonly path: string;
  readonly code: string;
}

/** The request does not fit the route's schemas. */
export class InputProblem extends Error {
  override readonly name = 'InputProblem';
  readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super('request does not fit its schema');
    this.faults = faults;
  }
}

const MOST_FAULTS = 20;

/** Every property name that the schemas themselves mention. */
export function knownNames(schemas: readonly (z.ZodType | undefined)[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const schema of schemas) {
    if (schema === undefined) continue;
    for (const part of schemaParts(schema)) for (const name of part.propertyNames) names.add(name);
  }
  return names;
}

/**
 * Parses one part of a request. Throws InputProblem with paths and codes only: a path segment that is not a name of the
 * schema's own (a key that the client invented) is written as `*`, because it may be a value.
 */
export function parseInput<Schema extends z.ZodType>(
  place: InputPlace,
  schema: Schema,
  value: unknown,
  names: ReadonlySet<string>,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, MOST_FAULTS).map((issue) => ({
    place,
    path: issue.path.map((segment) => pathSegment(segment, names)).join('.'),
    code: issue.code === 'custom' && typeof issue.params?.code === 'string' ? issue.params.code : issue.code,
  }));
  throw new InputProblem(faults);
}

function pathSegment(segment: PropertyKey, names: ReadonlySet<string>): string {
  if (typeof segment === 'number') return String(segment);
  return typeof segment === 'string' && names.has(segment) ? segment : '*';
}
