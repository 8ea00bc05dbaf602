import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, path } from '../api.ts';
import type {
  Accepted,
  CancelResult,
  MessageContent,
  MessageDetail,
  MessageFilter,
  MessageSearch,
  MessageSummary,
  NewMessage,
  Overview,
  Page,
  ProofDocument,
  RetractResult,
} from '../api-types.ts';

const PAGE_SIZE = 100;

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => api.get<Overview>('/v1/overview', { signal }),
  refetchInterval: 15_000,
});

export type SearchTerms = Pick<MessageSearch, 'text' | 'from' | 'to'>;

/** The list, or with terms the search; terms travel in the body of a POST. `searchId` is the opaque name of the terms. */
export function messagesQuery(
  state: MessageFilter | undefined,
  searchId: string | undefined,
  terms: SearchTerms | null,
) {
  return infiniteQueryOptions({
    queryKey: ['messages', state ?? '', searchId ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam ?? undefined;
      if (terms) {
        const body: MessageSearch = { ...terms, state, cursor, limit: PAGE_SIZE };
        return api.post<Page<MessageSummary>>('/v1/messages/search', { body, signal });
      }
      return api.get<Page<MessageSummary>>('/v1/messages', {
        query: { state, cursor, limit: PAGE_SIZE },
        signal,
      });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: terms ? false : 15_000,
  });
}

export function messageQuery(id: string) {
  return queryOptions({
    queryKey: ['message', id],
    queryFn: ({ signal }) => api.get<MessageDetail>(path`/v1/messages/${id}`, { signal }),
  });
}

/** Opening the content is an audited act, so it is asked for once and never in the background. */
export function contentQuery(id: string) {
  return queryOptions({
    queryKey: ['message', id, 'content'],
    queryFn: ({ signal }) => api.get<MessageContent>(path`/v1/messages/${id}/content`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

export function attachmentPath(id: string, index: number): string {
  return path`/v1/messages/${id}/attachments/${index}`;
}

export function proofQuery(delivery: string) {
  return queryOptions({
    queryKey: ['proof', delivery],
    queryFn: ({ signal }) => api.get<ProofDocument>(path`/v1/deliveries/${delivery}/proof`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** `key` makes a repeated press the same message. */
export function sendMessage(message: NewMessage, key: string): Promise<Accepted> {
  return api.post<Accepted>('/v1/messages', { body: message, headers: { 'idempotency-key': key } });
}

export function cancelMessage(id: string): Promise<CancelResult> {
  return api.post<CancelResult>(path`/v1/messages/${id}/cancel`, { body: {} });
}

export function retractMessage(id: string): Promise<RetractResult> {
  return api.post<RetractResult>(path`/v1/messages/${id}/retract`, { body: {} });
}
