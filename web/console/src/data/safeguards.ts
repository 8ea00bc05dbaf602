import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';

export const emergencyRunningQuery = queryOptions({
  queryKey: ['break-glass-running'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/break-glass/running', { signal })),
  refetchInterval: 60_000,
});

export const emergenciesQuery = queryOptions({
  queryKey: ['break-glass'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/break-glass', { params: { query: { limit: 100 } }, signal })),
});

export const emergencyActsQuery = (id: string) =>
  queryOptions({
    queryKey: ['break-glass-acts', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/break-glass/{id}/acts', { params: { path: { id } }, signal })),
    // Looking is on record: once is enough.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

export function takeEmergency(reason: string, reference: string | null, minutes: number) {
  return unwrap(client.POST('/v1/break-glass', { body: { reason, reference, minutes } }));
}

export function endEmergency(id: string): Promise<void> {
  return done(client.POST('/v1/break-glass/{id}/end', { params: { path: { id } } }));
}

export function reviewEmergency(id: string, justified: boolean, note: string): Promise<void> {
  return done(
    client.POST('/v1/break-glass/{id}/review', { params: { path: { id } }, body: { justified, note } }),
  );
}

export const reviewsQuery = queryOptions({
  queryKey: ['access-reviews'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/access-reviews', { params: { query: { limit: 100 } }, signal })),
});

export const reviewItemsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['access-review-items', id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/v1/access-reviews/{id}/items', {
          params: { path: { id }, query: given({ limit: 100, cursor: pageParam ?? undefined }) },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
  });

export interface NewReview {
  name: string;
  audience: 'people' | 'role' | 'group' | 'machines';
  audienceId: string | null;
  reviewers: string[];
  dueAt: string;
  everyMonths: number | null;
}

export function openReview(review: NewReview) {
  return unwrap(client.POST('/v1/access-reviews', { body: review }));
}

export function decideItem(id: string, decision: 'keep' | 'revoke'): Promise<void> {
  return done(
    client.POST('/v1/access-review-items/{id}/decide', { params: { path: { id } }, body: { decision } }),
  );
}

export function closeReview(id: string): Promise<void> {
  return done(client.POST('/v1/access-reviews/{id}/close', { params: { path: { id } } }));
}

/** What an act asks for. Opening it is on record, so it is asked for when somebody looks. */
export function pendingRequestQuery(id: string) {
  return queryOptions({
    queryKey: ['pending-request', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/pending-acts/{id}/request', { params: { path: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

export const pendingQuery = queryOptions({
  queryKey: ['pending-acts'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/pending-acts', { params: { query: { limit: 100 } }, signal })),
});

export const fourEyesQuery = queryOptions({
  queryKey: ['four-eyes-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/four-eyes-settings', { signal })),
});

export function setFourEyes(codes: string[]): Promise<void> {
  return done(client.PUT('/v1/four-eyes-settings', { body: { codes: codes as [] } }));
}

export function decidePending(id: string, act: 'reject' | 'withdraw'): Promise<void> {
  const params = { params: { path: { id } } };
  return done(
    act === 'reject'
      ? client.POST('/v1/pending-acts/{id}/reject', params)
      : client.POST('/v1/pending-acts/{id}/withdraw', params),
  );
}

export function approvePending(id: string) {
  return unwrap(client.POST('/v1/pending-acts/{id}/approve', { params: { path: { id } } }));
}

export function takeAnswer(id: string) {
  return unwrap(client.POST('/v1/pending-acts/{id}/answer', { params: { path: { id } } }));
}
