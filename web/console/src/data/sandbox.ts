import { queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '../api.ts';

export const sandboxPeersQuery = queryOptions({
  queryKey: ['sandbox', 'peers'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sandbox/peers', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const mailboxesQuery = queryOptions({
  queryKey: ['sandbox', 'mailboxes'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sandbox/mailboxes', { signal })),
  refetchInterval: 3_000,
});

export const sandboxTextsQuery = queryOptions({
  queryKey: ['sandbox', 'texts'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sandbox/texts', { signal })),
  refetchInterval: 3_000,
});

export function mailboxQuery(address: string) {
  return queryOptions({
    queryKey: ['sandbox', 'mailbox', address],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/sandbox/mailboxes/{address}/messages', { params: { path: { address } }, signal }),
      ),
    refetchInterval: 3_000,
  });
}

export function sandboxMessageQuery(address: string, id: string) {
  return queryOptions({
    queryKey: ['sandbox', 'message', address, id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/sandbox/mailboxes/{address}/messages/{id}', {
          params: { path: { address, id } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
