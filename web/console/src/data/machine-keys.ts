import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { Permission } from '../api-types.ts';

export const serviceAccountsQuery = queryOptions({
  queryKey: ['service-accounts'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/service-accounts', { params: { query: { limit: 200 } }, signal })),
});

export const keyRuleQuery = queryOptions({
  queryKey: ['api-key-rule'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/api-key-rule', { signal })),
});

export function setKeyRule(longestDays: number): Promise<void> {
  return done(client.PUT('/v1/api-key-rule', { body: { longestDays } }));
}

export function createServiceAccount(account: { name: string; owner: string; permissions: Permission[] }) {
  return unwrap(client.POST('/v1/service-accounts', { body: account }));
}

export function changeOwner(id: string, owner: string): Promise<void> {
  return done(client.PATCH('/v1/service-accounts/{id}', { params: { path: { id } }, body: { owner } }));
}

export function endServiceAccount(id: string): Promise<void> {
  return done(client.DELETE('/v1/service-accounts/{id}', { params: { path: { id } } }));
}

export function registerClient(wanted: {
  label: string;
  serviceAccount: string;
  permissions: Permission[];
  keys: string;
  bindCertificate: boolean;
}) {
  const { keys, ...rest } = wanted;
  const source = keys.trim().startsWith('https:') ? { url: keys.trim() } : { jwks: JSON.parse(keys) };
  return unwrap(client.POST('/v1/oauth-clients', { body: { ...rest, keys: source } }));
}
