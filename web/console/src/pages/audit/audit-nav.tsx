import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { auditStateQuery } from '../../data/administration.ts';
import { bringIntoSight } from '../../parts/bring-into-sight.ts';
import { relativeTime } from '../../parts/time.ts';
import { auditPages as words } from '../../text/audit.ts';
import { evidenceText } from '../../text/evidence.ts';

const PARTS = [
  { to: '/audit', label: words.parts.log },
  { to: '/audit/search', label: words.parts.search },
  { to: '/audit/person', label: words.parts.person },
  { to: '/audit/reviews', label: words.parts.reviews },
  { to: '/audit/evidence', label: evidenceText.part },
  { to: '/audit/settings', label: words.parts.settings },
] as const;

/** The pages of the audit log beside one another. */
export function AuditNav() {
  const list = useRef<HTMLElement>(null);
  // On a phone the list is wider than the screen: the page one is on is in sight.
  useEffect(() => {
    bringIntoSight(list.current?.querySelector('[aria-current="page"]'));
  }, []);
  return (
    <nav
      ref={list}
      aria-label={words.nav}
      className="no-print flex gap-1 overflow-x-auto border-b border-line"
    >
      {PARTS.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ className: 'border-action text-ink', 'aria-current': 'page' }}
          inactiveProps={{ className: 'border-transparent text-ink-2 hover:text-ink' }}
          className="-mb-px border-b-2 px-3 py-2 font-medium whitespace-nowrap focus-visible:-outline-offset-2"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** Whether the log was whole when it was last verified; always on show for those who may read it. */
export function TamperMark() {
  const state = useQuery({ ...auditStateQuery, refetchInterval: 60_000 });
  if (!state.data) return null;
  const last = state.data.lastVerification;
  if (last && !last.sound) {
    return (
      <p role="alert" className="px-2.5 pb-2 text-xs font-medium text-failed">
        <Link to="/audit" className="underline">
          {words.unsound}
        </Link>
      </p>
    );
  }
  return (
    <p className="px-2.5 pb-2 text-xs text-ink-2">
      {last ? words.sound(relativeTime(last.at)) : words.unverified}
    </p>
  );
}
