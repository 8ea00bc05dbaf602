import { queryOptions } from '@tanstack/react-query';
import { api, path } from '../api.ts';
import type { SandboxMailbox, SandboxMessage, SandboxMessageSummary, SandboxPeer } from '../api-types.ts';

export const sandboxPeersQuery = queryOptions({
  queryKey: ['sandbox', 'peers'],
  queryFn: ({ signal }) => api.get<{ items: SandboxPeer[] }>('/v1/sandbox/peers', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const mailboxesQuery = queryOptions({
  queryKey: ['sandbox', 'mailboxes'],
  queryFn: ({ signal }) => api.get<{ items: SandboxMailbox[] }>('/v1/sandbox/mailboxes', { signal }),
  refetchInterval: 3_000,
});

export function mailboxQuery(address: string) {
  return queryOptions({
    queryKey: ['sandbox', 'mailbox', address],
    queryFn: ({ signal }) =>
      api.get<{ items: SandboxMessageSummary[] }>(path`/v1/sandbox/mailboxes/${address}/messages`, {
        signal,
      }),
    refetchInterval: 3_000,
  });
}

export function sandboxMessageQuery(address: string, id: string) {
  return queryOptions({
    queryKey: ['sandbox', 'message', address, id],
    queryFn: ({ signal }) =>
      api.get<SandboxMessage>(path`/v1/sandbox/mailboxes/${address}/messages/${id}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
