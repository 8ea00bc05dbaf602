import { useQuery } from '@tanstack/react-query';
import type { AccessSubject } from '../../api-types.ts';
import { membersQuery } from '../../data/administration.ts';
import { groupsQuery } from '../../data/roles.ts';
import { useMay } from '../../data/session.ts';
import { careText as words } from '../../text/care.ts';

interface Carer {
  readonly id: string;
  readonly name: string;
}

/** People and groups that can be named, and what an id of either is called. Without `members:read` people stay unnamed. */
export function useCarers() {
  const mayPeople = useMay('members:read');
  const members = useQuery({ ...membersQuery, enabled: mayPeople });
  const groups = useQuery(groupsQuery);
  const people: readonly Carer[] = (members.data?.items ?? []).map(({ identity }) => ({
    id: identity.id,
    name: identity.displayName,
  }));
  const teams: readonly Carer[] = groups.data?.items ?? [];
  const nameOf = ({ kind, id }: AccessSubject): string =>
    (kind === 'group' ? teams : people).find((one) => one.id === id)?.name ?? words.unknown;
  return { people, teams, nameOf };
}
