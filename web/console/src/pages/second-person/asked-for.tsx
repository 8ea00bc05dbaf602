import { useQuery } from '@tanstack/react-query';
import { useMemberNames } from '../../data/members.ts';
import { groupsQuery, rolesQuery } from '../../data/roles.ts';
import { pendingRequestQuery } from '../../data/safeguards.ts';
import { useMay } from '../../data/session.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { secondPersonText as words } from '../../text/safeguards.ts';
import { inWords } from './in-words.ts';

/** Ids among the values: of people perhaps, which those of other things are left out of. */
const UUID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g;

/** What an act asks for, line by line; people, groups, roles and rights by their names. */
export function AskedFor({ id }: { id: string }) {
  const [seesPeople, seesRoles] = [useMay('members:read'), useMay('roles:read')];
  const asked = useQuery(pendingRequestQuery(id));
  const groups = useQuery({ ...groupsQuery, enabled: seesRoles });
  const ids = asked.data?.items.flatMap(({ value }) => value?.match(UUID) ?? []) ?? [];
  const members = useMemberNames(ids, seesPeople && asked.isSuccess);
  const roles = useQuery({ ...rolesQuery, enabled: seesRoles });
  if (asked.isPending) return <RowsSkeleton rows={2} label={words.lookLoading} />;
  if (asked.isError) return <Failure error={asked.error} retry={() => void asked.refetch()} />;
  const { items } = asked.data;
  if (items.length === 0) return <p className="text-ink-2">{words.nothingAsked}</p>;
  const names = new Map([
    ...members.names,
    ...(groups.data?.items ?? []).map((group) => [group.id, group.name] as const),
  ]);
  return (
    <Facts
      facts={items.map(({ name, value }) => [
        name.replace(/^(?:body|params|query)\./, ''),
        value === null ? words.hidden : value === '' ? words.empty : inWords(value, names, roles.data?.items),
      ])}
    />
  );
}
