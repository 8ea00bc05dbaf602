import { useQuery } from '@tanstack/react-query';
import type { AccessSubject } from '../../api-types.ts';
import { useMemberNames } from '../../data/members.ts';
import { groupsQuery } from '../../data/roles.ts';
import { useMay } from '../../data/session.ts';
import { careText as words } from '../../text/care.ts';

/** What the people and groups of a list are called. Without `members:read` people stay unnamed. */
export function useCarers(subjects: readonly AccessSubject[]): (subject: AccessSubject) => string {
  const mayPeople = useMay('members:read');
  const groups = useQuery(groupsQuery);
  const people = subjects.filter(({ kind }) => kind === 'identity').map(({ id }) => id);
  const { nameOf } = useMemberNames(people, mayPeople);
  return ({ kind, id }) =>
    kind === 'identity'
      ? nameOf(id)
      : (groups.data?.items.find((one) => one.id === id)?.name ?? words.unknown);
}
