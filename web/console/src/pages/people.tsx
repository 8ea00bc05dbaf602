import { useQuery } from '@tanstack/react-query';
import { membersQuery } from '../data/administration.ts';
import { RowsSkeleton } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { settingsText } from '../text/administration.ts';

const words = settingsText.people;

export function PeoplePage() {
  const members = useQuery(membersQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {members.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
      {members.data && (
        <ul className="border-t border-line">
          {members.data.items.map((member) => (
            <li
              key={member.identity.id}
              className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3"
            >
              <div className="min-w-0 flex-1 basis-64">
                <p className="font-medium">{member.identity.displayName}</p>
                <p className="text-ink-2 [overflow-wrap:anywhere]">{member.identity.address}</p>
              </div>
              <p className="basis-40">{member.roles.map((role) => words.roles[role] ?? role).join(', ')}</p>
              <p className="basis-44 text-ink-2">
                {member.factors.map((factor) => words.factorNames[factor]).join(', ')}
              </p>
              <p className="text-ink-2">
                {words.since} <When time={member.createdAt} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
