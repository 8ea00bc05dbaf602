import { queryOptions, useQuery } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { Permission, Session } from '../api-types.ts';
import { takeSession } from '../send.ts';

/** Takes a session that sign-in, set-up or GET /v1/session answered. */
export function adoptSession(session: Session): Session {
  takeSession(session.csrf, `${session.identity.id} ${session.organisation.id}`);
  return session;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => adoptSession(await unwrap(client.GET('/v1/session', { signal }))),
  staleTime: 60_000,
  retry: false,
});

/** Goes on in another of the person's organisations; everything that was read belongs to the one before. */
export function workFor(organisation: string): Promise<void> {
  return done(client.PATCH('/v1/session', { body: { organisation } }));
}

/** Tells the server that somebody is still there. */
export function staySignedIn(): Promise<Session> {
  return unwrap(client.GET('/v1/session')).then(adoptSession);
}

/** The session of a page behind sign-in: the route's guard has loaded it already. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data;
}

/** Whether the caller holds a permission, be it for single things only; the server decides in any case, this only spares useless buttons. */
export function useMay(permission: Permission): boolean {
  const session = useSession();
  return session !== undefined && [...session.permissions, ...session.scoped].includes(permission);
}
