import type { z } from 'zod';
import { $ZodType } from 'zod/v4/core';
import { isJsonBody } from './body.ts';
import { isJsonResponse } from './response.ts';
import type { Route } from './route.ts';

/** One schema inside another, with what the checks want to know of it. */
export interface SchemaPart {
  readonly path: string;
  readonly type: string;
  readonly propertyNames: readonly string[];
  /** Only for objects: whether unknown keys are refused. */
  readonly strict: boolean | null;
}

/** Every schema inside `schema`, itself first. Follows all of zod's containers; recursive schemas are visited once. */
export function schemaParts(schema: z.ZodType): SchemaPart[] {
  const parts: SchemaPart[] = [];
  const seen = new Set<unknown>();
  const visit = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object' || seen.has(node)) return;
    seen.add(node);
    if (node instanceof $ZodType) {
      const definition: Readonly<Record<string, unknown>> = { ...node._zod.def };
      const shape = definition.shape;
      const isObject = node._zod.def.type === 'object';
      parts.push({
        path,
        type: node._zod.def.type,
        propertyNames: isObject && isRecord(shape) ? Object.keys(shape) : [],
        strict: isObject ? isNever(definition.catchall) : null,
      });
      if (typeof definition.getter === 'function') visit(definition.getter(), path);
      for (const [name, value] of Object.entries(definition)) {
        if (name === 'shape' && isRecord(value)) {
          for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`);
        } else if (name !== 'getter' && name !== 'checks') {
          visitValue(value, path);
        }
      }
    }
  };
  const visitValue = (value: unknown, path: string): void => {
    if (value instanceof $ZodType) visit(value, path);
    else if (Array.isArray(value)) value.forEach((item, index) => void visitValue(item, `${path}[${index}]`));
  };
  visit(schema, '');
  return parts;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}

function isNever(value: unknown): boolean {
  return value instanceof $ZodType && value._zod.def.type === 'never';
}

/** Something about a route that breaks the house rules. */
export interface RouteProblem {
  readonly route: string;
  readonly problem: string;
}

/**
 * What is wrong with the routes: an object that lets unknown keys through, a response without a declared success
 * status, an idempotent route that is not a POST, a path declared twice. Checked at every start of a server, and by a test over
 * all routes of the program.
 */
export function inspectRoutes(routes: readonly Route[]): RouteProblem[] {
  const problems: RouteProblem[] = [];
  const seen = new Set<string>();
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    const complain = (problem: string): void => void problems.push({ route: name, problem });
    if (seen.has(name)) complain('is declared twice');
    seen.add(name);
    if (Object.keys(route.responses).length === 0) complain('declares no response');
    if (route.idempotent && route.method !== 'POST') complain('is idempotent but not a POST');
    if (route.fourEyes !== null && (typeof route.access === 'string' || route.idempotent))
      complain('wants a second person but no permission, or is idempotent');
    if (route.idempotent && route.access === 'public')
      complain('is idempotent but belongs to no organisation');
    if (route.fromOtherSites && route.access !== 'public')
      complain('takes posts of other sites but is not public');
    if (/:/.test(route.path) !== (route.params !== undefined)) complain('path and params disagree');
    if (route.body !== undefined && route.method === 'GET') complain('is a GET with a body');
    for (const [place, schema] of routeSchemas(route)) {
      for (const part of schemaParts(schema)) {
        if (part.strict === false) complain(`${place}${part.path} is not a strict object`);
        if (part.type === 'any' || part.type === 'unknown') complain(`${place}${part.path} accepts anything`);
      }
    }
  }
  return problems;
}

function routeSchemas(route: Route): [place: string, schema: z.ZodType][] {
  const schemas: [string, z.ZodType][] = [];
  if (route.params !== undefined) schemas.push(['params', route.params]);
  if (route.query !== undefined) schemas.push(['query', route.query]);
  if (route.headers !== undefined) schemas.push(['headers', route.headers]);
  if (route.body !== undefined) {
    if (isJsonBody(route.body)) schemas.push(['body', route.body]);
    else if (route.body.kind === 'form') schemas.push(['body', route.body.schema]);
  }
  for (const [status, spec] of Object.entries(route.responses)) {
    if (isJsonResponse(spec)) schemas.push([`response ${status}`, spec]);
  }
  return schemas;
}
