import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineRoute, inspectRoutes } from '#platform/http';
import { describedRoutes } from './described-routes.ts';

describe('every route of the API', () => {
  it('demands strict objects and declares what it answers', () => {
    const routes = describedRoutes();
    expect(routes.length).toBeGreaterThan(40);
    expect(inspectRoutes(routes)).toEqual([]);
  });

  it('would be caught with a loose object', () => {
    const loose = defineRoute({
      method: 'POST',
      path: '/v1/loose',
      summary: '',
      tags: [],
      access: 'public',
      body: z.object({ a: z.string() }),
      responses: { 200: z.strictObject({}) },
    }).handle(async () => ({ status: 200, body: {} }));
    expect(inspectRoutes([...describedRoutes(), loose])).toEqual([
      { route: 'POST /v1/loose', problem: 'body is not a strict object' },
    ]);
  });
});
