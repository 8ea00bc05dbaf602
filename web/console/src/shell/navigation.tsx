import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect, useId, useRef } from 'react';
import type { Session } from '../api-types.ts';
import { incidentCountQuery } from '../data/monitoring.ts';
import { bringIntoSight } from '../parts/bring-into-sight.ts';
import { monitoringText } from '../text/monitoring.ts';
import { shell } from '../text/shell.ts';
import { type Destination, destinationsFor, GROUPS } from './destinations.ts';

/** The list of pages under its headings; used by the side bar and, on a phone, by the drawer. */
export function Navigation({ session, onGo }: { session: Session; onGo?: () => void }) {
  const all = destinationsFor(session);
  const list = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // The list is longer than most screens: where it starts, the page one is on is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place in the list
  useEffect(() => {
    bringIntoSight(list.current?.querySelector('[aria-current="page"]'));
  }, [path]);
  return (
    <nav ref={list} aria-label={shell.navigation} className="flex flex-col gap-4">
      {GROUPS.map((group) => {
        const destinations = all.filter((one) => one.group === group);
        return destinations.length === 0 ? null : (
          <Part key={group} group={group} destinations={destinations} onGo={onGo} />
        );
      })}
    </nav>
  );
}

/** A screen reader names each list by its heading; that of the daily work, which stands first, is not drawn. */
function Part({
  group,
  destinations,
  onGo,
}: {
  group: Destination['group'];
  destinations: readonly Destination[];
  onGo: (() => void) | undefined;
}) {
  const heading = useId();
  return (
    <div>
      <p id={heading} className={group === 'work' ? 'sr-only' : 'mb-1 px-2.5 text-xs font-medium text-ink-2'}>
        {shell.groups[group]}
      </p>
      <ul aria-labelledby={heading} className="flex flex-col gap-0.5">
        {destinations.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              {...(onGo ? { onClick: onGo } : {})}
              activeOptions={{ exact: to === '/' }}
              activeProps={{
                className: 'bg-action-soft text-action font-semibold',
                'aria-current': 'page',
              }}
              inactiveProps={{ className: 'text-ink hover:bg-paper-3' }}
              className="flex min-h-9 items-center gap-2.5 rounded-md px-2.5 py-1.5 md:min-h-8 md:py-1"
            >
              <Icon aria-hidden="true" className="size-4 shrink-0" />
              {label}
              {to === '/incidents' && <OpenIncidents />}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How many incidents nobody has acknowledged yet; nothing where there are none. */
function OpenIncidents() {
  const { data } = useQuery(incidentCountQuery);
  if (!data || data.unanswered === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-failed-soft px-1.5 text-xs font-semibold text-failed">
      <span aria-hidden="true">{data.unanswered}</span>
      <span className="sr-only">{monitoringText.incidents.count(data.unanswered)}</span>
    </span>
  );
}
