import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';
import type { NewMessage } from '../api-types.ts';
import type { MessageNarrowing } from '../pages/messages/filters.ts';
import { momentsOf } from './day-range.ts';

const PAGE_SIZE = 100;

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/overview', { signal })),
  refetchInterval: 15_000,
});

export interface SearchTerms {
  /** Whole words of subject and addresses. */
  readonly text: string;
}

/**
 * The list, or with terms the search. Listing is an audited act, so it is done when somebody asks, not in the background.
 * Terms travel in the body of a POST; `searchId` is the
 * opaque name of the terms.
 */
export function messagesQuery(
  { state, method, direction, ...days }: MessageNarrowing,
  searchId: string | undefined,
  terms: SearchTerms | null,
) {
  return infiniteQueryOptions({
    queryKey: [
      'messages',
      state ?? '',
      method ?? '',
      direction ?? '',
      days.since ?? '',
      days.until ?? '',
      searchId ?? '',
    ],
    queryFn: ({ pageParam, signal }) => {
      const page = given({ state, method, direction, ...momentsOf(days), cursor: pageParam ?? undefined });
      if (terms) {
        const body = { ...terms, ...page, limit: PAGE_SIZE };
        return unwrap(client.POST('/v1/messages/search', { body, signal }));
      }
      return unwrap(client.GET('/v1/messages', { params: { query: { ...page, limit: PAGE_SIZE } }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
}

export function messageQuery(id: string) {
  return queryOptions({
    queryKey: ['message', id],
    queryFn: ({ signal }) => unwrap(client.GET('/v1/messages/{id}', { params: { path: { id } }, signal })),
  });
}

/** Opening the content is an audited act, so it is asked for once and never in the background. */
export function contentQuery(id: string) {
  return queryOptions({
    queryKey: ['message', id, 'content'],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/messages/{id}/content', { params: { path: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

/** Address of an attachment for a download by the browser itself. */
export function attachmentPath(id: string, index: number): string {
  return `/v1/messages/${encodeURIComponent(id)}/attachments/${index}`;
}

export function proofQuery(delivery: string) {
  return queryOptions({
    queryKey: ['proof', delivery],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/deliveries/{id}/proof', { params: { path: { id: delivery } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** `key` makes a repeated press the same message. */
export function sendMessage(message: NewMessage, key: string) {
  return unwrap(
    client.POST('/v1/messages', { body: message, params: { header: { 'idempotency-key': key } } }),
  );
}

export function cancelMessage(id: string) {
  return unwrap(client.POST('/v1/messages/{id}/cancel', { params: { path: { id } } }));
}

/** Gives a recipient access again whom wrong answers had locked out. */
export function unlockDelivery(id: string, delivery: string): Promise<void> {
  return done(
    client.POST('/v1/messages/{id}/deliveries/{delivery}/unlock', { params: { path: { id, delivery } } }),
  );
}

export function retractMessage(id: string) {
  return unwrap(client.POST('/v1/messages/{id}/retract', { params: { path: { id } } }));
}

/** Where a proof is taken away: as a file to verify, or as a page to print. Naming the recipient is an audited act. */
export function proofPath(delivery: string, as: 'file' | 'report', naming: 'hashed' | 'named'): string {
  return `/v1/deliveries/${delivery}/proof-${as}?recipient=${naming}`;
}
