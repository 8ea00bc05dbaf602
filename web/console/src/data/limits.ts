import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { GuardrailRules, Permission } from '../api-types.ts';

export const guardrailsQuery = queryOptions({
  queryKey: ['guardrails'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/guardrails', { signal })),
});

export function saveGuardrails(rules: GuardrailRules): Promise<void> {
  return done(client.PUT('/v1/guardrails', { body: rules }));
}

/** Every way by which a permission comes, or would come, to a person. */
export function memberAccessQuery(id: string) {
  return queryOptions({
    queryKey: ['member-access', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/members/{id}/access', { params: { path: { id } }, signal })),
  });
}

/** The most that a person may hold; null lifts the boundary. */
export function setBoundary(id: string, permissions: readonly Permission[] | null): Promise<void> {
  const body = { permissions: permissions === null ? null : [...permissions] };
  return done(client.PUT('/v1/members/{id}/boundary', { params: { path: { id } }, body }));
}
