import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Member, MemberAccess } from '../../api-types.ts';
import { memberAccessQuery } from '../../data/limits.ts';
import { rolesQuery } from '../../data/roles.ts';
import { useSession } from '../../data/session.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { shortTime } from '../../parts/time.ts';
import { permissionText } from '../../text/administration.ts';
import { limitsText as words } from '../../text/limits.ts';
import { scopeText } from '../roles/assignment-list.tsx';
import { organisationName } from '../roles/organisation-name.ts';
import { PermissionList } from '../roles/permission-list.tsx';
import { roleName } from '../roles/role-name.ts';
import { Boundary } from './boundary.tsx';
import { cutsOf, heldOf, type Stop } from './standing.ts';

/** The boundary of a person, what is cut of what their roles give, and what is left. */
export function MemberRights({ member }: { member: Member }) {
  const access = useQuery(memberAccessQuery(member.identity.id));
  if (access.isPending) return <RowsSkeleton rows={6} label={words.loading} />;
  if (access.isError) return <Failure error={access.error} retry={() => void access.refetch()} />;
  return (
    <div className="flex flex-col gap-8">
      <Boundary member={member} access={access.data} />
      <Cuts access={access.data} />
      <Held access={access.data} />
    </div>
  );
}

function Cuts({ access }: { access: MemberAccess }) {
  const roles = useQuery(rolesQuery);
  const session = useSession();
  const cuts = cutsOf(access.sources);
  const why = ({ code, organisation }: Stop) =>
    code === 'boundary'
      ? words.stops.boundary
      : words.stops[code](organisationName(organisation, session?.organisations) ?? words.above);
  if (cuts.length === 0)
    return (
      <Section title={words.cut}>
        <p className="text-ink-2">{words.cutNothing}</p>
      </Section>
    );
  return (
    <Section title={words.cut}>
      <p className="prose-width text-ink-2">{words.cutLead}</p>
      <ul className="border-t border-line">
        {cuts.map((cut) => (
          <li
            key={`${cut.permission} ${cut.stop.code} ${cut.stop.organisation}`}
            className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-2"
          >
            <p className="min-w-0 flex-1 basis-64">
              {permissionText[cut.permission] ?? cut.permission}{' '}
              <span className="text-ink-2">
                ({words.by(cut.roles.map((role) => roleName(role, roles.data?.items)).join(', '))})
              </span>
            </p>
            <p className="basis-80 text-held">
              {why(cut.stop)}
              {cut.stillHeld && <span className="text-ink-2">; {words.stillHeld}</span>}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Held({ access }: { access: MemberAccess }) {
  const held = heldOf(access.sources);
  const note = (permission: string): ReactNode => {
    const ways = (held.get(permission) ?? []).map((one) =>
      [
        one.scope === null ? '' : words.only(scopeText(one.scope).toLowerCase()),
        one.underCare ? words.care : '',
        one.until === null ? '' : words.until(shortTime(one.until)),
      ]
        .filter((part) => part !== '')
        .join(', '),
    );
    const said = [...new Set(ways)].filter((way) => way !== '');
    return said.length === 0 ? null : <span className="text-ink-2"> ({said.join('; ')})</span>;
  };
  return (
    <Section title={words.may}>
      {held.size === 0 && <p className="text-ink-2">{words.mayNothing}</p>}
      <PermissionList permissions={[...held.keys()]} note={note} />
    </Section>
  );
}
