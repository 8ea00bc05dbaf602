import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';
import type { NewTextGateway, RecipientChange } from '../api-types.ts';

/** Looking at recipients is on record, so it is not asked for in the background. */
export const recipientsQuery = infiniteQueryOptions({
  queryKey: ['recipients'],
  queryFn: ({ pageParam, signal }) => {
    const query = { ...given({ cursor: pageParam ?? undefined }), limit: 100 };
    return unwrap(client.GET('/v1/recipients', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchOnWindowFocus: false,
});

export function findRecipient(address: string) {
  return unwrap(client.POST('/v1/recipients/search', { body: { address } }));
}

export function addRecipient(address: string, change: RecipientChange) {
  return unwrap(client.POST('/v1/recipients', { body: { address, ...change } }));
}

export function changeRecipient(id: string, version: number, change: RecipientChange) {
  const params = { path: { id }, header: { 'if-match': `"${version}"` } };
  return unwrap(client.PUT('/v1/recipients/{id}', { params, body: change }));
}

export function removeRecipient(id: string, version: number): Promise<void> {
  const params = { path: { id }, header: { 'if-match': `"${version}"` } };
  return done(client.DELETE('/v1/recipients/{id}', { params }));
}

export const paperLettersQuery = infiniteQueryOptions({
  queryKey: ['paper-letters'],
  queryFn: ({ pageParam, signal }) => {
    const query = { ...given({ cursor: pageParam ?? undefined }), limit: 100 };
    return unwrap(client.GET('/v1/paper-letters', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchOnWindowFocus: false,
});

export function letterWritten(id: string): Promise<void> {
  return done(client.POST('/v1/paper-letters/{id}/written', { params: { path: { id } } }));
}

export const textChannelQuery = queryOptions({
  queryKey: ['text-channel'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/text-channel', { signal })),
});

export const installationGatewayQuery = queryOptions({
  queryKey: ['text-channel', 'installation'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/installation/text-gateway', { signal })),
});

export function setTextNotices(textNotices: boolean) {
  return unwrap(client.PATCH('/v1/text-channel', { body: { textNotices } }));
}

/** Whose gateway: the organisation's own, or that of the installation. */
export type GatewayOf = 'organisation' | 'installation';

export async function setGateway(of: GatewayOf, body: NewTextGateway): Promise<void> {
  if (of === 'organisation') await unwrap(client.PUT('/v1/text-channel/gateway', { body }));
  else await unwrap(client.PUT('/v1/installation/text-gateway', { body }));
}

export function removeGateway(of: GatewayOf): Promise<void> {
  return of === 'organisation'
    ? done(client.DELETE('/v1/text-channel/gateway'))
    : done(client.DELETE('/v1/installation/text-gateway'));
}

export function testText(number: string) {
  return unwrap(client.POST('/v1/text-channel/test', { body: { number } }));
}
