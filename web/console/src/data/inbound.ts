import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';

export const inboundQuery = queryOptions({
  queryKey: ['inbound-domains'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/inbound/domains', { signal })),
});

export function setInboundHost(domain: string, host: string, port: number) {
  return unwrap(
    client.PUT('/v1/inbound/domains/{domain}', { params: { path: { domain } }, body: { host, port } }),
  );
}

export function removeInboundHost(domain: string): Promise<void> {
  return done(client.DELETE('/v1/inbound/domains/{domain}', { params: { path: { domain } } }));
}

export function checkInboundHost(domain: string) {
  return unwrap(client.POST('/v1/inbound/domains/{domain}/check', { params: { path: { domain } } }));
}
