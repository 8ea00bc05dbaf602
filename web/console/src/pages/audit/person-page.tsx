import { useQuery } from '@tanstack/react-query';
import { UserSearch } from 'lucide-react';
import { useState } from 'react';
import { membersQuery } from '../../data/administration.ts';
import { type PersonDay, personDaysQuery } from '../../data/audit.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { auditPages as words } from '../../text/audit.ts';
import { actionWords } from './action-words.ts';
import { AuditNav } from './audit-nav.tsx';

const DAYS = 90;

/** What one person did, by day. */
export function AuditPersonPage() {
  const members = useQuery(membersQuery);
  const [actor, setActor] = useState('');
  const choices =
    members.data?.items.map((one) => ({ value: one.identity.id, label: one.identity.displayName })) ?? [];
  return (
    <Page title={words.personTitle} lead={words.personLead}>
      <AuditNav />
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
      <div className="max-w-sm">
        <Choice
          label={words.choose}
          value={actor}
          choices={[{ value: '', label: '' }, ...choices]}
          onChange={(event) => setActor(event.target.value)}
        />
      </div>
      {actor !== '' && <Days key={actor} actor={actor} />}
    </Page>
  );
}

function Days({ actor }: { actor: string }) {
  const [since] = useState(() => new Date(Date.now() - DAYS * 86_400_000).toISOString());
  const days = useQuery(personDaysQuery(actor, since));
  if (days.isError) return <Failure error={days.error} retry={() => void days.refetch()} />;
  if (!days.data) return <RowsSkeleton rows={5} label={words.loading} />;
  if (days.data.days.length === 0) return <Empty icon={<UserSearch />} title={words.nothing} />;
  return (
    <>
      {!days.data.whole && <p className="text-held">{words.notWhole}</p>}
      <ol className="border-t border-line">
        {days.data.days.map((day) => (
          <Day key={day.day} day={day} />
        ))}
      </ol>
    </>
  );
}

function Day({ day }: { day: PersonDay }) {
  return (
    <li className="grid gap-x-6 gap-y-1 border-b border-line py-3 md:grid-cols-[8rem_8rem_14rem_1fr]">
      <p className="font-medium tabular-nums">{day.day}</p>
      <p>
        {words.acts}: {day.acts}
        {day.refused > 0 && (
          <span className="block text-held">
            {words.refused}: {day.refused}
          </span>
        )}
      </p>
      <p className="text-ink-2">
        <When time={day.first} /> – <When time={day.last} />
      </p>
      <div>
        {day.unusual.map((one) => (
          <p key={one} className="font-medium text-held">
            {words.unusual[one]}
          </p>
        ))}
        <p>
          {day.actions
            .slice(0, 6)
            .map(({ action, count }) => `${actionWords(action)} (${count})`)
            .join('; ')}
        </p>
        <p className="text-ink-2">
          {words.networks}: {day.networks.join(', ')}
        </p>
      </div>
    </li>
  );
}
