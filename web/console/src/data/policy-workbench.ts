import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { PolicyDocument } from '../api-types.ts';

/** Looking at drafts, replays and proposals is on record, so they are not asked for in the background. */
const QUIET = { refetchOnWindowFocus: false } as const;

export const draftsQuery = queryOptions({
  queryKey: ['policy-drafts'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/policy/drafts', { signal })),
  ...QUIET,
});

export function draftQuery(id: string) {
  return queryOptions({
    queryKey: ['policy-draft', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/policy/drafts/{id}', { params: { path: { id } }, signal })),
    // An editor works on a copy: it must not be renewed under the reader's hands.
    staleTime: Number.POSITIVE_INFINITY,
    ...QUIET,
  });
}

export interface WrittenDraft {
  readonly name: string;
  readonly policy: PolicyDocument;
}

export function makeDraft(draft: WrittenDraft & { readonly baseVersion: number }) {
  return unwrap(client.POST('/v1/policy/drafts', { body: draft }));
}

export function saveDraft(id: string, revision: number, draft: WrittenDraft) {
  const params = { path: { id }, header: { 'if-match': `"${revision}"` } };
  return unwrap(client.PUT('/v1/policy/drafts/{id}', { params, body: draft }));
}

export function dropDraft(id: string): Promise<void> {
  return done(client.DELETE('/v1/policy/drafts/{id}', { params: { path: { id } } }));
}

export function reviewPolicy(policy: PolicyDocument, signal: AbortSignal) {
  return unwrap(client.POST('/v1/policy/review', { body: { policy }, signal }));
}

export function comparisonQuery(from: number, to: number) {
  return queryOptions({
    queryKey: ['policy-compare', from, to],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/policy/versions/compare', { params: { query: { from, to } }, signal })),
    // Versions never change.
    staleTime: Number.POSITIVE_INFINITY,
    ...QUIET,
  });
}

export const replaysQuery = queryOptions({
  queryKey: ['policy-replays'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/policy/replays', { signal })),
  ...QUIET,
});

export function startReplay(policy: PolicyDocument, days: number) {
  return unwrap(client.POST('/v1/policy/replays', { body: { policy, days } }));
}

const ASK_AGAIN_MS = 1_500;

export function replayQuery(id: string) {
  return queryOptions({
    queryKey: ['policy-replay', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/policy/replays/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.state === 'waiting' || data.state === 'running' ? ASK_AGAIN_MS : false,
    ...QUIET,
  });
}

export function cancelReplay(id: string): Promise<void> {
  return done(client.POST('/v1/policy/replays/{id}/cancel', { params: { path: { id } } }));
}

export const policySettingsQuery = queryOptions({
  queryKey: ['policy-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/policy/settings', { signal })),
  ...QUIET,
});

export function setFourEyes(fourEyes: boolean) {
  return unwrap(client.PUT('/v1/policy/settings', { body: { fourEyes } }));
}

export const proposalsQuery = queryOptions({
  queryKey: ['policy-proposals'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/policy/proposals', { signal })),
  ...QUIET,
});

export type ProposalVerb = 'approve' | 'reject' | 'withdraw';

export function actOnProposal(id: string, verb: ProposalVerb, comment: string): Promise<void> {
  const params = { path: { id } };
  switch (verb) {
    case 'approve':
      return done(client.POST('/v1/policy/proposals/{id}/approve', { params, body: { comment } }));
    case 'reject':
      return done(client.POST('/v1/policy/proposals/{id}/reject', { params, body: { comment } }));
    case 'withdraw':
      return done(client.POST('/v1/policy/proposals/{id}/withdraw', { params }));
  }
}
