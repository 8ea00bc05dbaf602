import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { unusedQuery } from '../../data/roles.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { localDay } from '../../parts/time.ts';
import { rolesText as words } from '../../text/roles.ts';
import { PermissionList } from './permission-list.tsx';

/** What people hold and did not use. */
export function UnusedTab() {
  const [days, setDays] = useState(90);
  const report = useInfiniteQuery(unusedQuery(days));
  const people = report.data?.pages.flatMap((page) => page.items) ?? [];
  const since = report.data?.pages[0]?.countedSince ?? null;
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width text-ink-2">{words.unusedLead}</p>
      <div className="max-w-56">
        <Choice
          label={words.days}
          value={String(days)}
          onChange={(event) => setDays(Number(event.target.value))}
          choices={words.dayChoices}
        />
      </div>
      {report.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {report.isError && <Failure error={report.error} retry={() => void report.refetch()} />}
      {report.data && (
        <p className="text-ink-2">
          {since === null ? words.countedNever : `${words.countedSince} ${localDay(since)}`}
        </p>
      )}
      {people.length > 0 && (
        <ul className="border-t border-line">
          {people.map(({ identity, held, unused }) => (
            <li key={identity.id} className="border-b border-line py-3">
              <p className="font-medium">{identity.displayName}</p>
              {unused.length === 0 ? (
                <p className="text-ink-2">{words.usesAll}</p>
              ) : (
                <details>
                  <summary className="cursor-pointer text-ink-2">
                    {words.unusedOf(unused.length, held)}
                  </summary>
                  <PermissionList permissions={unused} />
                </details>
              )}
            </li>
          ))}
        </ul>
      )}
      {report.hasNextPage && (
        <Button
          className="self-start"
          busy={report.isFetchingNextPage}
          onClick={() => void report.fetchNextPage()}
        >
          {words.more}
        </Button>
      )}
    </div>
  );
}
