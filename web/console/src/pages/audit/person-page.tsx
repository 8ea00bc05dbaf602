import { useQuery } from '@tanstack/react-query';
import { UserSearch } from 'lucide-react';
import { useState } from 'react';
import { type PersonDay, personDaysQuery } from '../../data/audit.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { auditPages as words } from '../../text/audit.ts';
import { PersonChooser } from '../people/person-chooser.tsx';
import { actionWords } from './action-words.ts';
import { AuditNav } from './audit-nav.tsx';

const DAYS = 90;

/** What one person did, by day. */
export function AuditPersonPage() {
  const [actor, setActor] = useState('');
  return (
    <Page title={words.personTitle} lead={words.personLead}>
      <AuditNav />
      <div className="max-w-sm">
        <PersonChooser label={words.choose} value={actor} onChange={setActor} />
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
