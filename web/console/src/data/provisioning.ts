import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { MappedGroup, ProvisioningInput } from '../api-types.ts';

const key = ['provisioning'];

export const provisioningQuery = queryOptions({
  queryKey: [...key, 'setting'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/provisioning', { signal })),
});

/** While a pass is under way it is looked at again soon. */
export const connectionsQuery = queryOptions({
  queryKey: [...key, 'connections'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/provisioning/connections', { signal })),
  refetchInterval: 5_000,
});

export const mappingsQuery = queryOptions({
  queryKey: [...key, 'mappings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/provisioning/mappings', { signal })),
});

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: [...key, 'run', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/provisioning/runs/{id}', { params: { path: { id } }, signal })),
  });

export function setDomains(furtherDomains: string[]) {
  return unwrap(client.PUT('/v1/provisioning', { body: { furtherDomains } }));
}

export function saveConnection(id: string | null, body: ProvisioningInput) {
  return id === null
    ? unwrap(client.POST('/v1/provisioning/connections', { body }))
    : unwrap(client.PUT('/v1/provisioning/connections/{id}', { params: { path: { id } }, body }));
}

export function removeConnection(id: string): Promise<void> {
  return done(client.DELETE('/v1/provisioning/connections/{id}', { params: { path: { id } } }));
}

export function askForPass(id: string, dry: boolean) {
  return unwrap(
    client.POST('/v1/provisioning/connections/{id}/pass', { params: { path: { id } }, body: { dry } }),
  );
}

export function confirmRun(id: string): Promise<void> {
  return done(client.POST('/v1/provisioning/runs/{id}/confirm', { params: { path: { id } }, body: {} }));
}

export function setRoles(id: string, roles: MappedGroup['roles']): Promise<void> {
  const body = { roles: roles.map(({ role, scope }) => ({ role, scope })) };
  return done(client.PUT('/v1/provisioning/mappings/{id}', { params: { path: { id } }, body }));
}
