import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';
import type { AccessSubject } from '../api-types.ts';

export const careRuleQuery = queryOptions({
  queryKey: ['care-rule'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/care-rule', { signal })),
});

export function setCareRule(on: boolean): Promise<void> {
  return done(client.PUT('/v1/care-rule', { body: { on } }));
}

/** Of one person or group, of one patient, or all. The address is posted and stays in memory. */
export interface CareSearch {
  readonly subject?: string;
  readonly address?: string;
}

/** Whose relationships were looked at is on record: asked for when somebody looks, not in the background. */
export function careQuery(search: CareSearch) {
  return infiniteQueryOptions({
    queryKey: ['care', search.subject ?? '', search.address ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const body = { ...given(search), limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(client.POST('/v1/care-relationships/search', { body, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
}

export interface NewCare {
  subject: AccessSubject;
  address: string;
  since: string;
  until: string | null;
}

export function recordCare(care: NewCare) {
  return unwrap(client.POST('/v1/care-relationships', { body: care }));
}

export function endCare(id: string): Promise<void> {
  return done(client.DELETE('/v1/care-relationships/{id}', { params: { path: { id } } }));
}
