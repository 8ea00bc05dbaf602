import { useQuery } from '@tanstack/react-query';
import { serviceAccountsQuery } from '../../data/machine-keys.ts';
import { useMemberNames } from '../../data/members.ts';
import { groupsQuery, rolesQuery } from '../../data/roles.ts';
import { pendingRequestQuery } from '../../data/safeguards.ts';
import { useMay } from '../../data/session.ts';
import { ssoConnectionsQuery } from '../../data/single-sign-on.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { secondPersonText as words } from '../../text/safeguards.ts';
import { fieldName, inWords } from './in-words.ts';

/** Ids among the values: of people perhaps, which those of other things are left out of. */
const UUID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g;

/** What an act asks for, line by line; people, groups, roles, rights and connections by their names. */
export function AskedFor({ id }: { id: string }) {
  const asked = useQuery(pendingRequestQuery(id));
  const ids = asked.data?.items.flatMap(({ value }) => value?.match(UUID) ?? []) ?? [];
  const { names, roles } = useNames(ids, asked.isSuccess);
  if (asked.isPending) return <RowsSkeleton rows={2} label={words.lookLoading} />;
  if (asked.isError) return <Failure error={asked.error} retry={() => void asked.refetch()} />;
  const { items } = asked.data;
  if (items.length === 0) return <p className="text-ink-2">{words.nothingAsked}</p>;
  const show = (name: string, value: string): string => {
    if (value === '') return words.empty;
    if (!name.endsWith('.codes')) return inWords(value, names, roles);
    return value
      .split(', ')
      .map((code) => words.codes[code] ?? code)
      .join('; ');
  };
  return (
    <Facts
      facts={items.map(({ name, value }) => [
        fieldName(name),
        value === null ? words.hidden : show(name, value),
      ])}
    />
  );
}

/** Names of what ids may stand for, as far as whoever looks may read them. */
function useNames(ids: readonly string[], asked: boolean) {
  const [seesPeople, seesRoles] = [useMay('members:read'), useMay('roles:read')];
  const [seesSignIn, seesKeys] = [useMay('sign-in:read'), useMay('api-keys:read')];
  const members = useMemberNames(ids, seesPeople && asked);
  const groups = useQuery({ ...groupsQuery, enabled: seesRoles });
  const roles = useQuery({ ...rolesQuery, enabled: seesRoles });
  const connections = useQuery({ ...ssoConnectionsQuery, enabled: seesSignIn });
  const accounts = useQuery({ ...serviceAccountsQuery, enabled: seesKeys });
  const names = new Map([
    ...members.names,
    ...[...(groups.data?.items ?? []), ...(connections.data?.items ?? [])].map(
      (one) => [one.id, one.name] as const,
    ),
    ...(accounts.data?.items ?? []).map((one) => [one.id, one.name] as const),
  ]);
  return { names, roles: roles.data?.items };
}
