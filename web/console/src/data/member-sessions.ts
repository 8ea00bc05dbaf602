import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';

/** The live sessions of somebody in the organisation that the reader works in. */
export function memberSessionsQuery(id: string) {
  return queryOptions({
    queryKey: ['member-sessions', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/members/{id}/sessions', { params: { path: { id } }, signal })),
  });
}

export function endMemberSession(id: string, session: string): Promise<void> {
  return done(client.DELETE('/v1/members/{id}/sessions/{session}', { params: { path: { id, session } } }));
}

export function endMemberSessions(id: string) {
  return unwrap(client.DELETE('/v1/members/{id}/sessions', { params: { path: { id } } }));
}
