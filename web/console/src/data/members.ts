import { infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { Member, Role } from '../api-types.ts';
import { peopleText } from '../text/people.ts';

/** So many people stand in a plain list to choose from; of more, the wanted one is searched. The API gives as many at once. */
const FEW = 50;

/** All queries about members begin so: to be made stale after a change. */
export const MEMBERS = ['members'] as const;

/** The first people; with `next` null these are all. */
export const firstMembersQuery = queryOptions({
  queryKey: [...MEMBERS, 'first'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/members', { params: { query: { limit: FEW } }, signal })),
});

export const memberPagesQuery = infiniteQueryOptions({
  queryKey: [...MEMBERS, 'pages'],
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: FEW, ...(pageParam === null ? {} : { cursor: pageParam }) };
    return unwrap(client.GET('/v1/members', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

/** People by beginnings of words of their name or address; what is typed is posted. */
export function foundMembersQuery(text: string) {
  return queryOptions({
    queryKey: [...MEMBERS, 'found', text],
    queryFn: ({ signal }) =>
      unwrap(client.POST('/v1/members/search', { body: { text, limit: FEW }, signal })),
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** Those of the ids who are members now. */
export function namedMembersQuery(ids: readonly string[]) {
  const wanted = [...new Set(ids)].sort();
  return queryOptions({
    queryKey: [...MEMBERS, 'named', wanted],
    queryFn: async ({ signal }) => {
      const found: Member[] = [];
      for (let at = 0; at < wanted.length; at += FEW) {
        const body = { ids: wanted.slice(at, at + FEW) };
        found.push(...(await unwrap(client.POST('/v1/members/search', { body, signal }))).items);
      }
      return found;
    },
    placeholderData: keepPreviousData,
  });
}

interface MemberNames {
  readonly names: ReadonlyMap<string, string>;
  /** The name, or words for somebody who is no member; a mark while it is not known yet. */
  readonly nameOf: (id: string) => string;
}

/** What people are called; only those are asked for that do not stand among the first. */
export function useMemberNames(ids: readonly string[], enabled = true): MemberNames {
  const first = useQuery({ ...firstMembersQuery, enabled });
  const known = new Set(first.data?.items.map(({ identity }) => identity.id));
  const missing = first.data && first.data.next !== null ? ids.filter((id) => !known.has(id)) : [];
  const named = useQuery({ ...namedMembersQuery(missing), enabled: missing.length > 0 });
  const members = [...(first.data?.items ?? []), ...(missing.length > 0 ? (named.data ?? []) : [])];
  const names = new Map(members.map(({ identity }) => [identity.id, identity.displayName]));
  const asked = first.isLoading || (missing.length > 0 && (named.isLoading || named.isPlaceholderData));
  return { names, nameOf: (id) => names.get(id) ?? (asked ? '…' : peopleText.left) };
}

export interface NewMember {
  address: string;
  displayName: string;
  roles: Role[];
}

export function addMember(member: NewMember) {
  return unwrap(client.POST('/v1/members', { body: member }));
}

export function removeMember(id: string): Promise<void> {
  return done(client.DELETE('/v1/members/{id}', { params: { path: { id } } }));
}
