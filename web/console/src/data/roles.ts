import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { AccessScope, AccessSubject, Permission, Role } from '../api-types.ts';

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/roles', { signal })),
});

export interface WrittenRole {
  name: string;
  description: string;
  permissions: Permission[];
  careOnly: boolean;
}

/** Makes a role, or changes the one with this id. */
export async function saveRole(id: string | null, role: WrittenRole): Promise<void> {
  if (id === null) await unwrap(client.POST('/v1/roles', { body: role }));
  else await done(client.PUT('/v1/roles/{id}', { params: { path: { id } }, body: role }));
}

export function removeRole(id: string): Promise<void> {
  return done(client.DELETE('/v1/roles/{id}', { params: { path: { id } } }));
}

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/groups', { params: { query: { limit: 200 } }, signal })),
});

export function createGroup(name: string) {
  return unwrap(client.POST('/v1/groups', { body: { name } }));
}

export function removeGroup(id: string): Promise<void> {
  return done(client.DELETE('/v1/groups/{id}', { params: { path: { id } } }));
}

export function groupMembersQuery(id: string) {
  return queryOptions({
    queryKey: ['group-members', id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/v1/groups/{id}/members', { params: { path: { id }, query: { limit: 200 } }, signal }),
      ),
  });
}

export function addToGroup(id: string, identity: string): Promise<void> {
  return done(client.PUT('/v1/groups/{id}/members/{identity}', { params: { path: { id, identity } } }));
}

export function takeOutOfGroup(id: string, identity: string): Promise<void> {
  return done(client.DELETE('/v1/groups/{id}/members/{identity}', { params: { path: { id, identity } } }));
}

export function assignmentsQuery(subject: string) {
  return queryOptions({
    queryKey: ['role-assignments', subject],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/role-assignments', { params: { query: { subject, limit: 200 } }, signal })),
  });
}

export interface NewAssignment {
  subject: AccessSubject;
  role: string;
  scope: AccessScope | null;
  expiresAt: string | null;
}

export function giveRole(wanted: NewAssignment) {
  // A ready role's name or an id: the server knows which it is.
  return unwrap(client.POST('/v1/role-assignments', { body: { ...wanted, role: wanted.role as Role } }));
}

export function endAssignment(id: string): Promise<void> {
  return done(client.DELETE('/v1/role-assignments/{id}', { params: { path: { id } } }));
}

export function setMemberRoles(id: string, roles: readonly string[]): Promise<void> {
  return done(
    client.PUT('/v1/members/{id}/roles', { params: { path: { id } }, body: { roles: roles as Role[] } }),
  );
}

export interface AccessQuestion {
  identity: string;
  permission: Permission;
  scope: AccessScope | null;
}

export function explainAccess(question: AccessQuestion) {
  return unwrap(client.POST('/v1/access/explain', { body: question }));
}

export function unusedQuery(days: number) {
  return infiniteQueryOptions({
    queryKey: ['unused-permissions', days],
    queryFn: ({ pageParam, signal }) => {
      const query = { days, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(client.GET('/v1/access/unused', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
