import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { PortalDelegationChange } from '../api-types.ts';

export const portalDelegationQuery = queryOptions({
  queryKey: ['portal-delegation'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/organisation/portal-delegation', { signal })),
});

export function setPortalDelegation(change: PortalDelegationChange) {
  return unwrap(client.PUT('/v1/organisation/portal-delegation', { body: change }));
}

export function removePortalDelegation(): Promise<void> {
  return done(client.DELETE('/v1/organisation/portal-delegation'));
}
