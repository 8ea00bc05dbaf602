import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { SsoChange } from '../api-types.ts';

export const ssoConnectionsQuery = queryOptions({
  queryKey: ['sso-connections'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sso-connections', { signal })),
});

export function createSsoConnection(kind: 'oidc' | 'saml', name: string) {
  return unwrap(client.POST('/v1/sso-connections', { body: { kind, name } }));
}

export function changeSsoConnection(id: string, change: SsoChange) {
  return unwrap(client.PUT('/v1/sso-connections/{id}', { params: { path: { id } }, body: change }));
}

export function removeSsoConnection(id: string): Promise<void> {
  return done(client.DELETE('/v1/sso-connections/{id}', { params: { path: { id } } }));
}

export function readSsoMetadata(from: { xml: string } | { url: string }) {
  return unwrap(client.POST('/v1/sso-connections/read-metadata', { body: from }));
}

export function beginSsoTry(id: string) {
  return unwrap(client.POST('/v1/sso-connections/{id}/tries', { params: { path: { id } } }));
}

export const ssoTryQuery = (id: string, tried: string) =>
  queryOptions({
    queryKey: ['sso-try', id, tried],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/sso-connections/{id}/tries/{try}', { params: { path: { id, try: tried } }, signal }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Which provider the people of an address's domain come by. */
export function discoverSignOn(address: string) {
  return unwrap(client.POST('/v1/sign-in/discover', { body: { address } }));
}

export const organisationWaysQuery = (slug: string) =>
  queryOptions({
    queryKey: ['sign-on-ways', slug],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/sign-in/organisations/{slug}', { params: { path: { slug } }, signal })),
    retry: false,
  });

/** Where to sign out at the provider of this session; null for a session that came by none. */
export async function providerSignOut(): Promise<string | null> {
  const { signOutUrl } = await unwrap(client.GET('/v1/session/provider'));
  return signOutUrl;
}
