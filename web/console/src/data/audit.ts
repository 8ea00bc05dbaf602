import type { Schemas } from '@sealpost/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';

export type Wanted = Schemas['AuditSearchInput'];
export type AuditSettings = Schemas['AuditSettings'];
export type AuditStream = Schemas['AuditStream'];
export type ReviewSummary = Schemas['AuditReviewSummary'];
export type PersonDay = Schemas['AuditPersonDay'];

/** Terms become an opaque text, which alone may stand in a link. */
export async function beginSearch(wanted: Wanted): Promise<string> {
  return (await unwrap(client.POST('/v1/audit/search', { body: { wanted, limit: 1 } }))).query;
}

/** Each look is on record, so a search is not asked for in the background. */
export function foundQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ['audit-found', query],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.POST('/v1/audit/search', {
          body: { query, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Entries asked for at once. */
const AT_ONCE = 50;

/** Entries by their ids, piece by piece; each look is on record, so they are not asked for in the background. */
export function entriesQuery(ids: readonly string[]) {
  return infiniteQueryOptions({
    queryKey: ['audit-entries', ids],
    queryFn: ({ pageParam, signal }) => {
      const body = { ids: ids.slice(pageParam, pageParam + AT_ONCE) };
      return unwrap(client.POST('/v1/audit/entries', { body, signal }));
    },
    initialPageParam: 0,
    getNextPageParam: (_page, _pages, at) => (at + AT_ONCE < ids.length ? at + AT_ONCE : null),
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function wantedQuery(query: string) {
  return queryOptions({
    queryKey: ['audit-wanted', query],
    queryFn: ({ signal }) => unwrap(client.POST('/v1/audit/search/open', { body: { query }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const filtersQuery = queryOptions({
  queryKey: ['audit-filters'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/audit-filters', { signal })),
});

export function keepFilter(name: string, shared: boolean, wanted: Wanted) {
  return unwrap(client.POST('/v1/audit-filters', { body: { name, shared, wanted } }));
}

export function dropFilter(id: string): Promise<void> {
  return done(client.DELETE('/v1/audit-filters/{id}', { params: { path: { id } } }));
}

export function personDaysQuery(actor: string, since: string) {
  return queryOptions({
    queryKey: ['audit-person', actor, since],
    queryFn: ({ signal }) => unwrap(client.POST('/v1/audit/person', { body: { actor, since }, signal })),
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const reviewStandingQuery = queryOptions({
  queryKey: ['audit-review-standing'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/audit-reviews/standing', { signal })),
});

export const reviewsQuery = queryOptions({
  queryKey: ['audit-reviews'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/audit-reviews', { params: { query: { limit: 50 } }, signal })),
});

export function reviewQuery(id: string) {
  return queryOptions({
    queryKey: ['audit-review', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/audit-reviews/{id}', { params: { path: { id } }, signal })),
    refetchOnWindowFocus: false,
  });
}

export function openReview() {
  return unwrap(client.POST('/v1/audit-reviews'));
}

export function markEntry(id: string, entry: string, note: string) {
  return unwrap(
    client.POST('/v1/audit-reviews/{id}/marks', { params: { path: { id } }, body: { entry, note } }),
  );
}

export function closeReview(id: string, statement: string) {
  return unwrap(
    client.POST('/v1/audit-reviews/{id}/close', { params: { path: { id } }, body: { statement } }),
  );
}

export const auditSettingsQuery = queryOptions({
  queryKey: ['audit-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/audit-settings', { signal })),
  refetchOnWindowFocus: false,
});

export function saveAuditSettings(settings: Omit<AuditSettings, 'keptUntil' | 'changedAt'>) {
  return unwrap(client.PUT('/v1/audit-settings', { body: settings }));
}

export const streamQuery = queryOptions({
  queryKey: ['audit-stream'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/audit-stream', { signal })),
  retry: false,
});

export function saveStream(stream: StreamInput) {
  return unwrap(client.PUT('/v1/audit-stream', { body: stream }));
}

export interface StreamInput {
  host: string;
  port: number;
  format: AuditStream['format'];
  authorities: string | null;
  clientCertificate: string | null;
  clientKey: string | null;
}

export function removeStream(): Promise<void> {
  return done(client.DELETE('/v1/audit-stream'));
}

/** Where a file of entries is fetched: the browser streams it to the disk. */
export function exportAddress(format: string, more: { query?: string; from?: string; to?: string }): string {
  const terms = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(more))
    if (value !== undefined && value !== '') terms.set(name, value);
  return `/v1/audit/export?${terms}`;
}

/** Fetched first: it asks for a fresh proof where that is needed, which a plain download could not. */
export function exportManifest(range: { from?: number; to?: number }) {
  return unwrap(client.GET('/v1/audit/export/manifest', { params: { query: range } }));
}
